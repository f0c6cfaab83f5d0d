-- 0050: a notifier without mail sleeps. Breaks nothing.

-- It said 0 where nothing waits, for greatest() passes over null.
CREATE OR REPLACE FUNCTION mail_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT min(next_at) AS at FROM mail WHERE state IN ('queued', 'sending')) AS due
  WHERE due.at IS NOT NULL
$$;
