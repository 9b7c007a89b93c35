-- Storing what webhooks say. Set-based: one call stores what all deliveries of a batch say. Every caller holds the rows of
-- the accounts concerned (lock_accounts), which orders writers and with them the offsets of events.

-- name: lock_accounts
SELECT id, pg_notify('parley_events', id::text) FROM accounts
WHERE id IN (SELECT account_id FROM phone_numbers WHERE phone_number_id = ANY ($1::text[]) OR waba_id = ANY ($2::text[]))
ORDER BY id FOR NO KEY UPDATE;

-- name: lock_accounts_as_recalled
-- Divides by zero when what is remembered of an account does not hold any more.
SELECT 1 / (count(*) = cardinality($1::bigint[]))::integer FROM (
    SELECT pg_notify('parley_events', a.id::text) FROM accounts a JOIN unnest($1::bigint[], $2::bigint[]) AS i (id, version) USING (id)
    WHERE a.directory_version = i.version ORDER BY a.id FOR NO KEY UPDATE OF a) locked;

-- name: expect_no_parked_updates
-- Divides by zero when an update waits for one of these messages.
SELECT 1 / (count(*) = 0)::integer
FROM unnest($1::text[], $2::text[]) AS i (phone_number_id, whatsapp_message_id)
JOIN phone_numbers p USING (phone_number_id)
JOIN parked_updates u ON u.account_id = p.account_id AND u.whatsapp_message_id = i.whatsapp_message_id;

-- name: route_numbers
SELECT p.phone_number_id, p.account_id, a.directory_version
FROM phone_numbers p JOIN accounts a ON a.id = p.account_id
WHERE p.phone_number_id = ANY ($1::text[]);

-- name: route_wabas
-- Numbers of one WABA may belong to several accounts; then a new one is nobody's until somebody adds it.
SELECT waba_id, min(account_id) AS account_id FROM phone_numbers WHERE waba_id = ANY ($1::text[]) GROUP BY waba_id
HAVING min(account_id) = max(account_id);

-- name: add_number
INSERT INTO phone_numbers (account_id, phone_number_id, waba_id, display_phone_number)
VALUES ($1::bigint, $2::text, $3::text, $4::text) ON CONFLICT DO NOTHING;

-- name: find_identities
SELECT i.ordinality - 1 AS position, n.account_id, a.directory_version, n.contact_id, c.id AS conversation_id,
       coalesce(c.customer_name, '') AS customer_name, coalesce(c.customer_phone, '') AS customer_phone
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS i (phone_number_id, kind, value, ordinality)
JOIN phone_numbers p ON p.phone_number_id = i.phone_number_id
JOIN accounts a ON a.id = p.account_id
JOIN contact_identities n ON n.account_id = p.account_id AND n.kind = i.kind AND n.value = i.value
LEFT JOIN chat_conversations c ON c.account_id = n.account_id AND c.phone_number_id = p.phone_number_id
    AND c.contact_id = n.contact_id;

-- name: take_parked_updates
DELETE FROM parked_updates u USING unnest($1::text[], $2::text[]) AS i (phone_number_id, whatsapp_message_id), phone_numbers p
WHERE p.phone_number_id = i.phone_number_id AND u.account_id = p.account_id
    AND u.whatsapp_message_id = i.whatsapp_message_id
RETURNING u.account_id, u.whatsapp_message_id, u.kind, u.data;

-- name: new_contact_ids
SELECT nextval(pg_get_serial_sequence('contacts', 'id')) AS id FROM generate_series(1, $1::bigint);

-- name: stored_messages
SELECT m.account_id, m.whatsapp_message_id AS wamid
FROM unnest($1::bigint[], $2::text[]) AS i (account_id, whatsapp_message_id)
JOIN chat_messages m ON m.account_id = i.account_id AND m.whatsapp_message_id = i.whatsapp_message_id;

-- name: add_contacts
INSERT INTO contacts (account_id, id, kind, name)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]);

-- name: add_identities
INSERT INTO contact_identities (account_id, kind, value, contact_id)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) ON CONFLICT DO NOTHING;

