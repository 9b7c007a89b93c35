-- Reading and writing single messages.

-- name: newest_messages
-- Newest first; keyset by (created_at, id), the first page starts at 'infinity'.
SELECT * FROM message_overview
WHERE account_id = $1::bigint AND conversation_id = $2::bigint AND (created_at, id) < ($3::timestamptz, $4::bigint)
ORDER BY created_at DESC, id DESC LIMIT $5::bigint OFFSET $6::bigint;

-- name: messages_after
SELECT * FROM message_overview
WHERE account_id = $1::bigint AND conversation_id = $2::bigint AND (created_at, id) > ($3::timestamptz, $4::bigint)
ORDER BY created_at, id LIMIT $5::bigint OFFSET $6::bigint;

-- name: message_position
SELECT created_at FROM chat_messages WHERE account_id = $1::bigint AND conversation_id = $2::bigint AND id = $3::bigint;

-- name: message_by_client_id
SELECT id, conversation_id, status, whatsapp_message_id, request_hash = $3::bytea AS same_request, error_code, error_title,
       error_details
FROM chat_messages WHERE account_id = $1::bigint AND client_message_id = $2::text;

-- name: message_outcome
SELECT id, conversation_id, status, whatsapp_message_id, error_code, error_title, error_details
FROM chat_messages WHERE account_id = $1::bigint AND id = $2::bigint;

-- name: store_outgoing
-- A reply, its place in the outbox (unless it cannot be sent), the conversation's new head, and the event: together.
WITH stored AS (
    INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, media_id, is_read, status,
                               queued_at, client_message_id, request_hash, sent_by, payload, reply_to_whatsapp_message_id)
    SELECT $1::bigint, $2::bigint, 'agent', $3::text, $4::text, $5::bigint, true, $6::message_status, now(), $7::text,
           $8::bytea, $9::uuid, $13::jsonb, $14::text
    -- Not when somebody else's message came after the newest that the sender had seen.
    WHERE NOT EXISTS (SELECT FROM chat_messages n WHERE n.account_id = $1::bigint AND n.conversation_id = $2::bigint
                      AND n.created_at > (SELECT s.created_at - interval '1 day' FROM chat_messages s
                                          WHERE s.account_id = $1::bigint AND s.id = $12::bigint)
                      AND n.id > $12::bigint AND n.sent_by IS DISTINCT FROM $9::uuid)
    ON CONFLICT (account_id, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING
    RETURNING id, created_at
), queued AS (
    INSERT INTO outbox (account_id, conversation_id, message_id, phone_number_id, recipient)
    SELECT $1::bigint, $2::bigint, s.id, $10::text, $11::text FROM stored s WHERE $6::message_status = 'queued'
), moved AS (
    UPDATE chat_conversations c SET last_message_id = s.id, last_message_at = greatest(c.last_message_at, s.created_at)
    FROM stored s WHERE c.account_id = $1::bigint AND c.id = $2::bigint
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM stored)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.created', $2::bigint, s.id FROM counted c, stored s
)
SELECT id, created_at FROM stored;

-- name: store_outgoing_reaction
-- Sent like a message, but no line of the thread: what changes is the message that it is put on, at once.
WITH stored AS (
    INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, is_read, status, queued_at,
                               client_message_id, request_hash, sent_by, hidden, payload)
    SELECT $1::bigint, $2::bigint, 'agent', $3::text, 'reaction', true, $5::message_status, now(), $6::text, $7::bytea,
           $8::uuid, true,
           jsonb_build_object('type', 'reaction', 'reaction', jsonb_build_object('message_id', $4::text, 'emoji', $3::text))
    ON CONFLICT (account_id, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING
    RETURNING id, created_at
), queued AS (
    INSERT INTO outbox (account_id, conversation_id, message_id, phone_number_id, recipient)
    SELECT $1::bigint, $2::bigint, s.id, $9::text, $10::text FROM stored s WHERE $5::message_status = 'queued'
), shown AS (
    INSERT INTO message_reactions AS r (account_id, message_id, sender, contact_id, emoji, reacted_at)
    SELECT $1::bigint, $11::bigint, 'agent', 0, $3::text, s.created_at FROM stored s
    ON CONFLICT (account_id, message_id, sender, contact_id) DO UPDATE
        SET emoji = excluded.emoji, reacted_at = excluded.reacted_at
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM stored)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.reaction', $2::bigint, $11::bigint FROM counted c
)
SELECT id FROM stored;

-- name: message_versions
SELECT message, replaced_at FROM message_versions
WHERE account_id = $1::bigint AND message_id = $2::bigint ORDER BY replaced_at LIMIT 100;

-- name: message
SELECT * FROM message_overview WHERE account_id = $1::bigint AND id = $2::bigint;

-- name: requeue_message
-- An agent's explicit second try: the message starts anew, its earlier tries stay in send_attempts. A report about an earlier
-- try finds nothing any more.
WITH target AS (
    SELECT m.id, m.conversation_id, c.phone_number_id, c.customer_phone
    FROM chat_messages m JOIN chat_conversations c ON c.account_id = m.account_id AND c.id = m.conversation_id
    WHERE m.account_id = $1::bigint AND m.id = $2::bigint AND m.sender = 'agent' AND m.status::text = ANY ($3::text[])
), reopened AS (
    INSERT INTO outbox AS o (account_id, conversation_id, message_id, phone_number_id, recipient)
    SELECT $1::bigint, conversation_id, id, phone_number_id, customer_phone FROM target
    ON CONFLICT (account_id, message_id) DO UPDATE SET state = 'pending', available_at = now(), created_at = now(),
        settled_at = NULL, recipient = excluded.recipient
        WHERE o.state IN ('failed', 'unknown', 'sent')
    RETURNING message_id
), changed AS (
    UPDATE chat_messages m SET status = 'queued', queued_at = now(), whatsapp_message_id = NULL, sent_at = NULL,
        failed_at = NULL, error_code = NULL, error_title = NULL, error_details = NULL
    FROM reopened r WHERE m.account_id = $1::bigint AND m.id = r.message_id
    RETURNING m.id, m.conversation_id
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.status', h.conversation_id, h.id FROM counted c, changed h
)
SELECT id FROM changed;

-- name: confirm_sent
-- An agent knows that a message of unknown outcome arrived.
WITH changed AS (
    UPDATE chat_messages SET status = 'sent', sent_at = coalesce(sent_at, now())
    WHERE account_id = $1::bigint AND id = $2::bigint AND status = 'unknown'
    RETURNING id, conversation_id
), settled AS (
    UPDATE outbox o SET state = 'sent' FROM changed h
    WHERE o.account_id = $1::bigint AND o.message_id = h.id AND o.state = 'unknown'
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.status', h.conversation_id, h.id FROM counted c, changed h
)
SELECT id FROM changed;
