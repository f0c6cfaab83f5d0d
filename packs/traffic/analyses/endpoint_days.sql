-- Each endpoint of each day: how often it was asked, how that ended, and how long it took.
--
-- partition: day
-- order: average_ms desc, endpoint
-- check: endpoints_once blocking unique endpoint
-- check: adds_up blocking each requests = answered + refused + unavailable + broken
-- column: callers — keys and people that asked
-- column: answered — of the requests, those that were answered
-- column: refused — of the requests, refused for what the caller sent
-- column: unavailable — of the requests, not answered for what passes by itself
-- column: broken — of the requests, not answered for a mistake of Millrace or of the endpoint
-- column: cached — of the requests, those whose caller had the answer already
-- column: rows — rows that were answered [unit rows]
-- column: bytes — bytes that were answered [unit bytes]
-- column: total_ms — how long they took together [unit ms]
-- column: average_ms — how long one took [unit ms]
-- column: p95_ms — 95 of a hundred took at most so long; NULL: longer than 5 s [unit ms]
WITH days AS (
  SELECT
    endpoint,
    count(DISTINCT concat_ws(' ', caller_kind, caller)) AS callers,
    CAST(sum(requests) AS BIGINT) AS requests,
    CAST(sum(answered) AS BIGINT) AS answered,
    CAST(sum(refused) AS BIGINT) AS refused,
    CAST(sum(unavailable) AS BIGINT) AS unavailable,
    CAST(sum(broken) AS BIGINT) AS broken,
    CAST(sum(cached) AS BIGINT) AS cached,
    CAST(sum(rows) AS BIGINT) AS rows,
    CAST(sum(bytes) AS BIGINT) AS bytes,
    round(sum(total_ms), 3) AS total_ms,
    0.95 * sum(requests) AS most,
    sum(within_1_ms) AS w1,
    sum(within_2_ms) AS w2,
    sum(within_5_ms) AS w5,
    sum(within_10_ms) AS w10,
    sum(within_20_ms) AS w20,
    sum(within_50_ms) AS w50,
    sum(within_100_ms) AS w100,
    sum(within_200_ms) AS w200,
    sum(within_500_ms) AS w500,
    sum(within_1000_ms) AS w1000,
    sum(within_2000_ms) AS w2000,
    sum(within_5000_ms) AS w5000
  FROM endpoint_traffic
  GROUP BY endpoint
)
SELECT
  endpoint,
  callers,
  requests,
  answered,
  refused,
  unavailable,
  broken,
  cached,
  rows,
  bytes,
  total_ms,
  round(total_ms / requests, 2) AS average_ms,
  CASE
    WHEN w1 >= most THEN 1
    WHEN w2 >= most THEN 2
    WHEN w5 >= most THEN 5
    WHEN w10 >= most THEN 10
    WHEN w20 >= most THEN 20
    WHEN w50 >= most THEN 50
    WHEN w100 >= most THEN 100
    WHEN w200 >= most THEN 200
    WHEN w500 >= most THEN 500
    WHEN w1000 >= most THEN 1000
    WHEN w2000 >= most THEN 2000
    WHEN w5000 >= most THEN 5000
  END AS p95_ms
FROM days
