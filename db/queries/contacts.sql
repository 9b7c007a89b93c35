-- People: who they are, what agents call them, and two that are one. Whoever writes here holds the account's row
-- (lock_account).

-- name: contact
SELECT k.id, k.kind, k.given_name, k.name AS profile_name, k.blocked_at, k.merged_into,
       coalesce(nullif(k.given_name, ''), nullif(k.name, ''),
                (SELECT '@' || ltrim(n.value, '@') FROM contact_identities n
                 WHERE n.account_id = k.account_id AND n.contact_id = k.id AND n.kind = 'username'
                 ORDER BY n.created_at DESC, n.value LIMIT 1), '') AS title
FROM contacts k WHERE k.account_id = $1::bigint AND k.id = $2::bigint;

-- name: kept_contact
-- Whom a contact is part of by now: itself when it was never merged.
WITH RECURSIVE trail (id, merged_into, step) AS (
    SELECT id, merged_into, 0 FROM contacts WHERE account_id = $1::bigint AND id = $2::bigint
    UNION ALL
    SELECT k.id, k.merged_into, t.step + 1 FROM trail t JOIN contacts k ON k.account_id = $1::bigint AND k.id = t.merged_into
    WHERE t.step < 100
)
SELECT id FROM trail WHERE merged_into IS NULL;

-- name: contact_identities
SELECT kind, value FROM contact_identities WHERE account_id = $1::bigint AND contact_id = $2::bigint
ORDER BY array_position(ARRAY['wa_id', 'group_id', 'username', 'user_id', 'parent_user_id'], kind), created_at DESC, value
LIMIT 200;

-- name: contact_conversations
SELECT id, phone_number_id, customer_phone, last_message_at, last_incoming_at FROM chat_conversations
WHERE account_id = $1::bigint AND contact_id = $2::bigint ORDER BY last_message_at DESC, id DESC LIMIT 200;

-- name: contact_merges
SELECT id, merged_at, name FROM contact_merges
WHERE account_id = $1::bigint AND contact_id = $2::bigint AND undone_at IS NULL ORDER BY id DESC LIMIT 200;

-- name: search_contacts
-- Persons by a part of a name or of an address; $2 is a LIKE pattern, $3 one for addresses.
SELECT k.id,
       coalesce(nullif(k.given_name, ''), nullif(k.name, ''),
                (SELECT '@' || ltrim(n.value, '@') FROM contact_identities n
                 WHERE n.account_id = k.account_id AND n.contact_id = k.id AND n.kind = 'username'
                 ORDER BY n.created_at DESC, n.value LIMIT 1), '') AS title,
       coalesce((SELECT n.value FROM contact_identities n
                 WHERE n.account_id = k.account_id AND n.contact_id = k.id AND n.kind = 'wa_id'
                 ORDER BY n.created_at DESC, n.value LIMIT 1), '') AS phone
FROM contacts k
WHERE k.account_id = $1::bigint AND k.kind = 'person' AND k.merged_into IS NULL
    AND (k.given_name ILIKE $2::text OR k.name ILIKE $2::text
         OR EXISTS (SELECT FROM contact_identities n WHERE n.account_id = k.account_id AND n.contact_id = k.id
                    AND n.value ILIKE $3::text))
ORDER BY title, k.id LIMIT $4::bigint;

-- name: rename_contact
WITH renamed AS (
    UPDATE contacts SET given_name = $3::text WHERE account_id = $1::bigint AND id = $2::bigint AND given_name <> $3::text
    RETURNING id
), shown AS (
    SELECT c.id FROM chat_conversations c JOIN renamed r ON c.contact_id = r.id WHERE c.account_id = $1::bigint
), counted AS (
    UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM shown)
    WHERE id = $1::bigint RETURNING event_offset - (SELECT count(*) FROM shown) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY s.id), 'conversation.updated', s.id FROM counted c, shown s;

