-- 0061: operators look at a tenant as one of its roles does; the overview of all tenants. Breaks
-- nothing.

-- A session of an operator that looks at one tenant as a role of it does, until then; elsewhere, where
-- no tenant is named, and afterwards, it is the operator's.
ALTER TABLE user_session
  ADD COLUMN view_tenant int REFERENCES tenant (id) ON DELETE SET NULL,
  ADD COLUMN view_role text COLLATE "C",
  ADD COLUMN view_until timestamptz;
CREATE INDEX user_session_view ON user_session (view_tenant) WHERE view_tenant IS NOT NULL;

-- Null: no session of an operator who could. Without a role it ends.
CREATE FUNCTION session_view(p_user text, p_session text, p_tenant int, p_role text, p_for interval)
RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE user_session s SET view_tenant = CASE WHEN p_role IS NOT NULL THEN p_tenant END,
    view_role = p_role, view_until = CASE WHEN p_role IS NOT NULL THEN millrace_now() + p_for END
  FROM user_account u
  WHERE s.id = p_session AND s.user_id = p_user AND s.ended_at IS NULL AND u.id = s.user_id
    AND u.is_operator AND s.only_tenant IS NULL
  RETURNING coalesce(s.view_until, millrace_now())
$$;

-- As in 0034; view_until: the role is that which an operator looks as, and nothing may be changed.
DROP FUNCTION session_owner(bytea, text);
CREATE FUNCTION session_owner(p_hash bytea, p_slug text) RETURNS TABLE (
  session_id text, user_id text, email text, is_operator boolean,
  tenant_id int, slug text, role text, permissions text[], access jsonb, view_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_session user_session;
  v_user user_account;
  v_is_operator boolean;
  v_is_view boolean;
  v_tenants int[];
BEGIN
  SELECT s.* INTO v_session FROM user_session s
  WHERE s.hash = p_hash AND s.ended_at IS NULL AND s.expires_at > v_now AND s.seen_at + s.idle > v_now;
  SELECT u.* INTO v_user FROM user_account u
  WHERE u.id = v_session.user_id AND u.disabled_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  v_is_operator := v_user.is_operator AND v_session.only_tenant IS NULL;
  v_tenants := CASE
    WHEN p_slug IS NULL THEN ARRAY(SELECT m.tenant_id FROM membership m WHERE m.user_id = v_user.id)
      || CASE WHEN v_is_operator THEN v_session.last_tenant
        || ARRAY(SELECT t.id FROM tenant t WHERE t.slug = 'default') END
    ELSE ARRAY(SELECT t.id FROM tenant t WHERE t.slug = p_slug) END;
  v_is_view := v_is_operator AND v_session.view_until > v_now;
  SELECT t.id, t.slug, coalesce(view.role, m.role), r.permissions, r.access, view.until
  INTO tenant_id, slug, role, permissions, access, view_until
  FROM tenant t
  LEFT JOIN membership m ON m.tenant_id = t.id AND m.user_id = v_user.id
    AND sign_on_lets_in(t.id, v_user.home_tenant, m.role)
  LEFT JOIN LATERAL (SELECT v_session.view_role AS role, v_session.view_until AS until
    WHERE v_is_view AND p_slug IS NOT NULL AND t.id = v_session.view_tenant) AS view ON true
  LEFT JOIN role r ON r.tenant_id = t.id AND r.name = coalesce(view.role, m.role)
  WHERE t.id = ANY (v_tenants) AND t.id = coalesce(v_session.only_tenant, t.id)
    AND (m.role IS NOT NULL OR v_is_operator)
  ORDER BY v_is_view AND t.id = v_session.view_tenant, (t.id = v_session.last_tenant) DESC NULLS LAST,
    (m.role IS NOT NULL) DESC, t.slug LIMIT 1;
  -- Noted once a minute, so that reading stays reading.
  IF v_session.seen_at < v_now - interval '1 minute'
    OR (tenant_id IS NOT NULL AND tenant_id IS DISTINCT FROM v_session.last_tenant)
  THEN
    UPDATE user_session s SET seen_at = v_now, last_tenant = coalesce(tenant_id, s.last_tenant)
    WHERE s.id = v_session.id;
  END IF;
  session_id := v_session.id;
  user_id := v_user.id;
  email := v_user.email;
  is_operator := v_is_operator;
  RETURN NEXT;
END
$$;

-- What makes a tenant need somebody, found along indexes that hold trouble alone.
CREATE INDEX trigger_breached ON trigger (tenant_id)
WHERE kind = 'freshness' AND state ->> 'state' = 'breached';
CREATE INDEX run_failed ON run (tenant_id, ended_at) WHERE state = 'failed';

-- Tenants with what they want of the machines and what is wrong with them, in an order: `trouble`,
-- `load`, `backlog` (most first) or `name`; behind a place of that order, p_most of them. p_like: part
-- of slug or name, in lower case. Costs by the number of tenants and of what is open or wrong.
CREATE FUNCTION tenant_overview(p_like text, p_state text, p_order text, p_rank bigint, p_after text,
  p_most int)
RETURNS TABLE (id int, slug text, name text, state text, weight int, cell text, created_at timestamptz,
  running int, ready int, oldest_at timestamptz, troubled int, breached int, failed_runs int, dead int,
  bytes bigint, rank bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH ranked AS (
    SELECT t.id, t.slug, coalesce(t.name, t.slug) AS name, t.state, t.weight, c.cell, t.created_at,
      coalesce(run.running, 0) AS running, coalesce(q.ready, 0) AS ready, q.oldest_at,
      coalesce(p.troubled, 0) AS troubled, coalesce(b.breached, 0) AS breached,
      coalesce(f.failed, 0) AS failed_runs, coalesce(d.dead, 0) AS dead, t.stored_bytes AS bytes
    FROM tenant t
    LEFT JOIN cell_tenant c ON c.tenant_id = t.id
    LEFT JOIN (SELECT tenant_id, sum(units)::int AS running FROM queue_running() GROUP BY 1) AS run
      ON run.tenant_id = t.id
    LEFT JOIN (SELECT tenant_id, count(*)::int AS ready, min(created_at) AS oldest_at FROM task
      WHERE state = 'ready' AND run_after IS NULL GROUP BY 1) AS q ON q.tenant_id = t.id
    LEFT JOIN (SELECT tenant_id, count(*)::int AS troubled FROM partition_pointer
      WHERE failed_state IS NOT NULL GROUP BY 1) AS p ON p.tenant_id = t.id
    LEFT JOIN (SELECT tenant_id, count(*)::int AS breached FROM trigger
      WHERE kind = 'freshness' AND state ->> 'state' = 'breached' GROUP BY 1) AS b ON b.tenant_id = t.id
    LEFT JOIN (SELECT tenant_id, count(*)::int AS failed FROM run
      WHERE state = 'failed' AND ended_at > millrace_now() - interval '1 day' GROUP BY 1) AS f
      ON f.tenant_id = t.id
    LEFT JOIN (SELECT tenant_id, count(*)::int AS dead FROM task
      WHERE run_id = '' AND state = 'failed' GROUP BY 1) AS d ON d.tenant_id = t.id
    WHERE t.slug NOT LIKE '~%' AND (p_state IS NULL OR t.state = p_state)
      AND (p_like = '' OR strpos(lower(t.slug), p_like) > 0 OR strpos(lower(t.name), p_like) > 0)
  ), placed AS (
    SELECT r.*, CASE p_order
      WHEN 'trouble' THEN 1000 * (r.troubled + r.breached + r.failed_runs + r.dead)::bigint
        + (r.state <> 'active')::int
      WHEN 'load' THEN 1000000 * r.running::bigint + r.ready
      WHEN 'backlog' THEN r.ready ELSE 0 END AS rank
    FROM ranked r
  )
  SELECT * FROM placed r
  WHERE p_after = '' OR r.rank < p_rank OR (r.rank = p_rank AND r.slug > p_after)
  ORDER BY r.rank DESC, r.slug LIMIT p_most
$$;

-- Of these tenants, by hour of the runs' begin: tasks that ended well and ill, and their time. p_first:
-- the smallest id of a run that counts.
CREATE FUNCTION tenant_hours(p_tenants int[], p_first text)
RETURNS TABLE (tenant_id int, hour timestamptz, done int, failed int, wall_ms double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT r.tenant_id, date_trunc('hour', r.created_at, 'UTC'), sum(d.done + d.unchanged)::int,
    sum(d.failed + d.held)::int, sum(d.wall_ms)
  FROM run r JOIN run_dataset d ON d.tenant_id = r.tenant_id AND d.run_id = r.id
  WHERE r.tenant_id = ANY (p_tenants) AND r.id >= p_first GROUP BY 1, 2
$$;

-- Of these tenants: what was counted on each of the last p_days days.
CREATE FUNCTION tenant_days(p_tenants int[], p_days int)
RETURNS TABLE (tenant_id int, day text, kind text, amount bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT u.tenant_id, u.day::text, u.kind, u.amount FROM usage_day u
  WHERE u.tenant_id = ANY (p_tenants) AND u.day > usage_today() - p_days
    AND u.kind IN ('requests', 'runs', 'export-rows')
$$;

-- Mails that wait, and how many could not be sent since yesterday, over all tenants.
CREATE FUNCTION health_mail() RETURNS TABLE (queued int, failed int, oldest_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT count(*)::int,
    (SELECT count(*)::int FROM mail f
      WHERE f.ended_at > millrace_now() - interval '1 day' AND f.state IN ('failed', 'bounced')),
    min(m.created_at)
  FROM mail m WHERE m.state IN ('queued', 'sending')
$$;

GRANT EXECUTE ON FUNCTION session_view(text, text, int, text, interval), session_owner(bytea, text),
  tenant_overview(text, text, text, bigint, text, int),
  tenant_hours(int[], text), tenant_days(int[], int), health_mail()
TO millrace_system;
