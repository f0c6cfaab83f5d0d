-- The most active companies of a calendar month. Companies with equally many events share a rank,
-- so there may be a few more of them than asked for.
--
-- param: month period = latest — the calendar month
-- param: top integer = 10 [1..100] — ranks up to this one
-- input: top_companies partition $month
-- order: rank, company
-- column: rank — 1 is the most active one
-- column: company — registrable domain of the e-mail
-- column: events — what its people did that month [unit events]
-- column: users — e-mails of the company that did something that month
-- column: tied — companies with exactly as many events, this one included
-- limit: 1000 rows, 5 s
SELECT rank, company, events, users, tied
FROM top_companies
WHERE rank <= $top

-- drill
-- input: users_by_day partition $month
-- input: domains_by_month partition $month
SELECT u.email, CAST(sum(u.events) AS BIGINT) AS events, count(*) AS days
FROM users_by_day AS u
JOIN domains_by_month AS d ON d.email_domain = u.email_domain
WHERE d.company = $row_company AND u.email <> ''
GROUP BY u.email
ORDER BY events DESC, u.email
