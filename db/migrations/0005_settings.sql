-- Secrets of business numbers, how a number behaves, and on whose word a delivery was believed.

ALTER TABLE phone_numbers
    -- What the account calls it; empty: its verified name.
    ADD name text NOT NULL DEFAULT '' CHECK (length(name) <= 100),
    -- When customers see blue ticks: when an agent opens the thread, when one answers, or never.
    ADD read_receipts text NOT NULL DEFAULT 'on_open' CHECK (read_receipts IN ('on_open', 'on_reply', 'never')),
    ADD send_typing boolean NOT NULL DEFAULT true,
    -- Nothing is sent from it any more; its threads stay.
    ADD retired_at timestamptz;

-- Sealed with a key that is not in this database, each for its own row.
CREATE TABLE number_credentials (
    account_id bigint NOT NULL,
    phone_number_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('token', 'app_secret', 'verify_token')),
    sealed text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, phone_number_id, kind),
    FOREIGN KEY (account_id, phone_number_id) REFERENCES phone_numbers (account_id, phone_number_id) ON DELETE CASCADE
);

-- The accounts whose app secret signed a delivery: nothing of another account is taken from it. NULL: signed with a secret
-- of the server's own configuration, which speaks for all.
ALTER TABLE webhook_deliveries ADD vouched_by bigint[] CHECK (cardinality(vouched_by) > 0);