-- name: add_conversations
INSERT INTO chat_conversations (account_id, phone_number_id, contact_id, customer_phone, customer_name, last_message_at, unread_count)
SELECT i.account_id, i.phone_number_id, i.contact_id, i.customer_phone, i.customer_name, i.at, 0
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])
    AS i (account_id, phone_number_id, contact_id, customer_phone, customer_name, at)
ON CONFLICT (account_id, contact_id, phone_number_id) DO UPDATE SET phone_number_id = excluded.phone_number_id
RETURNING account_id, phone_number_id, contact_id, id;

-- name: store_messages
WITH input AS (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::timestamptz[], $9::text[], $10::bool[], $11::bool[], $12::bigint[], $13::text[], $14::text[])
        WITH ORDINALITY AS i (account_id, conversation_id, sender, message, message_type, payload, whatsapp_message_id,
                              created_at, reply_to, counts, opens, error_code, error_title, error_details, position)
), stored AS (
    INSERT INTO chat_messages (account_id, conversation_id, sender, message, message_type, payload, whatsapp_message_id,
                               created_at, reply_to_whatsapp_message_id, is_read, status, sent_at, error_code,
                               error_title, error_details)
    SELECT account_id, conversation_id, sender, message, message_type, payload::jsonb, whatsapp_message_id,
           created_at, reply_to, NOT counts,
           CASE sender WHEN 'customer' THEN 'received' ELSE 'sent' END::message_status,
           CASE sender WHEN 'agent' THEN created_at END, error_code, error_title, error_details
    FROM input ORDER BY position
    ON CONFLICT (account_id, whatsapp_message_id) DO NOTHING
    RETURNING account_id, id, conversation_id, whatsapp_message_id, created_at
), touched AS (
    SELECT s.account_id, s.conversation_id, count(*) FILTER (WHERE i.counts) AS unread,
           min(s.created_at) FILTER (WHERE i.counts) AS unread_since,
           max(s.created_at) FILTER (WHERE i.opens) AS last_incoming_at, max(s.created_at) AS last_message_at,
           (array_agg(s.id ORDER BY s.created_at DESC, s.id DESC))[1] AS last_message_id
    FROM stored s JOIN input i ON i.account_id = s.account_id AND i.whatsapp_message_id = s.whatsapp_message_id
    GROUP BY s.account_id, s.conversation_id
), moved AS (
    UPDATE chat_conversations c SET
        unread_count = c.unread_count + t.unread,
        unread_since = least(c.unread_since, t.unread_since),
        last_incoming_at = greatest(c.last_incoming_at, t.last_incoming_at),
        last_message_id = CASE WHEN c.last_message_id IS NULL OR t.last_message_at >= c.last_message_at
                               THEN t.last_message_id ELSE c.last_message_id END,
        last_message_at = CASE WHEN c.last_message_id IS NULL THEN t.last_message_at
                               ELSE greatest(c.last_message_at, t.last_message_at) END
    FROM touched t WHERE c.account_id = t.account_id AND c.id = t.conversation_id
), counted AS (
    UPDATE accounts a SET event_offset = a.event_offset + n.events
    FROM (SELECT account_id, count(*) AS events FROM stored GROUP BY account_id) n WHERE a.id = n.account_id
    RETURNING a.id, a.event_offset - n.events AS before
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT s.account_id, c.before + row_number() OVER (PARTITION BY s.account_id ORDER BY s.id), 'message.created',
           s.conversation_id, s.id
    FROM stored s JOIN counted c ON c.id = s.account_id
)
SELECT count(*) AS stored FROM stored;

-- name: adopt_by_callback
UPDATE chat_messages m SET whatsapp_message_id = i.whatsapp_message_id
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS i (account_id, message_id, phone_number_id, whatsapp_message_id)
JOIN chat_conversations c ON c.account_id = i.account_id AND c.phone_number_id = i.phone_number_id
WHERE m.account_id = i.account_id AND m.id = i.message_id AND m.conversation_id = c.id AND m.sender = 'agent'
    AND m.whatsapp_message_id IS NULL
    AND NOT EXISTS (SELECT FROM chat_messages o WHERE o.account_id = i.account_id
                    AND o.whatsapp_message_id = i.whatsapp_message_id);

