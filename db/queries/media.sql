-- Files of messages: what customers sent is announced, fetched and stored; what agents send is stored at once.

-- name: announce_media
-- For messages just stored, in the same transaction; a message that has its file already is left alone.
WITH input AS (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[],
                         $9::timestamptz[])
        AS i (account_id, whatsapp_message_id, phone_number_id, graph_id, claimed_type, claimed_sha256, file_name, voice,
              expires_at)
), fresh AS (
    SELECT i.*, m.id AS message_id, nextval(pg_get_serial_sequence('media', 'id')) AS media_id
    FROM input i JOIN chat_messages m USING (account_id, whatsapp_message_id)
    WHERE m.media_id IS NULL AND m.revoked_at IS NULL
), added AS (
    INSERT INTO media (account_id, id, state, claimed_type, claimed_sha256, file_name, voice, phone_number_id, graph_id,
                       expires_at)
    SELECT account_id, media_id, 'announced', claimed_type, claimed_sha256, file_name, voice, phone_number_id, graph_id,
           expires_at
    FROM fresh
)
UPDATE chat_messages m SET media_id = f.media_id FROM fresh f WHERE m.account_id = f.account_id AND m.id = f.message_id;

-- name: claim_media
WITH due AS (
    SELECT account_id, id FROM media
    WHERE state = 'announced' AND available_at <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY available_at LIMIT $2::bigint FOR UPDATE SKIP LOCKED
)
UPDATE media m SET lease = $1::uuid, lease_until = now() + interval '3 minutes', attempts = m.attempts + 1
FROM due WHERE m.account_id = due.account_id AND m.id = due.id
RETURNING m.account_id, m.id, m.phone_number_id, m.graph_id, m.claimed_type, m.claimed_sha256, m.attempts, m.expires_at;

-- name: settle_media
-- Under the lease alone: a fetcher that lost it changes nothing. $4 is null for a file that could not be had.
WITH settled AS (
    UPDATE media SET state = CASE WHEN $4::text IS NULL THEN 'failed' ELSE 'stored' END, lease = NULL, lease_until = NULL,
        sha256 = decode($4::text, 'hex'), type = $5::text, size = $6::bigint, problem_code = $7::text, problem_detail = $8::text
    WHERE account_id = $1::bigint AND id = $2::bigint AND lease = $3::uuid AND state = 'announced'
    RETURNING id
), shown AS (
    SELECT m.id, m.conversation_id FROM chat_messages m JOIN settled s ON m.media_id = s.id
    WHERE m.account_id = $1::bigint AND NOT m.hidden
), counted AS (
    UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM shown)
    WHERE id = $1::bigint AND EXISTS (SELECT FROM shown)
    RETURNING event_offset - (SELECT count(*) FROM shown) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY h.id), 'message.updated', h.conversation_id, h.id
FROM counted c, shown h;

-- name: postpone_media
UPDATE media SET lease = NULL, lease_until = NULL, available_at = $4::timestamptz, problem_code = $5::text,
    problem_detail = $6::text, attempts = attempts - CASE WHEN $7::bool THEN 0 ELSE 1 END
WHERE account_id = $1::bigint AND id = $2::bigint AND lease = $3::uuid;

-- name: retry_media
-- Somebody asks again for a file that was given up.
WITH reopened AS (
    UPDATE media SET state = 'announced', attempts = 0, available_at = now(), problem_code = NULL, problem_detail = NULL
    WHERE account_id = $1::bigint AND id = $2::bigint AND state = 'failed'
    RETURNING id
), shown AS (
    SELECT m.id, m.conversation_id FROM chat_messages m JOIN reopened s ON m.media_id = s.id
    WHERE m.account_id = $1::bigint AND NOT m.hidden
), counted AS (
    UPDATE accounts SET event_offset = event_offset + (SELECT count(*) FROM shown)
    WHERE id = $1::bigint AND EXISTS (SELECT FROM shown)
    RETURNING event_offset - (SELECT count(*) FROM shown) AS before
)
INSERT INTO events (account_id, "offset", name, conversation_id, message_id)
SELECT $1::bigint, c.before + row_number() OVER (ORDER BY h.id), 'message.updated', h.conversation_id, h.id
FROM counted c, shown h;

-- name: add_media
INSERT INTO media (account_id, state, claimed_type, file_name, voice, type, sha256, size)
VALUES ($1::bigint, 'stored', $2::text, $3::text, $4::bool, $5::text, decode($6::text, 'hex'), $7::bigint) RETURNING id;

-- name: media
SELECT id, state, claimed_type, type, encode(sha256, 'hex') AS sha256, size, file_name, voice, problem_code, problem_detail, created_at
FROM media WHERE account_id = $1::bigint AND id = $2::bigint;

-- name: media_upload
SELECT graph_id FROM media_uploads
WHERE account_id = $1::bigint AND media_id = $2::bigint AND phone_number_id = $3::text
    AND expires_at > now() + interval '10 minutes';

-- name: put_media_upload
INSERT INTO media_uploads (account_id, media_id, phone_number_id, graph_id, expires_at)
VALUES ($1::bigint, $2::bigint, $3::text, $4::text, now() + interval '29 days')
ON CONFLICT (account_id, media_id, phone_number_id) DO UPDATE
    SET graph_id = excluded.graph_id, expires_at = excluded.expires_at;

-- name: drop_media_upload
DELETE FROM media_uploads WHERE account_id = $1::bigint AND media_id = $2::bigint AND phone_number_id = $3::text;
