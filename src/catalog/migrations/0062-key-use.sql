-- 0062: how much of its rate a key uses; memberships with the names of tenants. Breaks nothing.

-- What buckets hold at this moment, without taking anything: p_asked as for rate_take. A bucket that
-- is not there is full.
CREATE FUNCTION rate_look(p_asked jsonb)
RETURNS TABLE (place int, per_minute int, burst int, tokens double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT a.place, r.per_minute, r.burst,
    least(r.burst, coalesce(b.tokens + r.per_minute / 60.0
      * greatest(0, extract(epoch FROM millrace_now() - b.filled_at)), r.burst))
  FROM jsonb_to_recordset(p_asked) AS a (place int, kind text, tenant int, subject text)
  CROSS JOIN LATERAL rate_of(a.kind, a.tenant, a.subject) AS r
  LEFT JOIN rate_bucket b ON b.id = a.kind || ' ' || a.subject
$$;

DROP FUNCTION membership_list(text);
-- Memberships of a user by slug; permissions and access of roles that the tenant has made.
CREATE FUNCTION membership_list(p_user text) RETURNS TABLE (
  tenant_id int, slug text, name text, role text, permissions text[], access jsonb,
  created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT m.tenant_id, t.slug, coalesce(t.name, t.slug), m.role, r.permissions, r.access, m.created_at
  FROM membership m
  JOIN tenant t ON t.id = m.tenant_id
  LEFT JOIN role r ON r.tenant_id = m.tenant_id AND r.name = m.role
  WHERE m.user_id = p_user ORDER BY t.slug
$$;

GRANT EXECUTE ON FUNCTION rate_look(jsonb), membership_list(text) TO millrace_system;
