-- Message templates and when they are read from Meta. A WhatsApp Business Account that no number of the account has any
-- more is neither read nor shown.

-- name: list_templates
-- $2 (a number), $3 (a LIKE pattern), $4 (language), $5 (category) and $6 (status): empty for all.
SELECT t.template_id, t.waba_id, t.name, t.language, t.category, t.status, t.parameter_format, t.components, t.quality,
       t.rejected_reason, s.synced_at
FROM message_templates t LEFT JOIN template_syncs s USING (account_id, waba_id)
WHERE t.account_id = $1::bigint
    AND t.waba_id IN (SELECT p.waba_id FROM phone_numbers p
                      WHERE p.account_id = $1::bigint AND ($2::text = '' OR p.phone_number_id = $2::text))
    AND ($3::text = '' OR t.name ILIKE $3::text
         OR EXISTS (SELECT FROM jsonb_array_elements(t.components) c
                    WHERE c ->> 'type' = 'BODY' AND c ->> 'text' ILIKE $3::text))
    AND ($4::text = '' OR t.language = $4::text)
    AND ($5::text = '' OR t.category = $5::text)
    AND ($6::text = '' OR t.status = $6::text)
ORDER BY t.name, t.language, t.waba_id, t.template_id LIMIT $7::bigint OFFSET $8::bigint;

-- name: templates_named
-- All languages of a template that this number can send.
SELECT t.template_id, t.waba_id, t.name, t.language, t.category, t.status, t.parameter_format, t.components, t.quality,
       t.rejected_reason, s.synced_at
FROM phone_numbers p JOIN message_templates t USING (account_id, waba_id)
LEFT JOIN template_syncs s USING (account_id, waba_id)
WHERE p.account_id = $1::bigint AND p.phone_number_id = $2::text AND t.name = $3::text
ORDER BY t.language;

-- name: template_syncs_of_account
SELECT DISTINCT p.waba_id, s.synced_at, s.problem, s.problem_detail, s.problem_code
FROM phone_numbers p LEFT JOIN template_syncs s USING (account_id, waba_id)
WHERE p.account_id = $1::bigint AND p.waba_id <> '' AND ($2::text = '' OR p.phone_number_id = $2::text)
ORDER BY p.waba_id;

-- name: delete_templates_not_listed
-- Listed now under another id counts as gone. Without $6 the list is not whole: then only that is deleted.
DELETE FROM message_templates t
WHERE t.account_id = $1::bigint AND t.waba_id = $2::text
    AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[], $5::text[]) AS i (template_id, name, language)
                    WHERE i.template_id = t.template_id AND i.name = t.name AND i.language = t.language)
    AND ($6::bool OR EXISTS (SELECT FROM unnest($3::text[], $4::text[], $5::text[]) AS i (template_id, name, language)
                             WHERE i.template_id = t.template_id OR (i.name = t.name AND i.language = t.language)));

-- name: put_templates
INSERT INTO message_templates AS t
    (account_id, waba_id, template_id, name, language, category, status, parameter_format, components, quality, rejected_reason)
SELECT $1::bigint, $2::text, i.template_id, i.name, i.language, i.category, i.status, i.parameter_format,
       i.components::jsonb, i.quality, i.rejected_reason
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    AS i (template_id, name, language, category, status, parameter_format, components, quality, rejected_reason)
ON CONFLICT (account_id, waba_id, template_id) DO UPDATE SET
    category = excluded.category, status = excluded.status, parameter_format = excluded.parameter_format,
    components = excluded.components, quality = excluded.quality, rejected_reason = excluded.rejected_reason,
    changed_at = now()
WHERE (t.category, t.status, t.parameter_format, t.components, t.quality, t.rejected_reason)
    IS DISTINCT FROM (excluded.category, excluded.status, excluded.parameter_format, excluded.components,
                      excluded.quality, excluded.rejected_reason);