-- name: apply_statuses
WITH input AS (
    SELECT account_id, whatsapp_message_id, status::message_status AS status, at, error_code, error_title, error_details
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::text[], $7::text[])
        AS i (account_id, whatsapp_message_id, status, at, error_code, error_title, error_details)
), latest AS (
    SELECT account_id, whatsapp_message_id, max(status) AS status,
           min(at) FILTER (WHERE status = 'sent') AS sent_at,
           min(at) FILTER (WHERE status IN ('delivered', 'read', 'played')) AS delivered_at,
           min(at) FILTER (WHERE status IN ('read', 'played')) AS read_at,
           min(at) FILTER (WHERE status = 'played') AS played_at,
           min(at) FILTER (WHERE status = 'failed') AS failed_at,
           max(error_code) FILTER (WHERE status = 'failed') AS error_code,
           max(error_title) FILTER (WHERE status = 'failed') AS error_title,
           max(error_details) FILTER (WHERE status = 'failed') AS error_details
    FROM input GROUP BY account_id, whatsapp_message_id
), moved AS (
    UPDATE chat_messages m SET
        status = greatest(m.status, l.status),
        sent_at = coalesce(m.sent_at, l.sent_at),
        delivered_at = least(m.delivered_at, l.delivered_at),
        read_at = least(m.read_at, l.read_at),
        played_at = coalesce(m.played_at, l.played_at),
        failed_at = coalesce(m.failed_at, l.failed_at),
        error_code = CASE WHEN m.failed_at IS NULL THEN coalesce(l.error_code, m.error_code) ELSE m.error_code END,
        error_title = CASE WHEN m.failed_at IS NULL THEN coalesce(l.error_title, m.error_title) ELSE m.error_title END,
        error_details = CASE WHEN m.failed_at IS NULL THEN coalesce(l.error_details, m.error_details) ELSE m.error_details END
    FROM latest l
    WHERE m.account_id = l.account_id AND m.whatsapp_message_id = l.whatsapp_message_id AND m.sender = 'agent'
        AND (l.status > m.status
             OR (m.sent_at IS NULL AND l.sent_at IS NOT NULL)
             OR l.delivered_at < coalesce(m.delivered_at, 'infinity')
             OR l.read_at < coalesce(m.read_at, 'infinity')
             OR (m.failed_at IS NULL AND l.failed_at IS NOT NULL))
    RETURNING m.account_id, m.id, m.conversation_id
), counted AS (
    UPDATE accounts a SET event_offset = a.event_offset + n.events
    FROM (SELECT account_id, count(*) AS events FROM moved GROUP BY account_id) n WHERE a.id = n.account_id
    RETURNING a.id, a.event_offset - n.events AS before
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT m.account_id, c.before + row_number() OVER (PARTITION BY m.account_id ORDER BY m.id), 'message.status',
           m.conversation_id, m.id
    FROM moved m JOIN counted c ON c.id = m.account_id
), settled AS (
    -- The report proves that the request arrived: an outcome that was unknown is known now.
    UPDATE outbox o SET state = 'sent', lease = NULL, lease_until = NULL, settled_at = coalesce(o.settled_at, now())
    FROM moved m WHERE o.account_id = m.account_id AND o.message_id = m.id AND o.state = 'unknown'
), parked AS (
    INSERT INTO parked_updates (account_id, whatsapp_message_id, kind, detail, data)
    SELECT DISTINCT ON (i.account_id, i.whatsapp_message_id, i.status) i.account_id, i.whatsapp_message_id, 'status',
           i.status::text,
           jsonb_build_object('status', i.status, 'at', i.at, 'error_code', i.error_code, 'error_title', i.error_title,
                              'error_details', i.error_details)
    FROM input i
    WHERE NOT EXISTS (SELECT FROM chat_messages m WHERE m.account_id = i.account_id
                      AND m.whatsapp_message_id = i.whatsapp_message_id)
    ORDER BY i.account_id, i.whatsapp_message_id, i.status, i.at
    ON CONFLICT DO NOTHING
)
SELECT count(*) AS moved FROM moved;

-- name: take_parked_of_message
DELETE FROM parked_updates WHERE account_id = $1::bigint AND whatsapp_message_id = $2::text
RETURNING account_id, whatsapp_message_id, kind, data;

