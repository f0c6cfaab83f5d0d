-- How good the rows of each monthly file are. All of them were accepted; rows that could not be
-- read at all are quarantined and do not count here.
--
-- partition: month
-- input: events same
-- order: metric
-- check: no_bad_ids warning each metric <> 'bad_ids' OR rows = 0
-- check: no_bad_emails warning each metric <> 'bad_emails' OR rows = 0
-- check: no_bad_ips warning each metric <> 'bad_ips' OR rows = 0
-- check: no_duplicates warning each metric <> 'duplicates' OR rows = 0
-- check: few_out_of_month warning each metric <> 'out_of_month' OR percent < 5
-- column: metric — accepted: all rows; bad_ids: not a UUID; bad_emails; bad_ips: neither IPv4 nor
--   IPv6; duplicates: the id, a UUID, is that of an earlier row; out_of_month: the event's day
--   lies outside the file's month
-- column: percent — share of the accepted rows [unit %]
WITH judged AS (
  SELECT
    id,
    regexp_full_match(id, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}') AS is_id,
    regexp_full_match(email, '[^@\s]+@([^@\s.]+\.)+[^@\s.]+') AS is_email,
    CASE
      WHEN contains(ip, ':')
        -- an IPv4 address may stand for the last two groups
        THEN regexp_full_match(
          regexp_replace(lower(ip), ':((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$', ':0:0'),
          '([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}'
            || '|([0-9a-f]{1,4}:){1,7}:'
            || '|([0-9a-f]{1,4}:){1,6}:[0-9a-f]{1,4}'
            || '|([0-9a-f]{1,4}:){1,5}(:[0-9a-f]{1,4}){1,2}'
            || '|([0-9a-f]{1,4}:){1,4}(:[0-9a-f]{1,4}){1,3}'
            || '|([0-9a-f]{1,4}:){1,3}(:[0-9a-f]{1,4}){1,4}'
            || '|([0-9a-f]{1,4}:){1,2}(:[0-9a-f]{1,4}){1,5}'
            || '|([0-9a-f]{1,4}:){1,1}(:[0-9a-f]{1,4}){1,6}'
            || '|:(:[0-9a-f]{1,4}){1,7}'
            || '|::'
        )
      ELSE regexp_full_match(ip, '((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)')
    END AS is_ip,
    timestamp < p.starts_at OR timestamp >= p.ends_at AS is_outside
  FROM events, this_partition AS p
),
counted AS (
  SELECT
    count(*) AS accepted,
    count(*) FILTER (is_id IS NOT TRUE) AS bad_ids,
    count(*) FILTER (is_email IS NOT TRUE) AS bad_emails,
    count(*) FILTER (is_ip IS NOT TRUE) AS bad_ips,
    count(*) FILTER (is_id) - count(DISTINCT id) FILTER (is_id) AS duplicates,
    count(*) FILTER (is_outside) AS out_of_month
  FROM judged
),
listed AS (
  SELECT
    accepted,
    unnest(['accepted', 'bad_ids', 'bad_emails', 'bad_ips', 'duplicates', 'out_of_month']) AS metric,
    unnest([accepted, bad_ids, bad_emails, bad_ips, duplicates, out_of_month]) AS rows
  FROM counted
)
SELECT metric, rows, CAST(round(100 * rows / nullif(accepted, 0), 4) AS DECIMAL(7, 4)) AS percent
FROM listed
