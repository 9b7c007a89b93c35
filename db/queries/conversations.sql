-- Reading conversations. Lists are paged by key, (last_message_at, id): the first page starts at 'infinity'. The indexes know
-- the minute (active_minute), which follows from the key; within it rows are sorted.

-- name: recent_conversations
SELECT * FROM conversation_overview
WHERE account_id = $1::bigint AND (last_message_at, id) < ($2::timestamptz, $3::bigint)
    AND active_minute <= $2::timestamptz
ORDER BY active_minute DESC, last_message_at DESC, id DESC LIMIT $4::bigint OFFSET $5::bigint;

-- name: recent_conversations_of_number
SELECT * FROM conversation_overview
WHERE account_id = $1::bigint AND (last_message_at, id) < ($2::timestamptz, $3::bigint)
    AND active_minute <= $2::timestamptz AND phone_number_id = $6::text
ORDER BY active_minute DESC, last_message_at DESC, id DESC LIMIT $4::bigint OFFSET $5::bigint;

-- name: unread_conversations
SELECT * FROM conversation_overview
WHERE account_id = $1::bigint AND (last_message_at, id) < ($2::timestamptz, $3::bigint)
    AND active_minute <= $2::timestamptz AND has_unread
    AND ($6::text = '' OR phone_number_id = $6::text)
ORDER BY active_minute DESC, last_message_at DESC, id DESC LIMIT $4::bigint OFFSET $5::bigint;

-- name: search_conversations
-- By a part of the name or of the number; $7 is a LIKE pattern.
SELECT * FROM conversation_overview
WHERE account_id = $1::bigint AND (last_message_at, id) < ($2::timestamptz, $3::bigint)
    AND active_minute <= $2::timestamptz
    AND ($6::text = '' OR phone_number_id = $6::text) AND (customer_name ILIKE $7::text OR customer_phone LIKE $7::text)
    AND ($8::bool IS FALSE OR has_unread)
ORDER BY active_minute DESC, last_message_at DESC, id DESC LIMIT $4::bigint OFFSET $5::bigint;

-- name: conversation
SELECT * FROM conversation_overview WHERE account_id = $1::bigint AND id = $2::bigint;

-- name: merged_into
-- Where a conversation went that was merged, when its database was adopted or with its contact.
SELECT kept_id FROM kept_conversation($1::bigint, $2::bigint) AS kept_id WHERE kept_id IS NOT NULL;

-- name: lock_account
-- Whoever writes an event begins with this, so here is where those who wait for events are told of the commit (once: equal
-- notifications of a transaction are one).
SELECT id, pg_notify('parley_events', id::text) FROM accounts WHERE id = $1::bigint FOR NO KEY UPDATE;

-- name: mark_conversation_read
WITH marked AS (
    UPDATE chat_messages m SET is_read = true FROM chat_conversations c
    WHERE c.account_id = $1::bigint AND c.id = $2::bigint AND m.account_id = c.account_id AND m.conversation_id = c.id
        AND m.created_at >= coalesce(c.unread_since, CASE WHEN c.unread_count > 0 THEN '-infinity'::timestamptz END)
        AND m.sender = 'customer' AND NOT m.is_read
    RETURNING m.id
), changed AS (
    UPDATE chat_conversations SET unread_count = 0, unread_since = NULL
    WHERE account_id = $1::bigint AND id = $2::bigint AND (unread_count > 0 OR EXISTS (SELECT FROM marked))
    RETURNING id
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT $1::bigint, c.event_offset, 'conversation.read', $2::bigint FROM counted c;

-- name: conversation_of_customer
-- $3 is the digits of a number or a user id, $4 other spellings of the number: whoever is known by one of these is meant
-- when nobody is known by the number itself.
SELECT n.contact_id, c.id AS conversation_id, n.value AS address,
       n.value = $3::text AS exact
FROM contact_identities n
LEFT JOIN chat_conversations c ON c.account_id = n.account_id AND c.contact_id = n.contact_id AND c.phone_number_id = $2::text
WHERE n.account_id = $1::bigint AND n.kind IN ('wa_id', 'user_id') AND (n.value = $3::text OR n.value = ANY ($4::text[]))
ORDER BY n.value = $3::text DESC, c.id NULLS LAST, n.created_at LIMIT 1;