-- name: set_contact_blocked
-- Also of those who were merged into it, should they leave it again.
WITH changed AS (
    UPDATE contacts SET blocked_at = CASE WHEN $3::bool THEN coalesce(blocked_at, now()) END
    WHERE account_id = $1::bigint AND (id = $2::bigint OR merged_into = $2::bigint)
), shown AS (
    SELECT id FROM chat_conversations WHERE account_id = $1::bigint AND contact_id = $2::bigint
), counted AS (
    UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM shown)
    WHERE id = $1::bigint RETURNING event_offset - (SELECT count(*) FROM shown) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY s.id), 'conversation.updated', s.id FROM counted c, shown s;

-- name: learn_alias
-- Another address of a conversation's customer, unless somebody has it.
INSERT INTO contact_identities (account_id, kind, value, contact_id)
SELECT c.account_id, 'wa_id', $3::text, c.contact_id
FROM chat_conversations c JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id AND k.kind = 'person'
WHERE c.account_id = $1::bigint AND c.id = $2::bigint
ON CONFLICT DO NOTHING;

-- name: is_address_of_contact
SELECT n.value FROM contact_identities n
WHERE n.account_id = $1::bigint AND n.contact_id = $2::bigint AND n.kind IN ('wa_id', 'user_id') AND n.value = ANY ($3::text[])
LIMIT 1;

-- Merging. The statements up to close_merge are one transaction; $1 is the account, $2 the merge.

-- name: open_merge
-- $2 stays, $3 goes into it.
INSERT INTO contact_merges (account_id, contact_id, merged_contact_id, merged_by, name, block_taken)
SELECT k.account_id, k.id, o.id, $4::uuid,
       coalesce(nullif(o.given_name, ''), nullif(o.name, ''),
                (SELECT n.value FROM contact_identities n WHERE n.account_id = o.account_id AND n.contact_id = o.id
                 ORDER BY array_position(ARRAY['username', 'wa_id', 'user_id'], n.kind), n.created_at DESC LIMIT 1), ''),
       CASE WHEN k.blocked_at IS NULL THEN o.blocked_at END
FROM contacts k JOIN contacts o ON o.account_id = k.account_id AND o.id = $3::bigint
WHERE k.account_id = $1::bigint AND k.id = $2::bigint
RETURNING id;

-- name: merge_identities
WITH merge AS (
    SELECT contact_id, merged_contact_id FROM contact_merges WHERE account_id = $1::bigint AND id = $2::bigint
), moved AS (
    UPDATE contact_identities n SET contact_id = g.contact_id FROM merge g
    WHERE n.account_id = $1::bigint AND n.contact_id = g.merged_contact_id
    RETURNING n.kind, n.value
)
INSERT INTO merged_identities (account_id, merge_id, kind, value) SELECT $1::bigint, $2::bigint, kind, value FROM moved;

-- name: note_folded_conversations
INSERT INTO merged_conversations (account_id, merge_id, conversation_id, kept_id, original, kept_original)
SELECT $1::bigint, $2::bigint, o.id, k.id, to_jsonb(o), to_jsonb(k)
FROM contact_merges g
JOIN chat_conversations o ON o.account_id = g.account_id AND o.contact_id = g.merged_contact_id
JOIN chat_conversations k ON k.account_id = g.account_id AND k.contact_id = g.contact_id AND k.phone_number_id = o.phone_number_id
WHERE g.account_id = $1::bigint AND g.id = $2::bigint;

-- name: move_conversations
-- Those whose business number the other contact never spoke with.
WITH moved AS (
    UPDATE chat_conversations o SET contact_id = g.contact_id FROM contact_merges g
    WHERE g.account_id = $1::bigint AND g.id = $2::bigint AND o.account_id = $1::bigint AND o.contact_id = g.merged_contact_id
        AND NOT EXISTS (SELECT FROM merged_conversations f
                        WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint AND f.conversation_id = o.id)
    RETURNING to_jsonb(o) AS original, o.id
)
INSERT INTO merged_conversations (account_id, merge_id, conversation_id, original)
SELECT $1::bigint, $2::bigint, id, original FROM moved;

-- name: fold_messages
WITH moved AS (
    UPDATE chat_messages m SET conversation_id = f.kept_id FROM merged_conversations f
    WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint AND f.kept_id IS NOT NULL
        AND m.account_id = $1::bigint AND m.conversation_id = f.conversation_id
    RETURNING m.id, f.conversation_id, f.kept_id
), queued AS (
    UPDATE outbox o SET conversation_id = m.kept_id FROM moved m WHERE o.account_id = $1::bigint AND o.message_id = m.id
)
INSERT INTO merged_messages (account_id, merge_id, message_id, conversation_id)
SELECT $1::bigint, $2::bigint, id, conversation_id FROM moved;