-- name: apply_reaction
WITH target AS (
    SELECT id, conversation_id FROM chat_messages WHERE account_id = $1::bigint AND whatsapp_message_id = $2::text
), changed AS (
    INSERT INTO message_reactions AS r (account_id, message_id, sender, contact_id, emoji, reacted_at)
    SELECT $1::bigint, t.id, $3::text, $4::bigint, $5::text, $6::timestamptz FROM target t
    ON CONFLICT (account_id, message_id, sender, contact_id) DO UPDATE
        SET emoji = excluded.emoji, reacted_at = excluded.reacted_at
        WHERE r.reacted_at <= excluded.reacted_at AND r.emoji <> excluded.emoji
    RETURNING message_id
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.reaction', t.conversation_id, t.id FROM counted c, target t
), opened AS (
    UPDATE chat_conversations c SET last_incoming_at = greatest(c.last_incoming_at, $6::timestamptz)
    FROM target t WHERE c.account_id = $1::bigint AND c.id = t.conversation_id AND $3::text = 'customer'
)
INSERT INTO parked_updates (account_id, whatsapp_message_id, kind, detail, data)
SELECT $1::bigint, $2::text, 'reaction', $7::text, $8::jsonb WHERE NOT EXISTS (SELECT FROM target)
ON CONFLICT DO NOTHING;

-- name: apply_edit
WITH target AS (
    SELECT id, conversation_id, message, payload, revoked_at, edited_at FROM chat_messages
    WHERE account_id = $1::bigint AND whatsapp_message_id = $2::text AND sender = $3::text
), changed AS (
    UPDATE chat_messages m SET message = $4::text, payload = coalesce($5::jsonb, m.payload), edited_at = $6::timestamptz
    FROM target t
    WHERE m.account_id = $1::bigint AND m.id = t.id AND t.revoked_at IS NULL
        AND (t.edited_at IS NULL OR t.edited_at <= $6::timestamptz)
        AND (t.message <> $4::text OR t.payload IS DISTINCT FROM $5::jsonb)
    RETURNING m.id
), kept AS (
    INSERT INTO message_versions (account_id, message_id, replaced_at, message, payload)
    SELECT $1::bigint, t.id, clock_timestamp(), t.message, t.payload FROM target t JOIN changed USING (id)
    ON CONFLICT DO NOTHING
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.updated', t.conversation_id, t.id FROM counted c, target t
)
INSERT INTO parked_updates (account_id, whatsapp_message_id, kind, detail, data)
SELECT $1::bigint, $2::text, 'edit', $7::text, $8::jsonb
WHERE NOT EXISTS (SELECT FROM chat_messages WHERE account_id = $1::bigint AND whatsapp_message_id = $2::text)
ON CONFLICT DO NOTHING;

-- name: apply_revoke
WITH target AS (
    SELECT id, conversation_id, message, payload, revoked_at FROM chat_messages
    WHERE account_id = $1::bigint AND whatsapp_message_id = $2::text AND sender = $3::text
), changed AS (
    UPDATE chat_messages m SET message = 'This message was deleted', payload = NULL, revoked_at = $4::timestamptz
    FROM target t WHERE m.account_id = $1::bigint AND m.id = t.id AND t.revoked_at IS NULL
    RETURNING m.id
), kept AS (
    INSERT INTO message_versions (account_id, message_id, replaced_at, message, payload)
    SELECT $1::bigint, t.id, clock_timestamp(), t.message, t.payload FROM target t JOIN changed USING (id)
    ON CONFLICT DO NOTHING
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
), told AS (
    INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
    SELECT $1::bigint, c.event_offset, 'message.updated', t.conversation_id, t.id FROM counted c, target t
)
INSERT INTO parked_updates (account_id, whatsapp_message_id, kind, detail, data)
SELECT $1::bigint, $2::text, 'revoke', $5::text, $6::jsonb
WHERE NOT EXISTS (SELECT FROM chat_messages WHERE account_id = $1::bigint AND whatsapp_message_id = $2::text)
ON CONFLICT DO NOTHING;

