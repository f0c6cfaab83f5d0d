-- Who did how much on each day: the one pass over the events of a day, from which the analyses of
-- users, companies, days and longer periods are merged.
--
-- partition: day
-- input: events observed
-- order: email
-- check: counted blocking each events > 0
-- column: email — the person, told apart by the e-mail as written; empty where the row has none [subject]
-- column: email_domain — what follows the @, in lower case; NULL where nothing does
-- column: events — what they did that day [unit events]
SELECT email, email_domain, count(*) AS events
FROM events
GROUP BY email, email_domain
