-- How many of the companies of each calendar month were never seen before, and how many came back.
--
-- partition: month
-- order: month
-- check: adds_up blocking each companies = new_companies + returning_companies
-- column: companies — companies active in the month
-- column: new_companies — of these, those whose first event ever lies in this month
-- column: returning_companies — of these, those that were active in an earlier month
-- column: known_companies — all that were ever active up to the end of the month
-- column: new_events — events of the new companies
-- column: returning_events — events of the returning companies
SELECT
  p.key AS month,
  count(c.company) AS companies,
  count(c.company) FILTER (k.first_month = p.key) AS new_companies,
  count(c.company) FILTER (k.first_month < p.key) AS returning_companies,
  count(*) AS known_companies,
  CAST(coalesce(sum(c.events) FILTER (k.first_month = p.key), 0) AS BIGINT) AS new_events,
  CAST(coalesce(sum(c.events) FILTER (k.first_month < p.key), 0) AS BIGINT) AS returning_events
FROM known_companies AS k
LEFT JOIN companies_by_month AS c USING (company), this_partition AS p
GROUP BY p.key
