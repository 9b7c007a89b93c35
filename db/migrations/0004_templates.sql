-- Message templates of the accounts' WhatsApp Business Accounts, as Meta last told them.

CREATE TABLE message_templates (
    account_id bigint NOT NULL REFERENCES accounts (id),
    waba_id text NOT NULL CHECK (waba_id <> ''),
    template_id text NOT NULL CHECK (template_id <> ''),
    name text NOT NULL,
    language text NOT NULL,
    category text NOT NULL,
    status text NOT NULL,
    parameter_format text NOT NULL,
    components jsonb NOT NULL CHECK (jsonb_typeof(components) = 'array'),
    quality text,
    rejected_reason text,
    -- When Meta's list last said something else of this template than before.
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, waba_id, template_id),
    CONSTRAINT message_templates_one_per_language UNIQUE (account_id, waba_id, name, language)
);

-- When the list of each WhatsApp Business Account was read, and is to be read again.
CREATE TABLE template_syncs (
    account_id bigint NOT NULL REFERENCES accounts (id),
    waba_id text NOT NULL CHECK (waba_id <> ''),
    due_at timestamptz NOT NULL,
    synced_at timestamptz,
    -- Of the last try: our word and a sentence; Meta's code where there is one. Absent: it went well.
    problem text,
    problem_detail text,
    problem_code bigint,
    PRIMARY KEY (account_id, waba_id),
    CHECK ((problem IS NULL) = (problem_detail IS NULL))
);
