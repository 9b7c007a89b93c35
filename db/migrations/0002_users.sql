-- Built-in sign-in: who may sign in, and their sessions. People belong to no account: what they may do, and where, is
-- in members.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email <> '' AND length(email) <= 255),
    -- Argon2id in its encoded form; absent: nobody can sign in with a password.
    password_hash text,
    user_metadata jsonb NOT NULL DEFAULT '{}',
    app_metadata jsonb NOT NULL DEFAULT '{}',
    email_confirmed_at timestamptz,
    last_sign_in_at timestamptz,
    banned_until timestamptz,
    -- Attempts since the last good one, and when the next is looked at.
    failed_sign_ins integer NOT NULL DEFAULT 0 CHECK (failed_sign_ins >= 0),
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_metadata CHECK (jsonb_typeof(user_metadata) = 'object' AND jsonb_typeof(app_metadata) = 'object'),
    -- Both are answered on every refresh, and names of user_metadata travel in tokens.
    CONSTRAINT users_metadata_size
        CHECK (octet_length(user_metadata::text) <= 4096 AND octet_length(app_metadata::text) <= 4096)
);
CREATE UNIQUE INDEX users_email ON users (lower(email));

-- One row per sign-in. Refresh tokens are not stored: the token of a session is derived from its id, its counter and a
-- key that is not in the database. Only the token with the present counter is active.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    refresh_counter bigint NOT NULL DEFAULT 0 CHECK (refresh_counter >= 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    not_after timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id, created_at);
