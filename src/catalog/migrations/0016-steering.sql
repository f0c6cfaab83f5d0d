-- 0016: steering the queue and seeing why something waits: limits and pauses over all tenants, weights,
-- workers. Breaks nothing.

CREATE FUNCTION tenant_set_weight(p_tenant int, p_weight int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE tenant SET weight = p_weight WHERE id = p_tenant
$$;

-- Limits and pauses that hold for all tenants together belong to no tenant, so no tenant's session
-- reaches them.
CREATE FUNCTION limit_set_everywhere(
  p_scope text, p_value text, p_running_max int, p_rate_max int, p_rate_ms double precision
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO queue_limit (tenant_id, scope, value, running_max, rate_max, rate_ms, by_operator)
  VALUES (NULL, p_scope, p_value, p_running_max, p_rate_max, p_rate_ms, true)
  ON CONFLICT (subject) DO UPDATE
  SET running_max = excluded.running_max, rate_max = excluded.rate_max, rate_ms = excluded.rate_ms
$$;

CREATE FUNCTION limit_remove_everywhere(p_scope text, p_value text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH gone AS (
    DELETE FROM queue_limit WHERE subject = queue_subject(NULL, p_scope, p_value) RETURNING 1
  ) SELECT EXISTS (SELECT FROM gone)
$$;

-- A tenant's limits and those over all tenants; every limit without a tenant.
CREATE FUNCTION limit_list(p_tenant int)
RETURNS TABLE (tenant text, scope text, value text, running_max int, rate_max int,
  rate_ms double precision, by_operator boolean, running int, starts_left int, starts_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.slug, l.scope, l.value, l.running_max, l.rate_max, l.rate_ms, l.by_operator,
    room.running, room.starts_left, room.starts_at
  FROM queue_limit l
  JOIN queue_room(millrace_now()) room ON room.id = l.id
  LEFT JOIN tenant t ON t.id = l.tenant_id
  WHERE p_tenant IS NULL OR l.tenant_id = p_tenant OR l.tenant_id IS NULL
  ORDER BY t.slug NULLS FIRST, l.scope, l.value
$$;

CREATE FUNCTION pause_everywhere(p_scope text, p_value text, p_reason text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO queue_pause (tenant_id, scope, value, reason, by_operator)
  VALUES (NULL, p_scope, p_value, p_reason, true)
  ON CONFLICT (subject) DO UPDATE SET reason = excluded.reason
$$;

CREATE FUNCTION resume_everywhere(p_scope text, p_value text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH gone AS (
    DELETE FROM queue_pause WHERE subject = queue_subject(NULL, p_scope, p_value) RETURNING 1
  ), told AS (SELECT pg_notify('millrace_ready', ''))
  SELECT EXISTS (SELECT FROM gone) FROM told
$$;

CREATE FUNCTION pause_list(p_tenant int)
RETURNS TABLE (tenant text, scope text, value text, reason text, since timestamptz, by_operator boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.slug, p.scope, p.value, p.reason, p.since, p.by_operator
  FROM queue_pause p LEFT JOIN tenant t ON t.id = p.tenant_id
  WHERE p_tenant IS NULL OR p.tenant_id = p_tenant OR p.tenant_id IS NULL
  ORDER BY t.slug NULLS FIRST, p.scope, p.value
$$;

-- What tenants have in the queue, and the share of the slots that is due to each among those that
-- want some; of one tenant, or of all that have tasks.
CREATE FUNCTION queue_overview(p_tenant int)
RETURNS TABLE (tenant text, weight int, ready int, parked int, delayed int, waiting int, running int,
  slots int, share double precision, oldest_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH wanted AS (
    SELECT sum(t.weight) AS weights FROM tenant t JOIN tenant_turn turn ON turn.tenant_id = t.id
    WHERE turn.active OR EXISTS (SELECT FROM task r WHERE r.tenant_id = t.id AND r.state = 'running')
  )
  SELECT t.slug, t.weight, c.ready, c.parked, c.delayed, c.waiting, c.running, s.slots,
    CASE WHEN c.ready + c.running > 0 THEN t.weight::double precision / greatest(wanted.weights, t.weight)
      ELSE 0 END, c.oldest_at
  FROM (
    SELECT tenant_id,
      (count(*) FILTER (WHERE state = 'ready' AND run_after IS NULL AND NOT parked))::int AS ready,
      (count(*) FILTER (WHERE state = 'ready' AND run_after IS NULL AND parked))::int AS parked,
      (count(*) FILTER (WHERE state = 'ready' AND run_after IS NOT NULL))::int AS delayed,
      (count(*) FILTER (WHERE state = 'waiting'))::int AS waiting,
      (count(*) FILTER (WHERE state = 'running'))::int AS running,
      min(created_at) FILTER (WHERE state = 'ready' AND run_after IS NULL) AS oldest_at
    FROM task WHERE state IN ('ready', 'waiting', 'running') AND (p_tenant IS NULL OR tenant_id = p_tenant)
    GROUP BY tenant_id
  ) AS c
  JOIN tenant t ON t.id = c.tenant_id
  CROSS JOIN wanted
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS slots FROM queue_running() r
    WHERE r.tenant_id = c.tenant_id AND r.handler IN ('factory', 'code')
  ) AS s
  ORDER BY t.slug
$$;

-- A worker says that it lives.
CREATE FUNCTION worker_seen(
  p_id text, p_host text, p_version text, p_parts text[], p_lanes text[], p_tags text[], p_slots int,
  p_busy int, p_lease_ms double precision, p_stopping boolean
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO worker (id, host, version, parts, lanes, tags, slots, busy, lease_ms, stopping)
  VALUES (p_id, p_host, p_version, p_parts, p_lanes, p_tags, p_slots, p_busy, p_lease_ms, p_stopping)
  ON CONFLICT (id) DO UPDATE
  SET busy = excluded.busy, stopping = excluded.stopping, seen_at = millrace_now();
$$;

CREATE FUNCTION worker_left(p_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  DELETE FROM worker WHERE id = p_id
$$;

CREATE FUNCTION worker_list()
RETURNS TABLE (id text, host text, version text, parts text[], lanes text[], tags text[], slots int,
  busy int, started_at timestamptz, seen_at timestamptz, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT w.id, w.host, w.version, w.parts, w.lanes, w.tags, w.slots, w.busy, w.started_at, w.seen_at,
    CASE WHEN w.seen_at < millrace_now() - 3 * w.lease_ms * interval '1 millisecond' THEN 'gone'
      WHEN w.stopping THEN 'stopping' ELSE 'running' END
  FROM worker w ORDER BY w.host, w.id
$$;

-- Once in a while: what nobody would find otherwise. Rows of workers gone for an hour; lanes in which
-- nothing is ready and which no claim looks at, for want of a worker with their tags; counts of limits
-- that were removed; and notices for lanes that are missing, which must never be needed.
CREATE FUNCTION queue_tidy() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_empty record;
  v_missing int;
BEGIN
  DELETE FROM worker WHERE seen_at < millrace_now() - interval '1 hour';
  DELETE FROM queue_rate r WHERE NOT EXISTS (SELECT FROM queue_limit l WHERE l.id = r.limit_id);
  WITH RECURSIVE place AS (
    (SELECT tenant_id, class, lane FROM task
     WHERE state = 'ready' AND run_after IS NULL AND NOT parked ORDER BY tenant_id, class, lane LIMIT 1)
    UNION ALL
    SELECT next.tenant_id, next.class, next.lane FROM place CROSS JOIN LATERAL (
      SELECT t.tenant_id, t.class, t.lane FROM task t
      WHERE t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
        AND (t.tenant_id, t.class, t.lane) > (place.tenant_id, place.class, place.lane)
      ORDER BY t.tenant_id, t.class, t.lane LIMIT 1
    ) AS next
  ), missing AS (
    SELECT p.tenant_id, p.class, p.lane, NULL AS key FROM place p
    WHERE NOT EXISTS (SELECT FROM queue_lane l
      WHERE l.class = p.class AND l.tenant_id = p.tenant_id AND l.lane = p.lane)
    UNION ALL
    SELECT DISTINCT t.tenant_id, t.class, '', t.concurrency_key FROM task t
    WHERE t.concurrency_key IS NOT NULL AND t.state = 'ready' AND t.run_after IS NULL AND t.parked
      AND NOT EXISTS (SELECT FROM task o
        WHERE o.tenant_id = t.tenant_id AND o.concurrency_key = t.concurrency_key
          AND (o.state = 'running' OR (o.state = 'ready' AND o.run_after IS NULL AND NOT o.parked)))
  ), noted AS (
    INSERT INTO queue_notice (tenant_id, class, lane, concurrency_key) SELECT * FROM missing RETURNING 1
  )
  SELECT count(*) INTO v_missing FROM noted;
  FOR v_empty IN
    SELECT l.* FROM queue_lane l WHERE NOT EXISTS (
      SELECT FROM task t WHERE t.tenant_id = l.tenant_id AND t.class = l.class AND t.lane = l.lane
        AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked)
  LOOP
    PERFORM FROM queue_state FOR UPDATE;
    IF NOT EXISTS (
      SELECT FROM task t WHERE t.tenant_id = v_empty.tenant_id AND t.class = v_empty.class
        AND t.lane = v_empty.lane AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
    ) THEN
      PERFORM queue_drop_lane(v_empty.tenant_id, v_empty.class, v_empty.lane);
    END IF;
  END LOOP;
  RETURN v_missing;
END
$$;

-- Milliseconds until a delayed task is due, or a rate allows another start; null when none is.
CREATE FUNCTION queue_next_ready() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT least(
    (SELECT min(run_after) FROM task WHERE state = 'ready' AND run_after IS NOT NULL),
    (SELECT min(room.starts_at) FROM queue_room(millrace_now()) room
      WHERE EXISTS (SELECT FROM queue_lane l WHERE room.subject = ANY (l.subjects)))
  ) AS at) AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION
  queue_next_ready(), tenant_set_weight(int, int),
  limit_set_everywhere(text, text, int, int, double precision), limit_remove_everywhere(text, text),
  limit_list(int), pause_everywhere(text, text, text), resume_everywhere(text, text), pause_list(int),
  queue_overview(int),
  worker_seen(text, text, text, text[], text[], text[], int, int, double precision, boolean),
  worker_left(text), worker_list(), queue_tidy()
TO millrace_system;
