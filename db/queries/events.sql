-- Reading the event log. Offsets have no gaps, so a page is a range of them.

-- name: event_positions
-- Where the logs of accounts stand, and how far back they reach.
SELECT a.id AS account_id, a.event_epoch, a.event_offset,
       coalesce((SELECT min(e."offset") FROM events e WHERE e.account_id = a.id), a.event_offset + 1) AS oldest_offset
FROM accounts a WHERE a.id = ANY ($1::bigint[]);

-- name: event_page
SELECT "offset", name, conversation_id, message_id, created_at FROM events
WHERE account_id = $1::bigint AND "offset" > $2::bigint AND "offset" <= $2::bigint + $3::bigint ORDER BY "offset";

-- name: event_page_messages
SELECT m.* FROM message_overview m
WHERE m.account_id = $1::bigint AND m.id IN (
    SELECT e.message_id FROM events e
    WHERE e.account_id = $1::bigint AND e."offset" > $2::bigint AND e."offset" <= $2::bigint + $3::bigint);

-- name: event_page_conversations
-- One that was folded into another since is told as that one is now.
SELECT c.*, c.id AS named_id FROM conversation_overview c
WHERE c.account_id = $1::bigint AND c.id IN (
    SELECT e.conversation_id FROM events e
    WHERE e.account_id = $1::bigint AND e."offset" > $2::bigint AND e."offset" <= $2::bigint + $3::bigint)
UNION ALL
SELECT c.*, n.id FROM (
    SELECT DISTINCT f.conversation_id AS id, kept_conversation($1::bigint, f.conversation_id) AS kept_id
    FROM events e JOIN merged_conversations f ON f.account_id = $1::bigint AND f.conversation_id = e.conversation_id
        AND f.kept_id IS NOT NULL
    WHERE e.account_id = $1::bigint AND e."offset" > $2::bigint AND e."offset" <= $2::bigint + $3::bigint) n
JOIN conversation_overview c ON c.account_id = $1::bigint AND c.id = n.kept_id;

-- name: remaining_members
-- Which of these users still belong to these accounts; positions count from 0.
SELECT i.ordinality - 1 AS position
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS i (account_id, user_id, ordinality)
JOIN members m ON m.account_id = i.account_id AND m.user_id = i.user_id::uuid;

-- name: tell_presence
SELECT pg_notify('parley_presence', $1::text) IS NULL AS told;
