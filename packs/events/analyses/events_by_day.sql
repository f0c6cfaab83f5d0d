-- Events of each calendar day, in whichever file they lie.
--
-- partition: day
-- order: day
-- column: weekday — 1 is Monday, 7 is Sunday
-- column: users — e-mails that did something that day
SELECT
  CAST(p.starts_at AS DATE) AS day,
  year(p.starts_at) AS year,
  month(p.starts_at) AS month,
  isodow(p.starts_at) AS weekday,
  CAST(sum(u.events) AS BIGINT) AS events,
  count(*) FILTER (u.email <> '') AS users
FROM users_by_day AS u, this_partition AS p
GROUP BY p.starts_at
