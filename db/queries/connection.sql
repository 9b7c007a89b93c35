-- What the doctor asks the database.

-- name: database_facts
-- The folder only where it is on this machine and may be known.
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::bigint AS version_number,
       current_setting('fsync') <> 'off' AS fsync, current_setting('synchronous_commit') <> 'off' AS synchronous_commit,
       current_setting('full_page_writes') <> 'off' AS full_page_writes,
       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
           - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS free_connections,
       CASE WHEN inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()
            THEN (SELECT setting FROM pg_settings WHERE name = 'data_directory') END AS folder;

-- name: work_facts
-- Deliveries of nobody are those of the only account. Sends with an unknown outcome are looked for among the newest
-- 10,000.
SELECT (SELECT received_at FROM webhook_deliveries WHERE account_id = $1::bigint ORDER BY id DESC LIMIT 1) AS newest_delivery,
       d.dead, d.partial, o.unknown, w.waiting, f.files_waiting
FROM (SELECT count(*) FILTER (WHERE state = 'dead') AS dead, count(*) FILTER (WHERE state = 'partial') AS partial
      FROM webhook_deliveries
      WHERE state <> 'stored' AND received_at > now() - interval '7 days'
          AND (account_id = $1::bigint OR (account_id = 0 AND (SELECT count(*) FROM accounts) = 1))) d,
     (SELECT count(*) FILTER (WHERE state = 'unknown') AS unknown
      FROM (SELECT state FROM outbox WHERE account_id = $1::bigint ORDER BY id DESC LIMIT 10000) n) o,
     (SELECT count(*) AS waiting FROM outbox
      WHERE account_id = $1::bigint AND state IN ('pending', 'claimed', 'sending')
          AND created_at < now() - interval '5 minutes') w,
     (SELECT count(*) AS files_waiting FROM media
      WHERE account_id = $1::bigint AND state = 'announced' AND created_at < now() - interval '5 minutes') f;

-- name: newest_files
SELECT DISTINCT encode(sha256, 'hex') AS sha256
FROM (SELECT sha256 FROM media WHERE account_id = $1::bigint AND state = 'stored' ORDER BY id DESC LIMIT 20) n;
