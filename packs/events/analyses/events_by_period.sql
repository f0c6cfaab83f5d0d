-- Rows of each monthly file by the day of the event. A file may hold rows of days outside its
-- month (spill): they count here with the file in which they lie, everywhere else with their day.
--
-- partition: month
-- input: events same
-- order: day
-- check: days_once blocking unique day
-- column: weekday — 1 is Monday, 7 is Sunday
-- column: spill — true where the day lies outside the file's month
SELECT
  d.day,
  year(d.day) AS year,
  month(d.day) AS month,
  isodow(d.day) AS weekday,
  d.events,
  d.day < CAST(p.starts_at AS DATE) OR d.day >= CAST(p.ends_at AS DATE) AS spill
FROM this_partition AS p,
  (SELECT CAST(timestamp AS DATE) AS day, count(*) AS events FROM events GROUP BY ALL) AS d
