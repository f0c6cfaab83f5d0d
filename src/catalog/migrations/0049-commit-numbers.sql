-- 0049: the newest commits of many tenants in one look. Breaks nothing.

CREATE FUNCTION commit_numbers(p_tenants int[]) RETURNS TABLE (id int, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.id, t.last_commit FROM unnest(p_tenants) AS asked (id)
  CROSS JOIN LATERAL (SELECT id, last_commit FROM tenant WHERE id = asked.id OFFSET 0) AS t
$$;

REVOKE ALL ON FUNCTION commit_numbers(int[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION commit_numbers(int[]) TO millrace_system;