-- name: move_identity
-- The contact is known by the new value already (add_identities); the old one goes, and replies go to the new address.
-- Nothing happens when the new value belongs to somebody else.
WITH holder AS (
    SELECT o.contact_id FROM contact_identities o
    JOIN contact_identities n ON n.account_id = o.account_id AND n.kind = o.kind AND n.contact_id = o.contact_id
    WHERE o.account_id = $1::bigint AND o.kind = $2::text AND o.value = $3::text AND n.value = $4::text
), dropped AS (
    DELETE FROM contact_identities n USING holder h
    WHERE n.account_id = $1::bigint AND n.kind = $2::text AND n.value = $3::text AND n.contact_id = h.contact_id
), changed AS (
    UPDATE chat_conversations c SET customer_phone = $4::text FROM holder h
    WHERE c.account_id = $1::bigint AND c.contact_id = h.contact_id AND c.customer_phone = $3::text
    RETURNING c.id
), counted AS (
    UPDATE accounts a SET event_offset = a.event_offset + (SELECT count(*) FROM changed),
        directory_version = a.directory_version + 1
    WHERE a.id = $1::bigint AND EXISTS (SELECT FROM holder)
    RETURNING a.event_offset - (SELECT count(*) FROM changed) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY h.id), 'conversation.updated', h.id FROM counted c, changed h;

-- name: refresh_customers
-- A new profile name, unless a later message said another, and the phone number of a customer who was known by a user id
-- alone.
WITH input AS (
    SELECT i.account_id, i.contact_id, i.wa_id,
           CASE WHEN i.at >= coalesce((SELECT max(c.last_incoming_at) FROM chat_conversations c
                                       WHERE c.account_id = i.account_id AND c.contact_id = i.contact_id), '-infinity')
                THEN i.name ELSE '' END AS name
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[])
        AS i (account_id, contact_id, name, wa_id, at)
), renamed AS (
    UPDATE contacts c SET name = i.name FROM input i
    WHERE c.account_id = i.account_id AND c.id = i.contact_id AND i.name <> '' AND c.name <> i.name
), changed AS (
    UPDATE chat_conversations c SET
        customer_name = coalesce(nullif(i.name, ''), c.customer_name),
        customer_phone = CASE WHEN i.wa_id <> '' AND c.customer_phone ~ '^[A-Z]{2}\.' THEN i.wa_id ELSE c.customer_phone END
    FROM input i
    WHERE c.account_id = i.account_id AND c.contact_id = i.contact_id
        AND ((i.name <> '' AND c.customer_name IS DISTINCT FROM i.name)
             OR (i.wa_id <> '' AND c.customer_phone ~ '^[A-Z]{2}\.'))
    RETURNING c.account_id, c.id
), counted AS (
    UPDATE accounts a SET event_offset = a.event_offset + n.events, directory_version = a.directory_version + 1
    FROM (SELECT account_id, count(*) AS events FROM changed GROUP BY account_id) n WHERE a.id = n.account_id
    RETURNING a.id, a.event_offset - n.events AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT h.account_id, c.before + row_number() OVER (PARTITION BY h.account_id ORDER BY h.id), 'conversation.updated', h.id
FROM changed h JOIN counted c ON c.id = h.account_id;

-- name: move_addresses
-- The customer wrote from another number than replies go to, and nothing newer is here.
WITH changed AS (
    UPDATE chat_conversations c SET customer_phone = i.wa_id
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::timestamptz[]) AS i (account_id, conversation_id, wa_id, at)
    WHERE c.account_id = i.account_id AND c.id = i.conversation_id AND c.customer_phone <> i.wa_id
        AND i.at >= coalesce(c.last_incoming_at, '-infinity')
    RETURNING c.account_id, c.id
), counted AS (
    UPDATE accounts a SET event_offset = a.event_offset + n.events, directory_version = a.directory_version + 1
    FROM (SELECT account_id, count(*) AS events FROM changed GROUP BY account_id) n WHERE a.id = n.account_id
    RETURNING a.id, a.event_offset - n.events AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id)
SELECT h.account_id, c.before + row_number() OVER (PARTITION BY h.account_id ORDER BY h.id), 'conversation.updated', h.id
FROM changed h JOIN counted c ON c.id = h.account_id;
