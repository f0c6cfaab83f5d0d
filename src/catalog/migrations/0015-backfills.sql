-- 0015: backfills, and changes of code that were declared harmless. Breaks nothing.
--
-- A backfill is one request for many tenants. Each of them has a row with a task of kind `trigger`
-- that plans it and starts its run, so that a request for thousands of tenants returns at once.
-- It belongs to the company: functions alone reach it, a tenant sees its own rows.

CREATE TABLE backfill (
  id text COLLATE "C" PRIMARY KEY,
  title text NOT NULL,
  -- As plan requests are, without what only planning adds.
  request jsonb NOT NULL,
  class text NOT NULL CHECK (class IN ('normal', 'backfill')),
  concurrency int CHECK (concurrency > 0),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  cancelled_at timestamptz,
  ended_at timestamptz,
  undone_at timestamptz
);
ALTER TABLE backfill ENABLE ROW LEVEL SECURITY;
ALTER TABLE backfill FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON backfill TO millrace_owner USING (true) WITH CHECK (true);
CREATE INDEX backfill_open ON backfill (id) WHERE ended_at IS NULL;

CREATE TABLE backfill_tenant (
  tenant_id int NOT NULL REFERENCES tenant (id),
  backfill_id text COLLATE "C" NOT NULL REFERENCES backfill (id),
  -- planning → started (it has a run) | nothing (all is fresh) | failed | cancelled
  state text NOT NULL DEFAULT 'planning'
    CHECK (state IN ('planning', 'started', 'nothing', 'failed', 'cancelled')),
  -- What its planning task has to know, for it sees its own tenant's rows alone.
  title text NOT NULL,
  request jsonb NOT NULL,
  class text NOT NULL,
  task_id bigint,
  run_id text COLLATE "C",
  error jsonb,
  PRIMARY KEY (tenant_id, backfill_id)
) WITH (fillfactor = 70);
CREATE INDEX backfill_tenant_of ON backfill_tenant (backfill_id, tenant_id);
SELECT protect_tenant_table('backfill_tenant');
GRANT SELECT, UPDATE (state, run_id, error) ON backfill_tenant TO millrace_app;

