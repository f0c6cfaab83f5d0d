-- 0014: triggers: schedules, sensors, freshness rules; plans that can be applied later. Breaks nothing.
--
-- A trigger is looked at when next_at has come, by any scheduler: it locks the row, moves next_at on
-- and enqueues a task of kind `trigger` in one transaction, so each due time fires once. What a
-- firing starts is planned by a slot, which ends the task in the transaction that starts the run.

CREATE TABLE trigger (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('schedule', 'sensor', 'freshness')),
  -- Of a sensor its source, of a freshness rule its dataset.
  name text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  created_by text NOT NULL,
  paused_at timestamptz,
  paused_by text,
  -- The due time that next_at stands for; a jitter lies between them.
  due_at timestamptz,
  -- Null: paused, or never again.
  next_at timestamptz,
  -- What a kind remembers from one look to the next.
  state jsonb NOT NULL DEFAULT '{}',
  -- Looks that failed since one went well, and why the last did.
  failures int NOT NULL DEFAULT 0,
  error jsonb,
  -- The newest task that it enqueued.
  task_id bigint,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, kind, name)
) WITH (fillfactor = 70);
CREATE INDEX trigger_due ON trigger (next_at) WHERE next_at IS NOT NULL;

-- What became of each due time. queued: waits for what a former firing started; started: its task is
-- in the queue; ran, posted, nothing: carried out; skipped, missed, failed: not.
CREATE TABLE trigger_firing (
  tenant_id int NOT NULL,
  trigger_id text COLLATE "C" NOT NULL,
  due_at timestamptz NOT NULL,
  cause text NOT NULL CHECK (cause IN ('due', 'caught-up', 'manual')),
  state text NOT NULL CHECK (state IN
    ('queued', 'started', 'ran', 'posted', 'nothing', 'skipped', 'missed', 'failed')),
  fired_at timestamptz NOT NULL DEFAULT millrace_now(),
  task_id bigint,
  run_id text COLLATE "C",
  -- Background tasks that it posted.
  posted bigint[] NOT NULL DEFAULT '{}',
  detail text,
  PRIMARY KEY (tenant_id, trigger_id, due_at)
) WITH (fillfactor = 70);
CREATE INDEX trigger_firing_queued ON trigger_firing (tenant_id, trigger_id, due_at)
  WHERE state = 'queued';

ALTER TABLE run ADD COLUMN trigger_id text COLLATE "C";
CREATE INDEX run_trigger ON run (tenant_id, trigger_id)
  WHERE trigger_id IS NOT NULL AND state = 'running';

-- Plans that were shown, for a day: what they were made for, and of which world. The id is a hash
-- of both, so the same plan is one row.
CREATE TABLE plan (
  tenant_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  request jsonb NOT NULL,
  basis jsonb NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, id)
);

SELECT protect_tenant_table(name) FROM unnest(ARRAY['trigger', 'trigger_firing', 'plan']::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE, DELETE ON trigger, trigger_firing, plan TO millrace_app;

-- A trigger task for each: [{tenantId, task, place, attempts}]; returns their ids in that order.
-- It belongs to no run; `task` says what carries it out and `place` what it is about.
CREATE FUNCTION trigger_tasks(p_tasks jsonb, p_class text) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
  v_ids bigint[];
BEGIN
  WITH wanted AS (
    SELECT t.value, t.place, nextval('task_id') AS id
    FROM jsonb_array_elements(p_tasks) WITH ORDINALITY AS t (value, place)
  ), made AS (
    INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, class, priority, dataset, partition,
      conditional, forced, reason, batch_max, max_attempts, state, waiting)
    SELECT (value ->> 'tenantId')::int, id, '', 0, 0, 'trigger', p_class, 0, value ->> 'task',
      value ->> 'place', false, false, '', 1, 5, 'ready', 0
    FROM wanted
  )
  SELECT array_agg(id ORDER BY place) INTO v_ids FROM wanted;
  PERFORM pg_notify('millrace_ready', '');
  RETURN v_ids;
END
$$;

-- Firings with a task for each that is `started`: [{tenantId, triggerId, dueAt, cause, state, detail}].
-- A due time that has fired is passed over.
CREATE FUNCTION trigger_fire(p_firings jsonb) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  v_new jsonb;
  v_ids bigint[];
