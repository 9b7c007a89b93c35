-- The outbox. A row goes pending -> claimed -> sending -> sent, failed or unknown; back to pending when it is to be tried
-- again. Every step names the lease, so a worker that lost it changes nothing.

-- name: claim_outbox
-- The oldest open row of each conversation, when it is due; $2 names numbers that wait as a whole.
WITH due AS (
    SELECT o.account_id, o.id FROM outbox o
    WHERE o.state = 'pending' AND o.available_at <= now() AND NOT o.phone_number_id = ANY ($2::text[])
        AND NOT EXISTS (SELECT FROM outbox e WHERE e.account_id = o.account_id AND e.conversation_id = o.conversation_id
                        AND e.id < o.id AND e.state IN ('pending', 'claimed', 'sending'))
    ORDER BY o.available_at, o.id LIMIT $3::bigint FOR UPDATE OF o SKIP LOCKED
)
UPDATE outbox o SET state = 'claimed', lease = $1::uuid, lease_until = now() + interval '30 seconds'
FROM due, chat_messages m
WHERE o.account_id = due.account_id AND o.id = due.id AND m.account_id = o.account_id AND m.id = o.message_id
RETURNING o.account_id, o.id, o.message_id, o.conversation_id, o.phone_number_id, o.recipient, o.attempts, o.created_at,
          m.message, m.message_type, m.media_url, m.payload, m.reply_to_whatsapp_message_id, m.media_id;

-- name: extend_claim
-- A file is on its way to Meta, which takes longer than a claim lasts.
UPDATE outbox SET lease_until = now() + interval '30 seconds'
WHERE account_id = $1::bigint AND id = $2::bigint AND lease = $3::uuid AND state = 'claimed' RETURNING id;

-- name: next_outbox_time
SELECT min(available_at) AS at FROM outbox WHERE state = 'pending';

-- name: start_attempt
-- From here on the request may reach Meta: a crash now leaves an unknown outcome.
WITH started AS (
    UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = now() + interval '60 seconds'
    WHERE account_id = $1::bigint AND id = $2::bigint AND lease = $3::uuid AND state = 'claimed'
    RETURNING attempts
)
INSERT INTO send_attempts (account_id, outbox_id, attempt, started_at)
SELECT $1::bigint, $2::bigint, attempts, now() FROM started RETURNING attempt;

-- name: finish_attempt
UPDATE send_attempts SET finished_at = now(), outcome = $4::text, error_code = $5::bigint, error_title = $6::text,
    error_details = $7::text
WHERE account_id = $1::bigint AND outbox_id = $2::bigint AND attempt = $3::bigint AND finished_at IS NULL;

-- name: release_claim
UPDATE outbox SET state = 'pending', lease = NULL, lease_until = NULL, available_at = $4::timestamptz
WHERE account_id = $1::bigint AND id = $2::bigint AND lease = $3::uuid AND state IN ('claimed', 'sending');

-- name: settle_accepted
-- Also after the lease ran out and the outcome was called unknown: that Meta has the message is known now. The error that
-- made it wait (note_waiting_error) is over, also when a status overtook the answer.
WITH settled AS (
    UPDATE outbox SET state = 'sent', lease = NULL, lease_until = NULL, settled_at = coalesce(settled_at, now())
    WHERE account_id = $1::bigint AND id = $2::bigint AND (lease = $3::uuid OR state IN ('unknown', 'sent'))
    RETURNING message_id, conversation_id
), changed AS (
    UPDATE chat_messages m SET whatsapp_message_id = coalesce(m.whatsapp_message_id, $4::text),
        status = greatest(m.status, 'sent'), sent_at = coalesce(m.sent_at, now()),
        error_code = NULL, error_title = NULL, error_details = NULL
    FROM settled s WHERE m.account_id = $1::bigint AND m.id = s.message_id
        AND (m.whatsapp_message_id IS NULL OR m.status < 'sent' OR (m.error_code IS NOT NULL AND m.failed_at IS NULL))
        AND NOT EXISTS (SELECT FROM chat_messages o WHERE o.account_id = $1::bigint AND o.whatsapp_message_id = $4::text
                        AND o.id <> m.id)
    RETURNING m.id, m.conversation_id
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
)
INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
SELECT $1::bigint, c.event_offset, 'message.status', h.conversation_id, h.id FROM counted c, changed h;

