-- Each key and person of each month, by the endpoints that they asked.
--
-- partition: month
-- order: requests desc, endpoint, caller_kind, caller
-- check: callers_once blocking unique endpoint, caller_kind, caller
-- column: caller_kind — key, user, local, operator, or others beyond what is counted one by one
-- column: caller — id of the key or user
-- column: key_name — name of the key; NULL for others
-- column: answered — of the requests, those that were answered
-- column: rows — rows that were answered [unit rows]
-- column: bytes — bytes that were answered [unit bytes]
-- column: first_hour — beginning of the first hour of the month in which they asked
-- column: last_hour — beginning of the last one
SELECT
  endpoint,
  caller_kind,
  caller,
  key_name,
  CAST(sum(requests) AS BIGINT) AS requests,
  CAST(sum(answered) AS BIGINT) AS answered,
  CAST(sum(rows) AS BIGINT) AS rows,
  CAST(sum(bytes) AS BIGINT) AS bytes,
  min(hour) AS first_hour,
  max(hour) AS last_hour
FROM endpoint_traffic
GROUP BY endpoint, caller_kind, caller, key_name
