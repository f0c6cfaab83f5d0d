-- On which days of the week the events of each calendar month happened.
--
-- partition: month
-- order: weekday
-- check: weekdays_once blocking unique weekday
-- column: weekday — 1 is Monday, 7 is Sunday
-- column: days — how many of these days the month had events on
SELECT
  weekday,
  CASE weekday
    WHEN 1 THEN 'Monday'
    WHEN 2 THEN 'Tuesday'
    WHEN 3 THEN 'Wednesday'
    WHEN 4 THEN 'Thursday'
    WHEN 5 THEN 'Friday'
    WHEN 6 THEN 'Saturday'
    WHEN 7 THEN 'Sunday'
  END AS name,
  count(*) AS days,
  CAST(sum(events) AS BIGINT) AS events
FROM events_by_day
GROUP BY weekday