-- name: settle_refused
WITH settled AS (
    UPDATE outbox SET state = 'failed', lease = NULL, lease_until = NULL, settled_at = now()
    WHERE account_id = $1::bigint AND id = $2::bigint AND lease = $3::uuid
    RETURNING message_id
), changed AS (
    UPDATE chat_messages m SET status = 'failed', failed_at = now(), error_code = $4::bigint, error_title = $5::text,
        error_details = $6::text
    FROM settled s WHERE m.account_id = $1::bigint AND m.id = s.message_id AND m.status < 'failed'
    RETURNING m.id, m.conversation_id, m.hidden, m.message AS emoji, m.payload
), withdrawn AS (
    -- A reaction that Meta refuses was never set.
    UPDATE message_reactions r SET emoji = ''
    FROM changed h JOIN chat_messages t
        ON t.account_id = $1::bigint AND t.whatsapp_message_id = h.payload -> 'reaction' ->> 'message_id'
    WHERE h.hidden AND r.account_id = $1::bigint AND r.message_id = t.id AND r.sender = 'agent' AND r.emoji = h.emoji
    RETURNING r.message_id, t.conversation_id
), told AS (
    SELECT id, conversation_id, 'message.status' AS name FROM changed WHERE NOT hidden
    UNION ALL SELECT message_id, conversation_id, 'message.reaction' FROM withdrawn
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM told)
    RETURNING event_offset
)
INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
SELECT $1::bigint, c.event_offset, h.name, h.conversation_id, h.id FROM counted c, told h;

-- name: settle_unknown
WITH settled AS (
    UPDATE outbox SET state = CASE WHEN m.status >= 'sent' THEN 'sent' ELSE 'unknown' END, lease = NULL,
        lease_until = NULL, settled_at = now()
    FROM chat_messages m
    WHERE outbox.account_id = $1::bigint AND outbox.id = $2::bigint AND lease = $3::uuid
        AND m.account_id = outbox.account_id AND m.id = outbox.message_id
    RETURNING outbox.message_id
), changed AS (
    UPDATE chat_messages m SET status = greatest(m.status, 'unknown'), error_code = NULL, error_title = NULL,
        error_details = NULL
    FROM settled s
    WHERE m.account_id = $1::bigint AND m.id = s.message_id
        AND (m.status < 'unknown' OR (m.error_code IS NOT NULL AND m.failed_at IS NULL))
    RETURNING m.id, m.conversation_id
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
)
INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
SELECT $1::bigint, c.event_offset, 'message.status', h.conversation_id, h.id FROM counted c, changed h;

-- name: note_waiting_error
-- Why a queued message waits, for the agent to see.
WITH changed AS (
    UPDATE chat_messages m SET error_code = $3::bigint, error_title = $4::text, error_details = $5::text
    FROM outbox o
    WHERE o.account_id = $1::bigint AND o.id = $2::bigint AND m.account_id = o.account_id AND m.id = o.message_id
        AND m.status = 'queued' AND m.error_code IS DISTINCT FROM $3::bigint
    RETURNING m.id, m.conversation_id
), counted AS (
    UPDATE accounts SET event_offset = event_offset + 1 WHERE id = $1::bigint AND EXISTS (SELECT FROM changed)
    RETURNING event_offset
)
INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
SELECT $1::bigint, c.event_offset, 'message.status', h.conversation_id, h.id FROM counted c, changed h;

-- name: return_expired_claims
-- Nothing was written for these: they may be sent.
UPDATE outbox SET state = 'pending', lease = NULL, lease_until = NULL
WHERE state = 'claimed' AND lease_until < now();

-- name: lost_sends
-- Nobody waits for their answers any more, or Meta has said by a status that it has the message: then what is behind it in
-- its conversation need not wait for the lease.
SELECT o.account_id, o.id, o.lease, o.attempts
FROM outbox o JOIN chat_messages m ON m.account_id = o.account_id AND m.id = o.message_id
WHERE o.state = 'sending' AND (o.lease_until < now() OR m.status >= 'sent') LIMIT 100;

-- name: outbox_states
SELECT state, count(*) AS rows FROM outbox WHERE state IN ('pending', 'claimed', 'sending', 'unknown') GROUP BY state;
