-- What one company did in each calendar month.
--
-- param: company text — its registrable domain, in lower case: example.com
-- param: from period = 2000 — first month or year
-- param: to period = latest — last month or year, that one included
-- input: companies_by_month partition $from..$to
-- order: month
-- column: month — the calendar month; months without events have no row
-- column: events — what its people did that month [unit events]
-- column: users — e-mails of the company that did something that month
-- column: share — of all events of companies that month [unit %]
-- limit: 1000 rows, 5 s
WITH months AS (
  SELECT partition AS month, CAST(sum(events) AS BIGINT) AS events
  FROM companies_by_month
  GROUP BY partition
)
SELECT
  m.month,
  c.events,
  c.users,
  CAST(round(100 * c.events / m.events, 4) AS DECIMAL(7, 4)) AS share
FROM companies_by_month AS c
JOIN months AS m ON m.month = c.partition
WHERE c.company = $company

-- drill
-- input: users_by_day partition $row_month
-- input: domains_by_month partition $row_month
SELECT u.email, CAST(sum(u.events) AS BIGINT) AS events, count(*) AS days
FROM users_by_day AS u
JOIN domains_by_month AS d ON d.email_domain = u.email_domain
WHERE d.company = $company AND u.email <> ''
GROUP BY u.email
ORDER BY events DESC, u.email
