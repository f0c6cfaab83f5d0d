-- Every company of each calendar month; the company is the registrable domain of the e-mail.
--
-- partition: month
-- order: company
-- check: companies_once blocking unique company
-- column: users — e-mails of the company that did something that month
SELECT
  company,
  CAST(sum(events) AS BIGINT) AS events,
  CAST(sum(users) AS BIGINT) AS users
FROM domains_by_month
WHERE kind = 'company'
GROUP BY company