BEGIN
  WITH fired AS (
    INSERT INTO trigger_firing (tenant_id, trigger_id, due_at, cause, state, detail)
    SELECT f."tenantId", f."triggerId", f."dueAt", f.cause, f.state, f.detail
    FROM jsonb_to_recordset(p_firings) AS f ("tenantId" int, "triggerId" text, "dueAt" timestamptz,
      cause text, state text, detail text)
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, trigger_id, due_at, state
  )
  SELECT jsonb_agg(jsonb_build_object('tenantId', tenant_id, 'task', '(schedule)',
    'triggerId', trigger_id, 'dueAt', due_at,
    'place', trigger_id || ' ' || to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    ORDER BY tenant_id, due_at, trigger_id)
  INTO v_new FROM fired WHERE state = 'started';
  IF v_new IS NULL THEN
    RETURN 0;
  END IF;
  v_ids := trigger_tasks(v_new, 'normal');
  UPDATE trigger_firing f SET task_id = v_ids[n.place]
  FROM jsonb_array_elements(v_new) WITH ORDINALITY AS n (value, place)
  WHERE f.tenant_id = (n.value ->> 'tenantId')::int AND f.trigger_id = n.value ->> 'triggerId'
    AND f.due_at = (n.value ->> 'dueAt')::timestamptz;
  RETURN cardinality(v_ids);
END
$$;

-- What a trigger started and has not ended: runs, background tasks of its newest posts.
CREATE FUNCTION trigger_busy(p_tenant int, p_trigger text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT 'run ' || r.id FROM run r
     WHERE r.tenant_id = p_tenant AND r.trigger_id = p_trigger AND r.state = 'running'
     ORDER BY r.id LIMIT 1),
    (SELECT 'task ' || t.partition
     FROM (
       SELECT f.posted FROM trigger_firing f
       WHERE f.tenant_id = p_tenant AND f.trigger_id = p_trigger AND f.state = 'posted'
       ORDER BY f.due_at DESC LIMIT 3
     ) AS newest
     CROSS JOIN unnest(newest.posted) AS posted (id)
     JOIN task t ON t.tenant_id = p_tenant AND t.id = posted.id
     WHERE t.state IN ('waiting', 'ready', 'running') LIMIT 1))
$$;
GRANT EXECUTE ON FUNCTION trigger_tasks(jsonb, text), trigger_fire(jsonb), trigger_busy(int, text)
TO millrace_app;

-- Functions of schedulers.

