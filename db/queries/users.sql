-- Built-in sign-in: users and their sessions.

-- name: begin_sign_in
-- Counts the attempt before the password is looked at, so that guesses sent at once count too; open_session takes it
-- back. From the fifth on each makes the next wait: 1 s, 2 s, 4 s ... 60 s (as auth/rate_limits has it for addresses
-- that nobody has). No row: no such user, or one who has to wait.
UPDATE users SET
    failed_sign_ins = least(failed_sign_ins, 1000) + 1,
    next_attempt_at = now() + make_interval(secs =>
        CASE WHEN failed_sign_ins < 4 THEN 0 ELSE least(60, power(2, least(failed_sign_ins - 4, 6))) END)
WHERE lower(email) = lower($1::text) AND next_attempt_at <= now()
RETURNING id, email, password_hash, user_metadata, app_metadata, email_confirmed_at, last_sign_in_at, banned_until,
          created_at, updated_at;

-- name: sign_in_wait
SELECT ceil(extract(epoch FROM next_attempt_at - now()))::bigint AS seconds FROM users
WHERE lower(email) = lower($1::text) AND next_attempt_at > now();

-- name: open_session
-- Only while the password is still the one that was verified.
WITH signed_in AS (
    UPDATE users SET failed_sign_ins = 0, next_attempt_at = '-infinity', last_sign_in_at = now()
    WHERE id = $1::uuid AND password_hash = $2::text RETURNING id, last_sign_in_at
), opened AS (
    INSERT INTO sessions (id, user_id, not_after)
    SELECT $3::uuid, id, now() + make_interval(secs => $4::bigint) FROM signed_in
)
SELECT last_sign_in_at FROM signed_in;

-- name: drop_old_sessions
-- What is over, and the oldest beyond the newest hundred.
DELETE FROM sessions WHERE user_id = $1::uuid AND (not_after <= now() OR id IN
    (SELECT id FROM sessions WHERE user_id = $1::uuid ORDER BY created_at DESC OFFSET 100));

-- name: lock_session
SELECT s.refresh_counter, s.refreshed_at, s.not_after, now() AS now,
       u.id, u.email, u.password_hash, u.user_metadata, u.app_metadata, u.email_confirmed_at, u.last_sign_in_at,
       u.banned_until, u.created_at, u.updated_at
FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1::uuid FOR UPDATE OF s;

-- name: advance_session
UPDATE sessions SET refresh_counter = refresh_counter + 1, refreshed_at = now() WHERE id = $1::uuid;

-- name: end_session
DELETE FROM sessions WHERE id = $1::uuid AND user_id = $2::uuid RETURNING id;

-- name: end_sessions
-- All of a user, but the one that is named.
DELETE FROM sessions WHERE user_id = $1::uuid AND id IS DISTINCT FROM $2::uuid RETURNING id;

-- name: ended_sessions
SELECT i.id FROM unnest($1::text[]) AS i (id)
WHERE NOT EXISTS (SELECT FROM sessions s WHERE s.id = i.id::uuid AND s.not_after > now());

-- name: find_user
SELECT id, email, password_hash, user_metadata, app_metadata, email_confirmed_at, last_sign_in_at, banned_until,
       created_at, updated_at
FROM users WHERE id = $1::uuid;

-- name: find_user_by_email
SELECT id, email, password_hash, user_metadata, app_metadata, email_confirmed_at, last_sign_in_at, banned_until,
       created_at, updated_at
FROM users WHERE lower(email) = lower($1::text);

-- name: page_of_users
SELECT id, email, password_hash, user_metadata, app_metadata, email_confirmed_at, last_sign_in_at, banned_until,
       created_at, updated_at
FROM users ORDER BY created_at DESC, id LIMIT $1::bigint OFFSET $2::bigint;

-- name: count_users
SELECT count(*) AS total FROM users;

-- name: add_user
INSERT INTO users (id, email, password_hash, user_metadata, app_metadata, email_confirmed_at)
VALUES ($1::uuid, $2::text, $3::text, $4::jsonb, $5::jsonb, now())
RETURNING id, email, password_hash, user_metadata, app_metadata, email_confirmed_at, last_sign_in_at, banned_until,
          created_at, updated_at;

-- name: update_user
-- NULL leaves a thing as it is. Metadata is merged; $5 and $7 are the members that go.
UPDATE users SET
    email = coalesce($2::text, email),
    password_hash = coalesce($3::text, password_hash),
    failed_sign_ins = CASE WHEN $3::text IS NULL THEN failed_sign_ins ELSE 0 END,
    next_attempt_at = CASE WHEN $3::text IS NULL THEN next_attempt_at ELSE '-infinity' END,
    user_metadata = (user_metadata || $4::jsonb) - $5::text[],
    app_metadata = (app_metadata || $6::jsonb) - $7::text[],
    banned_until = CASE WHEN $8::bigint IS NULL THEN banned_until
                        WHEN $8::bigint = 0 THEN NULL
                        ELSE now() + make_interval(secs => $8::bigint) END,
    updated_at = now()
WHERE id = $1::uuid
RETURNING id, email, password_hash, user_metadata, app_metadata, email_confirmed_at, last_sign_in_at, banned_until,
          created_at, updated_at;

-- name: remove_user
WITH memberships AS (DELETE FROM members WHERE user_id = $1::uuid RETURNING account_id),
     gone AS (DELETE FROM users WHERE id = $1::uuid RETURNING id)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM memberships) AS rows;

-- name: list_people
-- Members with their addresses, where they have one here, and users who belong to no account.
SELECT m.account_id, coalesce(m.user_id, u.id) AS user_id, m.role, u.email
FROM members m FULL JOIN users u ON u.id = m.user_id
ORDER BY m.account_id NULLS LAST, coalesce(m.created_at, u.created_at);