-- name: move_reactions
-- From whom $3 to whom $4, in what was moved.
UPDATE message_reactions r SET contact_id = $4::bigint
FROM merged_conversations f JOIN chat_messages m ON m.account_id = f.account_id AND m.conversation_id = f.conversation_id
WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint
    AND r.account_id = $1::bigint AND r.message_id = m.id AND r.sender = 'customer' AND r.contact_id = $3::bigint
    AND NOT EXISTS (SELECT FROM message_reactions o WHERE o.account_id = r.account_id AND o.message_id = r.message_id
                    AND o.sender = 'customer' AND o.contact_id = $4::bigint);

-- name: fold_conversations
-- The kept conversation is as if it had always been the only one; replies go to where the customer wrote from last.
UPDATE chat_conversations c SET
    unread_count = c.unread_count + o.unread_count,
    unread_since = least(c.unread_since, o.unread_since),
    last_incoming_at = greatest(c.last_incoming_at, o.last_incoming_at),
    last_message_id = CASE WHEN o.newer THEN o.last_message_id ELSE c.last_message_id END,
    last_message_at = CASE WHEN o.newer THEN o.last_message_at ELSE c.last_message_at END,
    customer_phone = CASE WHEN o.last_incoming_at > coalesce(c.last_incoming_at, '-infinity') THEN o.customer_phone
                          ELSE c.customer_phone END,
    customer_name = coalesce(nullif(c.customer_name, ''), o.customer_name),
    created_at = least(c.created_at, o.created_at),
    status = CASE WHEN 'open' IN (c.status, o.status) THEN 'open' ELSE c.status END,
    assignee = coalesce(c.assignee, o.assignee),
    -- Another of their threads at Meta: the next opening looks anew.
    receipts_until = NULL
FROM (SELECT f.kept_id, d.*,
             d.last_message_id IS NOT NULL
                 AND (k.last_message_id IS NULL OR (d.last_message_at, d.last_message_id) > (k.last_message_at, k.last_message_id)) AS newer
      FROM merged_conversations f
      JOIN chat_conversations d ON d.account_id = f.account_id AND d.id = f.conversation_id
      JOIN chat_conversations k ON k.account_id = f.account_id AND k.id = f.kept_id
      WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint) o
WHERE c.account_id = $1::bigint AND c.id = o.kept_id;

-- name: remove_folded_conversations
DELETE FROM chat_conversations c USING merged_conversations f
WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint AND f.kept_id IS NOT NULL
    AND c.account_id = $1::bigint AND c.id = f.conversation_id;

-- name: close_merge
-- Screens learn which conversations are gone, and how the others are now.
WITH merge AS (
    SELECT contact_id, merged_contact_id, block_taken FROM contact_merges WHERE account_id = $1::bigint AND id = $2::bigint
), gone AS (
    UPDATE contacts k SET merged_into = g.contact_id FROM merge g WHERE k.account_id = $1::bigint AND k.id = g.merged_contact_id
), blocked AS (
    UPDATE contacts k SET blocked_at = g.block_taken FROM merge g
    WHERE k.account_id = $1::bigint AND k.id = g.contact_id AND g.block_taken IS NOT NULL
), told AS (
    SELECT 'conversation.merged' AS name, conversation_id AS id FROM merged_conversations
    WHERE account_id = $1::bigint AND merge_id = $2::bigint AND kept_id IS NOT NULL
    UNION ALL
    SELECT 'conversation.updated', c.id FROM chat_conversations c JOIN merge g ON c.contact_id = g.contact_id
    WHERE c.account_id = $1::bigint
), counted AS (
    UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM told), directory_version = directory_version + 1
    WHERE id = $1::bigint RETURNING event_offset - (SELECT count(*) FROM told) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY t.name, t.id), t.name, t.id FROM counted c, told t;

-- Undoing a merge.

