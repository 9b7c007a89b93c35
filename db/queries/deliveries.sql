-- The journal of webhook deliveries.

-- name: journal_deliveries
INSERT INTO webhook_deliveries (account_id, received_at, state, problem, fields, items, body, vouched_by)
SELECT account_id, received_at, state, problem, fields, items, body, vouched_by::bigint[]
FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bytea[], $8::text[])
    AS i (account_id, received_at, state, problem, fields, items, body, vouched_by);

-- name: update_replayed_delivery
UPDATE webhook_deliveries SET account_id = $2::bigint, state = $3::text, problem = $4::text, items = $5::bigint,
    replayed_at = now()
WHERE id = $1::bigint;

-- name: list_deliveries
SELECT id, account_id, received_at, state, coalesce(problem, '') AS problem, fields, items, length(body) AS bytes,
       replayed_at
FROM webhook_deliveries WHERE ($1::bool OR state <> 'stored') ORDER BY id DESC LIMIT $2::bigint;

-- name: deliveries_of
-- $4: only what is wholly stored. Each half reads its account's newest rows in order.
SELECT id, account_id, received_at, state, coalesce(problem, '') AS problem, fields, items, length(body) AS bytes, replayed_at
FROM (
    (SELECT * FROM webhook_deliveries
     WHERE account_id = $1::bigint AND ($2::bigint IS NULL OR id < $2::bigint) AND (NOT $4::bool OR state = 'stored')
     ORDER BY id DESC LIMIT $3::bigint)
    UNION ALL
    (SELECT * FROM webhook_deliveries
     WHERE account_id = 0 AND (SELECT count(*) FROM accounts) = 1 AND ($2::bigint IS NULL OR id < $2::bigint)
         AND (NOT $4::bool OR state = 'stored')
     ORDER BY id DESC LIMIT $3::bigint)
) d ORDER BY id DESC LIMIT $3::bigint;

-- name: problem_deliveries_of
SELECT id, account_id, received_at, state, coalesce(problem, '') AS problem, fields, items, length(body) AS bytes, replayed_at
FROM webhook_deliveries
WHERE state <> 'stored' AND state = $4::text AND ($2::bigint IS NULL OR id < $2::bigint)
    AND (account_id = $1::bigint OR (account_id = 0 AND (SELECT count(*) FROM accounts) = 1))
ORDER BY id DESC LIMIT $3::bigint;

-- name: find_delivery
SELECT id, account_id, received_at, state, coalesce(problem, '') AS problem, fields, items, length(body) AS bytes,
       replayed_at, body
FROM webhook_deliveries
WHERE id = $2::bigint
    AND account_id = ANY (ARRAY[$1::bigint, CASE WHEN (SELECT count(*) FROM accounts) = 1 THEN 0 END]);

-- name: names_other_account
SELECT EXISTS (
    SELECT FROM unnest($2::text[], $3::text[]) AS n (phone_number_id, waba_id)
    WHERE EXISTS (SELECT FROM phone_numbers p WHERE p.account_id <> $1::bigint
                  AND (p.phone_number_id = n.phone_number_id OR (n.phone_number_id = '' AND p.waba_id = n.waba_id)))
        AND NOT EXISTS (SELECT FROM phone_numbers p WHERE p.account_id = $1::bigint
                        AND (p.phone_number_id = n.phone_number_id OR (n.phone_number_id = '' AND p.waba_id = n.waba_id)))
) AS named;

-- name: delivery_to_replay
SELECT id, received_at, body, coalesce(array_to_string(vouched_by, ','), '') AS vouched_by
FROM webhook_deliveries WHERE id = $1::bigint;

-- name: problem_delivery_ids
SELECT id FROM webhook_deliveries WHERE state <> 'stored' ORDER BY id;

-- name: delete_old_deliveries
WITH old AS (
    SELECT account_id, id FROM webhook_deliveries WHERE received_at < $1::timestamptz LIMIT 5000
)
DELETE FROM webhook_deliveries d USING old WHERE d.account_id = old.account_id AND d.id = old.id;

-- name: delete_old_parked_updates
DELETE FROM parked_updates WHERE parked_at < $1::timestamptz;

-- name: count_problem_deliveries
SELECT count(*) FILTER (WHERE state = 'dead') AS dead, count(*) FILTER (WHERE state = 'partial') AS partial
FROM webhook_deliveries WHERE state <> 'stored';

-- name: estimated_messages
SELECT greatest(reltuples, 0)::bigint AS messages FROM pg_class WHERE oid = 'chat_messages'::regclass;

-- name: sample_few_rows
-- 3,000 a table: enough to know how large the tables are; autovacuum looks closer later.
SELECT set_config('default_statistics_target', '10', true);

-- name: refresh_statistics
ANALYZE contacts, contact_identities, chat_conversations, chat_messages, events, parked_updates;
