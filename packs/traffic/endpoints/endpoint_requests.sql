-- How often each endpoint was asked, how that ended, and how long it took; the slowest first.
--
-- param: from period = latest — first day, month or year
-- param: to period = latest — last one, that one included
-- input: endpoint_days partition $from..$to
-- order: average_ms desc, endpoint
-- column: requests — how often it was asked [unit requests]
-- column: answered — of them, those that were answered
-- column: refused — of them, refused for what the caller sent
-- column: failed — of them, not answered for any other reason
-- column: cached — of them, those whose caller had the answer already
-- column: rows — rows that were answered [unit rows]
-- column: bytes — bytes that were answered [unit bytes]
-- column: average_ms — how long one took [unit ms]
-- column: slowest_day — the day on which one took longest; the earliest of several
-- limit: 1000 rows, 5 s
SELECT
  endpoint,
  CAST(sum(requests) AS BIGINT) AS requests,
  CAST(sum(answered) AS BIGINT) AS answered,
  CAST(sum(refused) AS BIGINT) AS refused,
  CAST(sum(unavailable + broken) AS BIGINT) AS failed,
  CAST(sum(cached) AS BIGINT) AS cached,
  CAST(sum(rows) AS BIGINT) AS rows,
  CAST(sum(bytes) AS BIGINT) AS bytes,
  round(sum(total_ms) / sum(requests), 2) AS average_ms,
  arg_max(partition, average_ms ORDER BY average_ms DESC, partition) AS slowest_day
FROM endpoint_days
GROUP BY endpoint

-- drill
-- input: endpoint_traffic partition $from..$to
SELECT hour, endpoint_version, caller_kind, caller, key_name, requests, answered, rows, bytes, total_ms
FROM endpoint_traffic
WHERE endpoint = $row_endpoint
ORDER BY hour, endpoint_version, caller_kind, caller
