-- Events of each calendar month.
--
-- partition: month
-- order: month
-- column: days — days of the month on which something happened
-- column: users — e-mails that did something that month
SELECT
  p.key AS month,
  d.events,
  d.days,
  u.users
FROM this_partition AS p,
  (SELECT CAST(sum(events) AS BIGINT) AS events, count(*) AS days FROM events_by_day) AS d,
  (SELECT CAST(sum(users) AS BIGINT) AS users FROM domains_by_month) AS u
WHERE d.days > 0