-- name: note_template_sync
-- Without a problem ($3 NULL) the list was read at $6. After one it is tried again in a quarter of an hour.
INSERT INTO template_syncs AS s (account_id, waba_id, due_at, synced_at, problem, problem_detail, problem_code)
VALUES ($1::bigint, $2::text, now() + CASE WHEN $3::text IS NULL THEN interval '6 hours' ELSE interval '15 minutes' END,
        CASE WHEN $3::text IS NULL THEN $6::timestamptz END, $3::text, $4::text, $5::bigint)
ON CONFLICT (account_id, waba_id) DO UPDATE SET
    due_at = least(s.due_at, excluded.due_at), synced_at = coalesce(excluded.synced_at, s.synced_at),
    problem = excluded.problem, problem_detail = excluded.problem_detail, problem_code = excluded.problem_code;

-- name: make_template_syncs_due
UPDATE template_syncs SET due_at = least(due_at, now());

-- name: claim_template_syncs
-- Takes the lists that are due, each by one process only; those of accounts that are new here come with the next call.
WITH added AS (
    INSERT INTO template_syncs (account_id, waba_id, due_at)
    SELECT DISTINCT p.account_id, p.waba_id, now() FROM phone_numbers p
    WHERE p.waba_id <> ''
        AND NOT EXISTS (SELECT FROM template_syncs s WHERE s.account_id = p.account_id AND s.waba_id = p.waba_id)
    ON CONFLICT DO NOTHING
), due AS (
    SELECT s.account_id, s.waba_id FROM template_syncs s
    WHERE s.due_at <= now()
        AND EXISTS (SELECT FROM phone_numbers p WHERE p.account_id = s.account_id AND p.waba_id = s.waba_id)
    ORDER BY s.due_at LIMIT 8 FOR UPDATE SKIP LOCKED
)
UPDATE template_syncs s SET due_at = now() + interval '6 hours' FROM due
WHERE s.account_id = due.account_id AND s.waba_id = due.waba_id
RETURNING s.account_id, s.waba_id;

-- name: apply_template_changes
-- What a webhook says, of every account that has the WhatsApp Business Account; of those in $7 only, unless it is empty.
-- The list is read again a moment later: not at once, because such webhooks come in swarms.
WITH said AS (
    SELECT i.waba_id, i.template_id,
           (array_agg(i.status ORDER BY i.place DESC) FILTER (WHERE i.status <> ''))[1] AS status,
           (array_agg(i.rejected_reason ORDER BY i.place DESC) FILTER (WHERE i.status <> ''))[1] AS rejected_reason,
           (array_agg(i.category ORDER BY i.place DESC) FILTER (WHERE i.category <> ''))[1] AS category,
           (array_agg(i.quality ORDER BY i.place DESC) FILTER (WHERE i.quality <> ''))[1] AS quality
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY
        AS i (waba_id, template_id, status, rejected_reason, category, quality, place)
    GROUP BY i.waba_id, i.template_id
), due AS (
    INSERT INTO template_syncs AS s (account_id, waba_id, due_at)
    SELECT DISTINCT p.account_id, p.waba_id, now() + interval '3 seconds' FROM phone_numbers p
    WHERE p.waba_id IN (SELECT said.waba_id FROM said) AND ($7::bigint[] = '{}' OR p.account_id = ANY ($7::bigint[]))
    ON CONFLICT (account_id, waba_id) DO UPDATE SET due_at = least(s.due_at, excluded.due_at)
)
UPDATE message_templates t SET
    status = coalesce(said.status, t.status),
    rejected_reason = CASE WHEN said.status IS NULL THEN t.rejected_reason ELSE nullif(said.rejected_reason, '') END,
    category = coalesce(said.category, t.category),
    quality = coalesce(said.quality, t.quality),
    changed_at = now()
FROM said JOIN phone_numbers p USING (waba_id)
WHERE t.account_id = p.account_id AND t.waba_id = said.waba_id AND t.template_id = said.template_id
    AND ($7::bigint[] = '{}' OR p.account_id = ANY ($7::bigint[]));