-- name: merge_to_undo
-- A thread that was folded into one before that moved here goes back with it; one that was folded later would be stranded.
SELECT g.contact_id, g.merged_contact_id, g.undone_at IS NOT NULL AS undone, k.merged_into IS NOT NULL AS merged_on,
       EXISTS (SELECT FROM merged_conversations a
               JOIN merged_conversations f ON f.account_id = a.account_id AND f.kept_id = a.conversation_id
               JOIN contact_merges l ON l.account_id = f.account_id AND l.id = f.merge_id AND l.undone_at IS NULL AND l.id > g.id
               WHERE a.account_id = g.account_id AND a.merge_id = g.id AND a.kept_id IS NULL) AS folded_into
FROM contact_merges g JOIN contacts k ON k.account_id = g.account_id AND k.id = g.contact_id
WHERE g.account_id = $1::bigint AND g.id = $2::bigint;

-- name: unmerge_identities
UPDATE contact_identities n SET contact_id = g.merged_contact_id
FROM contact_merges g JOIN merged_identities i ON i.account_id = g.account_id AND i.merge_id = g.id
WHERE g.account_id = $1::bigint AND g.id = $2::bigint
    AND n.account_id = $1::bigint AND n.kind = i.kind AND n.value = i.value AND n.contact_id = g.contact_id;

-- name: unmove_conversations
UPDATE chat_conversations c SET contact_id = g.merged_contact_id
FROM contact_merges g JOIN merged_conversations f ON f.account_id = g.account_id AND f.merge_id = g.id AND f.kept_id IS NULL
WHERE g.account_id = $1::bigint AND g.id = $2::bigint
    AND c.account_id = $1::bigint AND c.id = f.conversation_id AND c.contact_id = g.contact_id;

-- name: restore_folded_conversations
INSERT INTO chat_conversations (account_id, id, phone_number_id, contact_id, customer_phone, customer_name, last_message_at,
                                unread_count, created_at, status, assignee, last_incoming_at, receipt_message_id)
SELECT $1::bigint, f.conversation_id, o.phone_number_id, g.merged_contact_id, o.customer_phone, o.customer_name,
       o.last_message_at, 0, o.created_at, o.status, o.assignee, o.last_incoming_at, o.receipt_message_id
FROM contact_merges g JOIN merged_conversations f ON f.account_id = g.account_id AND f.merge_id = g.id,
     jsonb_populate_record(NULL::chat_conversations, f.original) o
WHERE g.account_id = $1::bigint AND g.id = $2::bigint AND f.kept_id IS NOT NULL;

-- name: unfold_messages
-- What moved and is still there. What came since stays.
WITH moved AS (
    UPDATE chat_messages m SET conversation_id = i.conversation_id
    FROM merged_messages i
    JOIN merged_conversations f ON f.account_id = i.account_id AND f.merge_id = i.merge_id AND f.conversation_id = i.conversation_id
    WHERE i.account_id = $1::bigint AND i.merge_id = $2::bigint
        AND m.account_id = $1::bigint AND m.id = i.message_id AND m.conversation_id = f.kept_id
    RETURNING m.id, m.conversation_id
)
UPDATE outbox o SET conversation_id = m.conversation_id FROM moved m WHERE o.account_id = $1::bigint AND o.message_id = m.id;

