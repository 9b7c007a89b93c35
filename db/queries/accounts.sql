-- Accounts, their numbers and members.

-- name: ping
SELECT 1 AS one;

-- name: find_principal
SELECT m.account_id, m.role FROM members m
WHERE m.user_id = $1::uuid AND ($2::bigint IS NULL OR m.account_id = $2::bigint)
ORDER BY m.created_at, m.account_id LIMIT 1;

-- name: list_accounts
SELECT id, name, created_at FROM accounts ORDER BY id;

-- name: add_account
INSERT INTO accounts (name) VALUES ($1::text) RETURNING id;

-- name: list_members
SELECT account_id, user_id, role, created_at FROM members ORDER BY account_id, created_at;

-- name: put_member
INSERT INTO members (account_id, user_id, role) VALUES ($1::bigint, $2::uuid, $3::text)
ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role;

-- name: add_member_if_absent
INSERT INTO members (account_id, user_id, role) VALUES ($1::bigint, $2::uuid, $3::text) ON CONFLICT DO NOTHING;

-- name: remove_member
DELETE FROM members WHERE account_id = $1::bigint AND user_id = $2::uuid;

-- name: list_numbers
SELECT p.account_id, p.phone_number_id, coalesce(p.waba_id, '') AS waba_id, p.display_phone_number, p.verified_name,
       p.name, p.retired_at IS NOT NULL AS retired,
       coalesce((SELECT string_agg(s.kind, ', ' ORDER BY s.kind) FROM number_credentials s
                 WHERE s.account_id = p.account_id AND s.phone_number_id = p.phone_number_id), '') AS secrets
FROM phone_numbers p ORDER BY p.account_id, p.phone_number_id;

-- name: lock_first_account
-- Servers that start at the same time set up the first account one after the other. Held to the end of the transaction.
SELECT true AS locked FROM (SELECT pg_advisory_xact_lock(7026538104554)) l;

-- name: account_of_number
SELECT account_id FROM phone_numbers WHERE phone_number_id = $1::text OR ($2::text <> '' AND waba_id = $2::text)
ORDER BY phone_number_id = $1::text DESC LIMIT 1;

-- name: put_number
-- Text that is not given keeps what is there. A number of another account is refused by phone_numbers_one_account.
INSERT INTO phone_numbers AS p (account_id, phone_number_id, waba_id, display_phone_number, verified_name)
VALUES ($1::bigint, $2::text, nullif($3::text, ''), $4::text, $5::text)
ON CONFLICT (account_id, phone_number_id) DO UPDATE SET
    waba_id = coalesce(excluded.waba_id, p.waba_id),
    display_phone_number = coalesce(nullif(excluded.display_phone_number, ''), p.display_phone_number),
    verified_name = coalesce(nullif(excluded.verified_name, ''), p.verified_name);

-- name: numbers_of_account
SELECT p.phone_number_id, p.waba_id, p.display_phone_number, p.verified_name,
       coalesce((SELECT sum(c.unread_count) FROM chat_conversations c
                 WHERE c.account_id = p.account_id AND c.phone_number_id = p.phone_number_id AND c.has_unread), 0)
           ::bigint AS unread_count
FROM phone_numbers p WHERE p.account_id = $1::bigint AND p.retired_at IS NULL
ORDER BY p.display_phone_number, p.phone_number_id;
