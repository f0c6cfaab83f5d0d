-- Events of each calendar year.
--
-- partition: year
-- order: year
-- column: months — months of the year in which something happened
-- column: days — days of the year on which something happened
SELECT
  p.key AS year,
  CAST(sum(m.events) AS BIGINT) AS events,
  count(*) AS months,
  CAST(sum(m.days) AS BIGINT) AS days
FROM events_by_month AS m, this_partition AS p
GROUP BY p.key
