-- Settings: numbers with their secrets, members, accounts.

-- name: number_settings
-- All numbers of an account, or the one that is named. A delivery is one of the newest hundred of the account that names
-- the number, or brought one of its newest messages.
SELECT p.phone_number_id, coalesce(p.waba_id, '') AS waba_id, p.name, p.display_phone_number, p.verified_name,
       p.read_receipts, p.send_typing, p.retired_at, p.created_at,
       (SELECT s.sealed FROM number_credentials s WHERE s.account_id = p.account_id
            AND s.phone_number_id = p.phone_number_id AND s.kind = 'token') AS token,
       (SELECT s.sealed FROM number_credentials s WHERE s.account_id = p.account_id
            AND s.phone_number_id = p.phone_number_id AND s.kind = 'app_secret') AS app_secret,
       (SELECT s.sealed FROM number_credentials s WHERE s.account_id = p.account_id
            AND s.phone_number_id = p.phone_number_id AND s.kind = 'verify_token') AS verify_token,
       greatest(
           (SELECT max(c.last_incoming_at) FROM (
                SELECT last_incoming_at FROM chat_conversations
                WHERE account_id = p.account_id AND phone_number_id = p.phone_number_id
                ORDER BY active_minute DESC LIMIT 20) c),
           (SELECT max(d.received_at) FROM (
                SELECT received_at, body FROM webhook_deliveries
                WHERE account_id = p.account_id ORDER BY id DESC LIMIT 100) d
            WHERE position(convert_to('"' || p.phone_number_id || '"', 'UTF8') IN d.body) > 0)) AS last_delivery_at
FROM phone_numbers p
WHERE p.account_id = $1::bigint AND ($2::text IS NULL OR p.phone_number_id = $2::text)
ORDER BY p.retired_at IS NOT NULL, p.created_at, p.phone_number_id;

-- name: save_number
-- A number that was retired is in use again. Text that is not given keeps what is there; a number of another account is
-- refused by phone_numbers_one_account.
INSERT INTO phone_numbers AS p (account_id, phone_number_id, waba_id, display_phone_number, verified_name, name)
VALUES ($1::bigint, $2::text, nullif($3::text, ''), $4::text, $5::text, coalesce($6::text, ''))
ON CONFLICT (account_id, phone_number_id) DO UPDATE SET
    waba_id = coalesce(excluded.waba_id, p.waba_id),
    display_phone_number = coalesce(nullif(excluded.display_phone_number, ''), p.display_phone_number),
    verified_name = coalesce(nullif(excluded.verified_name, ''), p.verified_name),
    name = coalesce($6::text, p.name),
    retired_at = NULL
RETURNING xmax = 0 AS added;

-- name: change_number
-- NULL leaves a thing as it is.
UPDATE phone_numbers SET
    name = coalesce($3::text, name),
    waba_id = coalesce($4::text, waba_id),
    read_receipts = coalesce($5::text, read_receipts),
    send_typing = coalesce($6::boolean, send_typing),
    display_phone_number = coalesce($7::text, display_phone_number),
    verified_name = coalesce($8::text, verified_name)
WHERE account_id = $1::bigint AND phone_number_id = $2::text;

-- name: forget_directory
-- Locks the account, as every writer does, and tells those who remember its numbers that something is gone.
UPDATE accounts SET directory_version = directory_version + 1 WHERE id = $1::bigint;

-- name: remove_unused_number
DELETE FROM phone_numbers p WHERE p.account_id = $1::bigint AND p.phone_number_id = $2::text
    AND NOT EXISTS (SELECT FROM chat_conversations c
                    WHERE c.account_id = p.account_id AND c.phone_number_id = p.phone_number_id)
RETURNING phone_number_id;

-- name: retire_number
-- Its app secret stays: what Meta still reports of its messages is believed.
WITH retired AS (
    UPDATE phone_numbers SET retired_at = coalesce(retired_at, now())
    WHERE account_id = $1::bigint AND phone_number_id = $2::text RETURNING account_id, phone_number_id
), gone AS (
    DELETE FROM number_credentials s USING retired r
    WHERE s.account_id = r.account_id AND s.phone_number_id = r.phone_number_id AND s.kind = 'token'
)
SELECT phone_number_id FROM retired;

