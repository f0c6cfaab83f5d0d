-- 0031: lists, rules and health that cost by what there is to say. Replaces freshness_declare of 0014,
-- which programs older than this one call; breaks nothing else.

-- A tenant's limits and those over all tenants; every limit without a tenant.
CREATE OR REPLACE FUNCTION limit_list(p_tenant int)
RETURNS TABLE (tenant text, scope text, value text, running_max int, rate_max int,
  rate_ms double precision, by_operator boolean, running int, starts_left int, starts_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  -- A variable, so that queue_room can be planned as a part of the query and looks at these only.
  v_now timestamptz := millrace_now();
  v_asked int[] := ARRAY(
    SELECT l.id FROM queue_limit l WHERE l.tenant_id = p_tenant
    UNION ALL SELECT l.id FROM queue_limit l WHERE l.tenant_id IS NULL
    UNION ALL SELECT l.id FROM queue_limit l WHERE p_tenant IS NULL AND l.tenant_id IS NOT NULL);
BEGIN
  RETURN QUERY
    SELECT t.slug, l.scope, l.value, l.running_max, l.rate_max, l.rate_ms, l.by_operator,
      room.running, room.starts_left, room.starts_at
    FROM queue_limit l
    JOIN queue_room(v_now) room ON room.id = l.id
    LEFT JOIN tenant t ON t.id = l.tenant_id
    WHERE l.id = ANY (v_asked) AND room.id = ANY (v_asked)
    ORDER BY t.slug NULLS FIRST, l.scope, l.value;
END
$$;

-- What tenants have in the queue, and the share of the slots that is due to each among those that
-- want some; of one tenant, or of all that have tasks.
CREATE OR REPLACE FUNCTION queue_overview(p_tenant int)
RETURNS TABLE (tenant text, weight int, ready int, parked int, delayed int, waiting int, running int,
  slots int, share double precision, oldest_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH wanted AS (
    SELECT sum(t.weight) AS weights FROM (
      SELECT tenant_id FROM tenant_turn WHERE active AND NOT halted
      UNION SELECT tenant_id FROM task WHERE state = 'running'
    ) AS want JOIN tenant t ON t.id = want.tenant_id
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

-- Rules that definitions declare, [{dataset, maxAgeMs, pack}], for the next p_most tenants after
-- p_after that have published anything, where they have the dataset and its pack; a tenant's own rule
-- for it stays. Beginning at 0, rules that are declared no more go. Returns where to go on; null: at
-- the end.
DROP FUNCTION freshness_declare(jsonb);
CREATE FUNCTION freshness_declare(p_rules jsonb, p_after int, p_most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenants int[];
BEGIN
  IF p_after = 0 THEN
    DELETE FROM trigger t WHERE t.kind = 'freshness' AND t.definition ->> 'origin' = 'definition'
      AND NOT EXISTS (SELECT FROM jsonb_to_recordset(p_rules) AS r (dataset text)
        WHERE r.dataset = t.name);
  END IF;
  IF p_rules = '[]' THEN
    RETURN NULL;
  END IF;
  WITH RECURSIVE stocked AS (
    SELECT (SELECT min(p.tenant_id) FROM partition_pointer p WHERE p.tenant_id > p_after) AS id, 1 AS place
    UNION ALL
    SELECT (SELECT min(p.tenant_id) FROM partition_pointer p WHERE p.tenant_id > stocked.id), stocked.place + 1
    FROM stocked WHERE stocked.id IS NOT NULL AND stocked.place < p_most
  )
  SELECT array_agg(id ORDER BY id) INTO v_tenants FROM stocked WHERE id IS NOT NULL;

  INSERT INTO trigger AS t (tenant_id, id, kind, name, definition, created_by, next_at)
  SELECT tenant.id, 'frs_' || r.dataset, 'freshness', r.dataset,
    jsonb_build_object('maxAgeMs', r."maxAgeMs", 'origin', 'definition'), 'definition', millrace_now()
  FROM jsonb_to_recordset(p_rules) AS r (dataset text, "maxAgeMs" double precision, pack text)
  CROSS JOIN tenant
  WHERE tenant.id = ANY (v_tenants) AND tenant.state = 'active'
    AND (tenant.packs IS NULL OR r.pack = ANY (tenant.packs))
    AND EXISTS (SELECT FROM partition_pointer p
      WHERE p.tenant_id = tenant.id AND p.environment = 'main' AND p.dataset = r.dataset)
  ON CONFLICT (tenant_id, kind, name) DO UPDATE
  SET definition = excluded.definition, next_at = millrace_now()
  WHERE t.definition ->> 'origin' = 'definition' AND t.definition <> excluded.definition;
  RETURN CASE WHEN cardinality(v_tenants) = p_most THEN v_tenants[p_most] END;
END
$$;
CREATE INDEX trigger_declared ON trigger (name)
WHERE kind = 'freshness' AND definition ->> 'origin' = 'definition';

-- Unfinished runs of active tenants, how many of them nobody has worked on since they began p_idle_ms
-- ago, and the first few of these.
CREATE FUNCTION health_runs(p_idle_ms double precision, p_named int)
RETURNS TABLE (running int, stuck int, named text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH open AS (
    SELECT t.slug, r.id,
      r.created_at < millrace_now() - p_idle_ms * interval '1 millisecond' AND NOT EXISTS (
        SELECT FROM task k WHERE k.tenant_id = r.tenant_id AND k.run_id = r.id AND k.state = 'running'
      ) AS is_stuck
    FROM run r JOIN tenant t ON t.id = r.tenant_id AND t.state = 'active'
    WHERE r.state = 'running'
  )
  SELECT count(*)::int, (count(*) FILTER (WHERE is_stuck))::int,
    (array_agg(format('%s (%s)', id, slug) ORDER BY slug, id) FILTER (WHERE is_stuck))[:p_named]
  FROM open
$$;

-- Published partitions (counted to p_most), those whose newest attempt failed or was held, and the
-- first few of these.
CREATE INDEX partition_pointer_failed ON partition_pointer (tenant_id, dataset, partition)
WHERE failed_state IS NOT NULL;
CREATE FUNCTION health_data(p_most int, p_named int)
RETURNS TABLE (published int, troubled int, named text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT
    (SELECT count(*)::int FROM (
      SELECT FROM partition_pointer p WHERE p.version_id IS NOT NULL LIMIT p_most) AS counted),
    (SELECT count(*)::int FROM partition_pointer p WHERE p.failed_state IS NOT NULL),
    ARRAY(SELECT concat_ws(' ', t.slug, p.dataset, p.partition, p.failed_state)
      FROM partition_pointer p JOIN tenant t ON t.id = p.tenant_id
      WHERE p.failed_state IS NOT NULL ORDER BY p.tenant_id, p.dataset, p.partition LIMIT p_named)
$$;

-- Why a task is where it is, see 0017: of a tenant that is halted, that it is.
ALTER FUNCTION task_why(int, bigint) RENAME TO task_why_active;
REVOKE EXECUTE ON FUNCTION task_why_active(int, bigint) FROM millrace_system;
CREATE FUNCTION task_why(p_tenant int, p_id bigint) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT CASE WHEN t.state <> 'active' AND EXISTS (
      SELECT FROM task k WHERE k.tenant_id = p_tenant AND k.id = p_id AND k.state = 'ready')
    THEN jsonb_build_object('reason', 'paused', 'scope', 'tenant', 'value', '', 'everywhere', false,
      'because', coalesce(t.state_reason, t.state), 'since', t.state_since)
    ELSE task_why_active(p_tenant, p_id) END
  FROM tenant t WHERE t.id = p_tenant
$$;

GRANT EXECUTE ON FUNCTION task_why(int, bigint), freshness_declare(jsonb, int, int), health_runs(double precision, int),
  health_data(int, int)
TO millrace_system;