-- Triggers whose time has come, locked until the transaction ends; those that others hold are passed
-- over. `open`: the task of its last look has not ended.
CREATE FUNCTION trigger_due(p_most int)
RETURNS TABLE (tenant_id int, id text, kind text, name text, definition jsonb, due_at timestamptz,
  next_at timestamptz, state jsonb, open boolean, now timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH due AS (
    SELECT t.* FROM trigger t
    WHERE t.next_at <= millrace_now()
    ORDER BY t.next_at LIMIT p_most FOR UPDATE SKIP LOCKED
  )
  SELECT d.tenant_id, d.id, d.kind, d.name, d.definition, d.due_at, d.next_at, d.state,
    d.kind = 'sensor' AND EXISTS (
      SELECT FROM task t WHERE t.tenant_id = d.tenant_id AND t.id = d.task_id
        AND t.state IN ('ready', 'running')),
    millrace_now()
  FROM due d
$$;

-- Moves what trigger_due has locked: [{tenantId, id, dueAt, nextAt, state, error, look, tell}], with
-- firings as trigger_fire takes them. A `look` enqueues the look of a sensor in place of its former
-- one; `tell` is {kind, payload} for the outbox.
CREATE FUNCTION trigger_move(p_moves jsonb, p_firings jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_looks jsonb;
  v_ids bigint[];
BEGIN
  UPDATE trigger t
  SET due_at = m."dueAt", next_at = m."nextAt", state = coalesce(m.state, t.state),
      error = CASE WHEN m.error IS NULL THEN t.error ELSE m.error END
  FROM jsonb_to_recordset(p_moves) AS m ("tenantId" int, id text, "dueAt" timestamptz,
    "nextAt" timestamptz, state jsonb, error jsonb)
  WHERE t.tenant_id = m."tenantId" AND t.id = m.id;

  PERFORM trigger_fire(p_firings);
  PERFORM trigger_forget(f."tenantId", f."triggerId", 200)
  FROM (SELECT DISTINCT "tenantId", "triggerId"
    FROM jsonb_to_recordset(p_firings) AS f ("tenantId" int, "triggerId" text)) AS f;

  SELECT jsonb_agg(jsonb_build_object('tenantId', t.tenant_id, 'task', '(sensor)', 'place', t.id)
    ORDER BY t.tenant_id, t.id)
  INTO v_looks
  FROM jsonb_to_recordset(p_moves) AS m ("tenantId" int, id text, look boolean)
  JOIN trigger t ON t.tenant_id = m."tenantId" AND t.id = m.id
  WHERE m.look;
  IF v_looks IS NOT NULL THEN
    PERFORM trigger_forget_tasks(t.tenant_id, ARRAY[t.task_id])
    FROM jsonb_to_recordset(v_looks) AS l ("tenantId" int, place text)
    JOIN trigger t ON t.tenant_id = l."tenantId" AND t.id = l.place AND t.task_id IS NOT NULL;
    v_ids := trigger_tasks(v_looks, 'normal');
    UPDATE trigger t SET task_id = v_ids[l.place]
    FROM jsonb_array_elements(v_looks) WITH ORDINALITY AS l (value, place)
    WHERE t.tenant_id = (l.value ->> 'tenantId')::int AND t.id = l.value ->> 'place';
  END IF;

  INSERT INTO outbox (tenant_id, kind, payload)
  SELECT m."tenantId", m.tell ->> 'kind', m.tell -> 'payload'
  FROM jsonb_to_recordset(p_moves) AS m ("tenantId" int, tell jsonb) WHERE m.tell IS NOT NULL;
END
$$;

-- Ended trigger tasks with their attempts and logs: what a trigger keeps is its firings.
CREATE FUNCTION trigger_forget_tasks(p_tenant int, p_ids bigint[]) RETURNS void
LANGUAGE sql AS $$
  WITH gone AS (
    DELETE FROM task t WHERE t.tenant_id = p_tenant AND t.id = ANY (p_ids) AND t.kind = 'trigger'
      AND t.state NOT IN ('waiting', 'ready', 'running')
    RETURNING t.id
  ), tries AS (
    DELETE FROM attempt a USING gone WHERE a.tenant_id = p_tenant AND a.task_id = gone.id
  )
  DELETE FROM task_log l USING gone WHERE l.tenant_id = p_tenant AND l.task_id = gone.id
$$;

-- Keeps the newest firings of a trigger.
CREATE FUNCTION trigger_forget(p_tenant int, p_trigger text, p_keep int) RETURNS void
LANGUAGE sql AS $$
  WITH old AS (
    DELETE FROM trigger_firing f
    WHERE f.tenant_id = p_tenant AND f.trigger_id = p_trigger AND f.state NOT IN ('queued', 'started')
      AND f.due_at <= (SELECT k.due_at FROM trigger_firing k
        WHERE k.tenant_id = p_tenant AND k.trigger_id = p_trigger
        ORDER BY k.due_at DESC OFFSET p_keep LIMIT 1)
    RETURNING f.task_id
  )
  SELECT trigger_forget_tasks(p_tenant, (SELECT array_agg(old.task_id) FROM old))
$$;

-- Starts the earliest queued firing of each trigger whose former ones have ended.
CREATE FUNCTION trigger_unqueue() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_freed jsonb;
  v_ids bigint[];
BEGIN
  WITH earliest AS (
    SELECT DISTINCT ON (f.tenant_id, f.trigger_id) f.tenant_id, f.trigger_id, f.due_at
    FROM trigger_firing f WHERE f.state = 'queued'
    ORDER BY f.tenant_id, f.trigger_id, f.due_at
  ), freed AS (
    UPDATE trigger_firing f SET state = 'started', detail = NULL
    FROM earliest e
    WHERE f.tenant_id = e.tenant_id AND f.trigger_id = e.trigger_id AND f.due_at = e.due_at
      AND f.state = 'queued' AND trigger_busy(f.tenant_id, f.trigger_id) IS NULL
      AND NOT EXISTS (SELECT FROM trigger_firing s
        JOIN task t ON t.tenant_id = s.tenant_id AND t.id = s.task_id AND t.state IN ('ready', 'running')
        WHERE s.tenant_id = f.tenant_id AND s.trigger_id = f.trigger_id AND s.state = 'started')
    RETURNING f.tenant_id, f.trigger_id, f.due_at
  )
  SELECT jsonb_agg(jsonb_build_object('tenantId', tenant_id, 'task', '(schedule)',
    'triggerId', trigger_id, 'dueAt', due_at,
    'place', trigger_id || ' ' || to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
  INTO v_freed FROM freed;
  IF v_freed IS NULL THEN
    RETURN 0;
  END IF;
  v_ids := trigger_tasks(v_freed, 'normal');
  UPDATE trigger_firing f SET task_id = v_ids[n.place]
  FROM jsonb_array_elements(v_freed) WITH ORDINALITY AS n (value, place)
  WHERE f.tenant_id = (n.value ->> 'tenantId')::int AND f.trigger_id = n.value ->> 'triggerId'
    AND f.due_at = (n.value ->> 'dueAt')::timestamptz;
  RETURN cardinality(v_ids);
END
$$;

-- Milliseconds until the next trigger is due; null when none is.
CREATE FUNCTION trigger_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM min(next_at) - millrace_now()) * 1000)::double precision
  FROM trigger WHERE next_at IS NOT NULL
$$;

-- The newest published partition of each dataset, by name, and when it was published:
-- [{tenantId, dataset}] in, one row for each that has any.
CREATE FUNCTION freshness_newest(p_asked jsonb)
RETURNS TABLE (tenant_id int, dataset text, partition text, published_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT a."tenantId", a.dataset, newest.partition, v.published_at
  FROM jsonb_to_recordset(p_asked) AS a ("tenantId" int, dataset text)
  CROSS JOIN LATERAL (
    SELECT p.partition, p.version_id FROM partition_pointer p
    WHERE p.tenant_id = a."tenantId" AND p.environment = 'main' AND p.dataset = a.dataset
      AND p.version_id IS NOT NULL
    ORDER BY p.partition DESC LIMIT 1
  ) AS newest
  JOIN version v ON v.tenant_id = a."tenantId" AND v.id = newest.version_id
$$;

-- Rules that definitions declare, [{dataset, maxAgeMs}], for every tenant that has the dataset; a
-- tenant's own rule for it stays. Rules that are declared no more go.
CREATE FUNCTION freshness_declare(p_rules jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  DELETE FROM trigger t WHERE t.kind = 'freshness' AND t.definition ->> 'origin' = 'definition'
    AND NOT EXISTS (SELECT FROM jsonb_to_recordset(p_rules) AS r (dataset text)
      WHERE r.dataset = t.name);

  INSERT INTO trigger AS t (tenant_id, id, kind, name, definition, created_by, next_at)
  SELECT tenant.id, 'frs_' || r.dataset, 'freshness', r.dataset,
    jsonb_build_object('maxAgeMs', r."maxAgeMs", 'origin', 'definition'), 'definition', millrace_now()
  FROM jsonb_to_recordset(p_rules) AS r (dataset text, "maxAgeMs" double precision)
  CROSS JOIN tenant
  WHERE EXISTS (SELECT FROM partition_pointer p
    WHERE p.tenant_id = tenant.id AND p.environment = 'main' AND p.dataset = r.dataset)
  ON CONFLICT (tenant_id, kind, name) DO UPDATE
  SET definition = excluded.definition, next_at = millrace_now()
  WHERE t.definition ->> 'origin' = 'definition' AND t.definition <> excluded.definition
$$;

GRANT EXECUTE ON FUNCTION trigger_due(int), trigger_move(jsonb, jsonb), trigger_unqueue(),
  trigger_next_wake(), freshness_newest(jsonb), freshness_declare(jsonb)
TO millrace_system;
