-- The 100 most active users of each calendar month. Users with equally many events share a rank
-- and are listed by e-mail; tied tells how many they are, also beyond the end of the list.
--
-- partition: month
-- order: rank, email
-- check: users_once blocking unique email
-- column: email — the user [subject]
-- column: events — what they did that month [unit events]
-- column: tied — users with exactly as many events, this one included
WITH users AS (
  SELECT email, CAST(sum(events) AS BIGINT) AS events
  FROM users_by_day
  WHERE email <> ''
  GROUP BY email
)
SELECT
  rank() OVER (ORDER BY events DESC) AS rank,
  email,
  events,
  count(*) OVER (PARTITION BY events) AS tied
FROM users
ORDER BY events DESC, email
LIMIT 100
