-- Every company that was ever active up to the end of each calendar month, with the month of its
-- first event: running state, carried on from the month before.
--
-- partition: month
-- input: known_companies previous
-- order: company
-- check: companies_once blocking unique company
-- column: company text — registrable domain of the e-mail
-- column: first_month text — the first calendar month with an event of the company
SELECT company, min(first_month) AS first_month
FROM (
  SELECT company, first_month FROM known_companies
  UNION ALL
  SELECT c.company, p.key FROM companies_by_month AS c, this_partition AS p
)
GROUP BY company
