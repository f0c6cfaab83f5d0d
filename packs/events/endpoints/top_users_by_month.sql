-- The most active users of a calendar month. Users with equally many events share a rank, so there
-- may be a few more of them than asked for.
--
-- param: month period = latest — the calendar month
-- param: top integer = 10 [1..100] — ranks up to this one
-- input: top_users partition $month
-- order: rank, email
-- column: rank — 1 is the most active one
-- column: email — the user [subject]
-- column: events — what they did that month [unit events]
-- column: tied — users with exactly as many events, this one included
-- limit: 1000 rows, 5 s
SELECT rank, email, events, tied
FROM top_users
WHERE rank <= $top

-- drill
-- input: users_by_day partition $month
SELECT CAST(partition AS DATE) AS day, events
FROM users_by_day
WHERE email = $row_email
ORDER BY day