-- With one planning task for each tenant, given by id. Its concurrency is a limit of the queue.
CREATE FUNCTION backfill_create(p_backfill jsonb, p_tenants int[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_id text := p_backfill ->> 'id';
  v_ids bigint[];
BEGIN
  INSERT INTO backfill (id, title, request, class, concurrency, created_by)
  VALUES (v_id, p_backfill ->> 'title', p_backfill -> 'request', p_backfill ->> 'class',
    (p_backfill ->> 'concurrency')::int, p_backfill ->> 'createdBy');
  v_ids := trigger_tasks((
    SELECT jsonb_agg(jsonb_build_object('tenantId', t.id, 'task', '(backfill)', 'place', v_id)
      ORDER BY t.place)
    FROM unnest(p_tenants) WITH ORDINALITY AS t (id, place)), p_backfill ->> 'class');
  INSERT INTO backfill_tenant (tenant_id, backfill_id, title, request, class, task_id)
  SELECT t.id, v_id, p_backfill ->> 'title', p_backfill -> 'request', p_backfill ->> 'class',
    v_ids[t.place]
  FROM unnest(p_tenants) WITH ORDINALITY AS t (id, place);
END
$$;

-- Counts over all tenants, newest first; one backfill by id, or those that a tenant takes part in.
CREATE FUNCTION backfill_list(p_id text, p_tenant int, p_most int)
RETURNS TABLE (id text, title text, request jsonb, class text, concurrency int, "createdBy" text,
  "createdAt" timestamptz, "cancelledAt" timestamptz, "endedAt" timestamptz, "undoneAt" timestamptz,
  paused text, tenants jsonb, runs jsonb, tasks jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH chosen AS (
    SELECT b.* FROM backfill b
    WHERE (p_id IS NULL OR b.id = p_id) AND (p_tenant IS NULL OR EXISTS (
      SELECT FROM backfill_tenant t WHERE t.tenant_id = p_tenant AND t.backfill_id = b.id))
    ORDER BY b.id DESC LIMIT p_most
  )
  SELECT c.id, c.title, c.request, c.class, c.concurrency, c.created_by, c.created_at, c.cancelled_at,
    c.ended_at, c.undone_at,
    (SELECT p.reason FROM queue_pause p WHERE p.scope = 'backfill' AND p.value = c.id
       AND (p.tenant_id IS NULL OR p.tenant_id = p_tenant) LIMIT 1),
    (SELECT jsonb_object_agg(s.state, s.tenants) FROM (
       SELECT t.state, count(*) AS tenants FROM backfill_tenant t
       WHERE t.backfill_id = c.id AND (p_tenant IS NULL OR t.tenant_id = p_tenant) GROUP BY 1) AS s),
    (SELECT jsonb_object_agg(s.state, s.runs) FROM (
       SELECT r.state, count(*) AS runs FROM run r
       WHERE r.backfill_id = c.id AND (p_tenant IS NULL OR r.tenant_id = p_tenant) GROUP BY 1) AS s),
    (SELECT jsonb_build_object('total', coalesce(sum(d.total), 0), 'done', coalesce(sum(d.done), 0),
       'unchanged', coalesce(sum(d.unchanged), 0), 'held', coalesce(sum(d.held), 0),
       'failed', coalesce(sum(d.failed), 0), 'skipped', coalesce(sum(d.skipped), 0),
       'cancelled', coalesce(sum(d.cancelled), 0), 'rows', coalesce(sum(d.rows), 0))
     FROM run r JOIN run_dataset d ON d.tenant_id = r.tenant_id AND d.run_id = r.id
     WHERE r.backfill_id = c.id AND (p_tenant IS NULL OR r.tenant_id = p_tenant))
  FROM chosen c ORDER BY c.id DESC
$$;

-- The tenants of a backfill by name, with their runs and how far they are; after one, to page on.
CREATE FUNCTION backfill_tenants(p_id text, p_tenant int, p_after text, p_most int)
RETURNS TABLE (id int, slug text, state text, "runId" text, "runState" text, error jsonb,
  total bigint, ended bigint, bad bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.id, t.slug, b.state, b.run_id, r.state, b.error, d.total, d.ended, d.bad
  FROM backfill_tenant b
  JOIN tenant t ON t.id = b.tenant_id
  LEFT JOIN run r ON r.tenant_id = b.tenant_id AND r.id = b.run_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.total), 0)::bigint AS total,
      coalesce(sum(d.done + d.unchanged + d.held + d.failed + d.skipped + d.cancelled), 0)::bigint AS ended,
      coalesce(sum(d.held + d.failed + d.skipped), 0)::bigint AS bad
    FROM run_dataset d WHERE d.tenant_id = b.tenant_id AND d.run_id = b.run_id
  ) AS d
  WHERE b.backfill_id = p_id AND (p_tenant IS NULL OR b.tenant_id = p_tenant)
    AND (p_after IS NULL OR t.slug > p_after)
  ORDER BY t.slug LIMIT p_most
$$;

-- From here on nothing of it is planned any more; its runs are cancelled one by one.
CREATE FUNCTION backfill_cancel(p_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE backfill SET cancelled_at = coalesce(cancelled_at, millrace_now()) WHERE id = p_id;
  WITH stopped AS (
    UPDATE backfill_tenant SET state = 'cancelled'
    WHERE backfill_id = p_id AND state = 'planning' RETURNING tenant_id, task_id
  )
  UPDATE task t SET state = 'cancelled', ended_at = millrace_now()
  FROM stopped WHERE t.tenant_id = stopped.tenant_id AND t.id = stopped.task_id AND t.state = 'ready';
END
$$;

CREATE FUNCTION backfill_note_undone(p_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE backfill SET undone_at = coalesce(undone_at, millrace_now()) WHERE id = p_id
$$;

-- Ends backfills of which nothing is open any more, and takes their limits and pauses away.
CREATE FUNCTION backfill_settle() RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH over AS (
    UPDATE backfill b SET ended_at = millrace_now()
    WHERE b.ended_at IS NULL
      AND NOT EXISTS (SELECT FROM backfill_tenant t
        WHERE t.backfill_id = b.id AND t.state = 'planning')
      AND NOT EXISTS (SELECT FROM run r WHERE r.backfill_id = b.id AND r.state = 'running')
    RETURNING b.id
  ), limits AS (
    DELETE FROM queue_limit l USING over WHERE l.scope = 'backfill' AND l.value = over.id
  ), pauses AS (
    DELETE FROM queue_pause p USING over WHERE p.scope = 'backfill' AND p.value = over.id
  )
  SELECT count(*)::int FROM over
$$;

-- Partitions that were built with `from_code` count as built with `to_code`.
CREATE TABLE code_acceptance (
  dataset text COLLATE "C" NOT NULL,
  from_code text COLLATE "C" NOT NULL,
  to_code text COLLATE "C" NOT NULL,
  why text NOT NULL,
  accepted_by text NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT millrace_now(),
  withdrawn_by text,
  withdrawn_at timestamptz
);
-- What was withdrawn stays on record.
CREATE UNIQUE INDEX code_acceptance_one ON code_acceptance (dataset, from_code, to_code)
  WHERE withdrawn_at IS NULL;
ALTER TABLE code_acceptance ENABLE ROW LEVEL SECURITY;
ALTER TABLE code_acceptance FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON code_acceptance TO millrace_owner USING (true) WITH CHECK (true);
CREATE POLICY everyone ON code_acceptance FOR SELECT TO millrace_app USING (true);
GRANT SELECT ON code_acceptance TO millrace_app;

CREATE FUNCTION code_accept(p_dataset text, p_from text, p_to text, p_why text, p_by text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO code_acceptance (dataset, from_code, to_code, why, accepted_by)
  VALUES (p_dataset, p_from, p_to, p_why, p_by) ON CONFLICT DO NOTHING
$$;

-- Returns how many were withdrawn; null for p_from: all that lead to p_to.
CREATE FUNCTION code_withdraw(p_dataset text, p_from text, p_to text, p_by text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH gone AS (
    UPDATE code_acceptance SET withdrawn_at = millrace_now(), withdrawn_by = p_by
    WHERE dataset = p_dataset AND withdrawn_at IS NULL AND (p_from IS NULL OR from_code = p_from)
      AND (p_to IS NULL OR to_code = p_to)
    RETURNING 1
  )
  SELECT count(*)::int FROM gone
$$;

-- Codes that served partitions of a dataset were built with, over all tenants, newest first.
CREATE FUNCTION code_served(p_dataset text)
RETURNS TABLE (code text, partitions bigint, tenants bigint, "lastBuilt" timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT p.code_version, count(*), count(DISTINCT p.tenant_id), max(v.created_at)
  FROM partition_pointer p
  CROSS JOIN LATERAL (
    SELECT created_at FROM version v WHERE v.tenant_id = p.tenant_id AND v.id = p.version_id OFFSET 0
  ) AS v
  WHERE p.environment = 'main' AND p.dataset = p_dataset AND p.version_id IS NOT NULL
  GROUP BY 1 ORDER BY 4 DESC
$$;

GRANT EXECUTE ON FUNCTION backfill_create(jsonb, int[]), backfill_list(text, int, int),
  backfill_tenants(text, int, text, int), backfill_cancel(text), backfill_note_undone(text),
  backfill_settle(), code_accept(text, text, text, text, text), code_withdraw(text, text, text, text),
  code_served(text)
TO millrace_system;
