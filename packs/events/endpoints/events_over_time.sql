-- How many events there were in each day, week, month or year.
--
-- param: from period = latest — first period: a day, a month or a year
-- param: to period = latest — last period, that one included
-- param: grain text = day (day, week, month, year) — what is added up to one row; weeks begin on Monday
-- input: events_by_day partition $from..$to
-- order: starts_on
-- column: starts_on — first day of the period
-- column: events — what happened in it [unit events]
-- column: days — days of the period, between from and to, on which something happened
-- column: busiest_day — the day with most events; the earliest of several
-- limit: 10000 rows, 10 s
SELECT
  CAST(date_trunc($grain, day) AS DATE) AS starts_on,
  CAST(sum(events) AS BIGINT) AS events,
  count(*) AS days,
  arg_max(day, events ORDER BY events DESC, day) AS busiest_day
FROM events_by_day
GROUP BY starts_on