-- name: put_credential
INSERT INTO number_credentials (account_id, phone_number_id, kind, sealed) VALUES ($1::bigint, $2::text, $3::text, $4::text)
ON CONFLICT (account_id, phone_number_id, kind) DO UPDATE SET sealed = excluded.sealed, updated_at = now();

-- name: remove_credential
DELETE FROM number_credentials WHERE account_id = $1::bigint AND phone_number_id = $2::text AND kind = $3::text;

-- name: token_of_number
SELECT p.phone_number_id, p.retired_at IS NOT NULL AS retired, s.sealed
FROM phone_numbers p
LEFT JOIN number_credentials s ON s.account_id = p.account_id AND s.phone_number_id = p.phone_number_id AND s.kind = 'token'
WHERE p.account_id = $1::bigint AND p.phone_number_id = $2::text;

-- name: token_of_waba
SELECT s.phone_number_id, false AS retired, s.sealed
FROM phone_numbers p
JOIN number_credentials s ON s.account_id = p.account_id AND s.phone_number_id = p.phone_number_id AND s.kind = 'token'
WHERE p.account_id = $1::bigint AND p.waba_id = $2::text AND p.retired_at IS NULL
ORDER BY s.updated_at DESC LIMIT 1;

-- name: webhook_credentials
SELECT account_id, phone_number_id, kind, sealed FROM number_credentials WHERE kind <> 'token'
ORDER BY account_id, phone_number_id, kind;

-- name: any_token
SELECT EXISTS (SELECT FROM number_credentials WHERE kind = 'token') AS found;

-- name: members_of_account
-- Everybody, or the one who is named; with address and name where people sign in here.
SELECT m.user_id, m.role, m.created_at, u.email,
       coalesce(u.user_metadata ->> 'display_name', u.user_metadata ->> 'full_name', u.user_metadata ->> 'name') AS name
FROM members m LEFT JOIN users u ON u.id = m.user_id
WHERE m.account_id = $1::bigint AND ($2::uuid IS NULL OR m.user_id = $2::uuid)
ORDER BY m.created_at, m.user_id;

-- name: roles_for_change
-- Who does it, to whom, and whether the account has another owner than the second. Asked under the account's lock.
SELECT (SELECT role FROM members WHERE account_id = $1::bigint AND user_id = $2::uuid) AS actor,
       (SELECT role FROM members WHERE account_id = $1::bigint AND user_id = $3::uuid) AS target,
       EXISTS (SELECT FROM members WHERE account_id = $1::bigint AND role = 'owner' AND user_id <> $3::uuid) AS other_owners;

-- name: change_member
UPDATE members m SET role = $3::text WHERE m.account_id = $1::bigint AND m.user_id = $2::uuid
    AND ($3::text = 'owner' OR m.role <> 'owner' OR EXISTS (
        SELECT FROM members o WHERE o.account_id = m.account_id AND o.role = 'owner' AND o.user_id <> m.user_id));

-- name: remove_member_but_last_owner
DELETE FROM members m WHERE m.account_id = $1::bigint AND m.user_id = $2::uuid
    AND (m.role <> 'owner' OR EXISTS (
        SELECT FROM members o WHERE o.account_id = m.account_id AND o.role = 'owner' AND o.user_id <> m.user_id));

-- name: accounts_of_user
SELECT a.id, a.name, m.role FROM members m JOIN accounts a ON a.id = m.account_id
WHERE m.user_id = $1::uuid ORDER BY m.created_at, a.id;

-- name: add_account_of_owner
-- No row: the user owns no account yet, or too many.
WITH owned AS (
    SELECT count(*) AS accounts FROM members WHERE user_id = $2::uuid AND role = 'owner'
), added AS (
    INSERT INTO accounts (name) SELECT $1::text FROM owned WHERE accounts BETWEEN 1 AND $3::bigint - 1 RETURNING id
), owner AS (
    INSERT INTO members (account_id, user_id, role) SELECT id, $2::uuid, 'owner' FROM added
)
SELECT id FROM added;

-- name: rename_account
UPDATE accounts SET name = $2::text WHERE id = $1::bigint RETURNING id;
