-- How much of each calendar month the analyses of companies speak of, and what they leave out.
--
-- partition: month
-- order: events
-- check: adds_up blocking each events = of_companies + of_mail_providers + unusable
-- check: mostly_usable warning each unusable * 20 <= events
-- column: events — all events of the month
-- column: of_companies — those of companies
-- column: of_mail_providers — left out: the domain belongs to a mail provider
-- column: unusable — left out: no e-mail domain, or none that could be registered
-- column: companies — how many companies there are
SELECT
  CAST(sum(events) AS BIGINT) AS events,
  CAST(coalesce(sum(events) FILTER (kind = 'company'), 0) AS BIGINT) AS of_companies,
  CAST(coalesce(sum(events) FILTER (kind = 'mail provider'), 0) AS BIGINT) AS of_mail_providers,
  CAST(coalesce(sum(events) FILTER (kind = 'unusable'), 0) AS BIGINT) AS unusable,
  count(DISTINCT company) AS companies
FROM domains_by_month
HAVING count(*) > 0
