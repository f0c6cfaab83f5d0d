-- How much happened in each calendar month, who did it, and how many companies were new.
--
-- param: period period = latest — a month, or a year for all of its months
-- input: events_by_month partition $period
-- input: company_coverage partition $period
-- input: companies_new_returning partition $period
-- order: month
-- column: month — the calendar month
-- column: events — all events of the month [unit events]
-- column: days — days of the month on which something happened
-- column: users — e-mails that did something that month
-- column: companies — companies that were active that month
-- column: new_companies — of these, those whose first event ever lies in this month
-- column: company_events — events of companies; the others are of mail providers or unusable [unit events]
-- limit: 1000 rows, 5 s
SELECT
  e.month,
  e.events,
  e.days,
  e.users,
  c.companies,
  n.new_companies,
  c.of_companies AS company_events
FROM events_by_month AS e
JOIN company_coverage AS c USING (partition)
JOIN companies_new_returning AS n USING (partition)
