-- 0006: a home has one owner, so what a former owner left running is nobody's. Breaks nothing.

-- Ends every lease now; for the embedded engine only, right after the home's lock was taken.
CREATE FUNCTION queue_abandon_leases() RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH left_over AS (
    UPDATE task SET lease_until = millrace_now() - interval '1 millisecond'
    WHERE state = 'running' RETURNING 1
  )
  SELECT count(*)::int FROM left_over
$$;

GRANT EXECUTE ON FUNCTION queue_abandon_leases() TO millrace_system;
