-- The 100 most active companies of each calendar month. Companies with equally many events share
-- a rank and are listed by name; tied tells how many they are, also beyond the end of the list.
--
-- partition: month
-- order: rank, company
-- check: companies_once blocking unique company
-- column: company — registrable domain of the e-mail
-- column: events — what its people did that month [unit events]
-- column: users — e-mails of the company that did something that month
-- column: tied — companies with exactly as many events, this one included
SELECT
  rank() OVER (ORDER BY events DESC) AS rank,
  company,
  events,
  users,
  count(*) OVER (PARTITION BY events) AS tied
FROM companies_by_month
ORDER BY events DESC, company
LIMIT 100