-- name: recount_unmerged
-- Both sides anew from their messages. The window is what each side's own customer messages say; of the kept side that a
-- later reaction opened it is known only while it is the latest of all.
WITH sides AS (
    SELECT f.conversation_id AS id, NULL::timestamptz AS window_before, NULL::timestamptz AS window_of_both, NULL::text AS address
    FROM merged_conversations f WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint AND f.kept_id IS NOT NULL
    UNION ALL
    SELECT f.kept_id, k.last_incoming_at, greatest(k.last_incoming_at, o.last_incoming_at), k.customer_phone
    FROM merged_conversations f, jsonb_populate_record(NULL::chat_conversations, f.kept_original) k,
         jsonb_populate_record(NULL::chat_conversations, f.original) o
    WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint AND f.kept_id IS NOT NULL
), counted AS (
    SELECT s.id, s.address, s.window_before, s.window_of_both,
           count(m.id) FILTER (WHERE m.sender = 'customer' AND NOT m.is_read) AS unread,
           min(m.created_at) FILTER (WHERE m.sender = 'customer' AND NOT m.is_read) AS unread_since,
           max(m.created_at) FILTER (WHERE m.sender = 'customer' AND m.message_type <> 'system') AS incoming_at,
           max(m.created_at) FILTER (WHERE NOT m.hidden) AS last_message_at,
           (array_agg(m.id ORDER BY m.created_at DESC, m.id DESC) FILTER (WHERE NOT m.hidden))[1] AS last_message_id
    FROM sides s LEFT JOIN chat_messages m ON m.account_id = $1::bigint AND m.conversation_id = s.id
    GROUP BY s.id, s.address, s.window_before, s.window_of_both
)
UPDATE chat_conversations c SET
    unread_count = n.unread, unread_since = n.unread_since, last_message_id = n.last_message_id,
    last_message_at = coalesce(n.last_message_at, c.last_message_at),
    last_incoming_at = CASE WHEN n.address IS NULL OR c.last_incoming_at > n.window_of_both THEN c.last_incoming_at
                            ELSE greatest(n.window_before, n.incoming_at) END,
    receipts_until = NULL,
    customer_phone = CASE WHEN n.address IS NULL OR EXISTS (
                              SELECT FROM contact_identities i WHERE i.account_id = $1::bigint AND i.contact_id = c.contact_id
                              AND i.kind IN ('wa_id', 'user_id') AND i.value = c.customer_phone)
                          THEN c.customer_phone ELSE n.address END
FROM counted n WHERE c.account_id = $1::bigint AND c.id = n.id;

-- name: close_undo
WITH merge AS (
    UPDATE contact_merges SET undone_at = now(), undone_by = $3::uuid WHERE account_id = $1::bigint AND id = $2::bigint
    RETURNING contact_id, merged_contact_id, block_taken
), back AS (
    UPDATE contacts k SET merged_into = NULL FROM merge g WHERE k.account_id = $1::bigint AND k.id = g.merged_contact_id
), unblocked AS (
    UPDATE contacts k SET blocked_at = NULL FROM merge g
    WHERE k.account_id = $1::bigint AND k.id = g.contact_id AND k.blocked_at = g.block_taken
), told AS (
    SELECT 'conversation.split' AS name, f.kept_id AS id FROM merged_conversations f
    WHERE f.account_id = $1::bigint AND f.merge_id = $2::bigint AND f.kept_id IS NOT NULL
    UNION ALL
    SELECT 'conversation.updated', c.id FROM chat_conversations c JOIN merge g ON c.contact_id IN (g.contact_id, g.merged_contact_id)
    WHERE c.account_id = $1::bigint
), counted AS (
    UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM told), directory_version = directory_version + 1
    WHERE id = $1::bigint RETURNING event_offset - (SELECT count(*) FROM told) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY t.name, t.id), t.name, t.id FROM counted c, told t;

-- Receipts.

-- name: newest_incoming
-- What a read mark of this conversation would name; nothing when no message is less than 30 days old, which is as far back as Meta
-- takes marks.
SELECT m.id, m.whatsapp_message_id, c.phone_number_id, p.read_receipts, p.send_typing, c.last_incoming_at,
       m.id IS DISTINCT FROM c.receipt_message_id AS due
FROM chat_conversations c
JOIN phone_numbers p ON p.account_id = c.account_id AND p.phone_number_id = c.phone_number_id
CROSS JOIN LATERAL (
    SELECT n.id, n.whatsapp_message_id FROM chat_messages n
    WHERE n.account_id = c.account_id AND n.conversation_id = c.id AND n.created_at > now() - interval '30 days'
        AND n.sender = 'customer' AND n.whatsapp_message_id IS NOT NULL AND n.message_type <> 'system'
    ORDER BY n.created_at DESC, n.id DESC LIMIT 1) m
WHERE c.account_id = $1::bigint AND c.id = $2::bigint AND c.last_incoming_at IS NOT NULL;

-- name: note_receipt
UPDATE chat_conversations SET receipt_message_id = $3::bigint, receipts_until = greatest(receipts_until, $4::timestamptz)
WHERE account_id = $1::bigint AND id = $2::bigint;
