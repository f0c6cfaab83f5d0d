-- 0004: what happens when tasks end, or are given back. Breaks nothing.
--
-- Order of locks: the run's row first, then tasks, then the tenant's row, then pointers. Whatever
-- moves tasks of a run holds the run's row, but the claim, which only goes from ready to running
-- and skips what is locked.

-- Locks the run, then the tasks, and returns those whose lease is not the caller's (any more).
-- A lease that ran out is still the caller's while nobody else has taken the task.
CREATE FUNCTION tasks_lost(p_tenant int, p_run text, p_ids bigint[], p_fences bigint[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_held bigint[];
BEGIN
  PERFORM FROM run WHERE tenant_id = p_tenant AND id = p_run FOR UPDATE;
  SELECT array_agg(held.id) INTO v_held FROM (
    SELECT t.id
    FROM unnest(p_ids, p_fences) AS mine (id, fence)
    JOIN task t ON t.tenant_id = p_tenant AND t.id = mine.id
    WHERE t.run_id = p_run AND t.state = 'running' AND t.fence = mine.fence
    ORDER BY t.id
    FOR UPDATE OF t
  ) AS held;
  RETURN ARRAY(SELECT unnest(p_ids) EXCEPT SELECT unnest(v_held));
END
$$;

-- Ends tasks of a run, after tasks_lost has locked them. p_ends: [{id, state, error, rows, cost}].
CREATE FUNCTION tasks_end(p_tenant int, p_run text, p_ends jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_good bigint[];
  v_bad bigint[];
BEGIN
  WITH ended AS (
    UPDATE task t
    SET state = e.state, ended_at = v_now, error = e.error, rows = e.rows,
        lease_owner = NULL, lease_until = NULL
    FROM jsonb_to_recordset(p_ends) AS e (id bigint, state text, error jsonb, rows bigint)
    WHERE t.tenant_id = p_tenant AND t.id = e.id
    RETURNING t.id, t.state
  )
  SELECT coalesce(array_agg(id) FILTER (WHERE state IN ('done', 'unchanged')), '{}'),
    coalesce(array_agg(id) FILTER (WHERE state NOT IN ('done', 'unchanged')), '{}')
  INTO v_good, v_bad FROM ended;

  UPDATE attempt a
  SET state = e.state, ended_at = v_now, error = e.error, cost = e.cost
  FROM jsonb_to_recordset(p_ends) AS e (id bigint, state text, error jsonb, cost jsonb)
  JOIN task t ON t.tenant_id = p_tenant AND t.id = e.id
  WHERE a.tenant_id = p_tenant AND a.task_id = e.id AND a.number = t.attempts AND a.state = 'running';

  UPDATE run_dataset d
  SET done = d.done + c.done, unchanged = d.unchanged + c.unchanged, held = d.held + c.held,
      failed = d.failed + c.failed, cancelled = d.cancelled + c.cancelled,
      rows = d.rows + c.rows, wall_ms = d.wall_ms + c.wall_ms
  FROM (
    SELECT t.dataset,
      count(*) FILTER (WHERE t.state = 'done') AS done,
      count(*) FILTER (WHERE t.state = 'unchanged') AS unchanged,
      count(*) FILTER (WHERE t.state = 'held') AS held,
      count(*) FILTER (WHERE t.state = 'failed') AS failed,
      count(*) FILTER (WHERE t.state = 'cancelled') AS cancelled,
      coalesce(sum(t.rows) FILTER (WHERE t.state = 'done'), 0) AS rows,
      coalesce(sum((e.cost ->> 'wallMs')::double precision), 0) AS wall_ms
    FROM jsonb_to_recordset(p_ends) AS e (id bigint, cost jsonb)
    JOIN task t ON t.tenant_id = p_tenant AND t.id = e.id
    GROUP BY t.dataset
  ) AS c
  WHERE d.tenant_id = p_tenant AND d.run_id = p_run AND d.dataset = c.dataset;

  PERFORM pointers_note_failures(p_tenant, p_run, v_good || v_bad);
  PERFORM tasks_follow(p_tenant, p_run, v_good, v_bad);
  PERFORM run_close(p_tenant, p_run, cardinality(v_good || v_bad));
END
$$;

-- What follows from the end of tasks: whatever needs one that did not succeed is skipped, one step
-- of the graph at a time, with an error that names the task that began it; the others wait for one
-- less, and are ready when nothing is left to wait for.
CREATE FUNCTION tasks_follow(p_tenant int, p_run text, p_good bigint[], p_bad bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_front bigint[] := p_bad;
  v_skipped bigint[] := '{}';
  v_released bigint[];
BEGIN
  WHILE cardinality(v_front) > 0 LOOP
    WITH needs AS (
      SELECT DISTINCT ON (e.downstream_id) e.downstream_id AS id,
        CASE WHEN u.state = 'skipped' THEN u.error -> 'details'
          ELSE jsonb_build_object('dataset', u.dataset, 'partition', u.partition, 'state', u.state)
        END AS cause
      FROM task_edge e JOIN task u ON u.tenant_id = p_tenant AND u.id = e.upstream_id
      WHERE e.tenant_id = p_tenant AND e.upstream_id = ANY (v_front) AND e.kind = 'success'
      ORDER BY e.downstream_id, e.upstream_id
    ), skipped AS (
      UPDATE task t
      SET state = 'skipped', ended_at = millrace_now(),
          error = jsonb_build_object('code', 'task-skipped', 'details', needs.cause)
      FROM needs
      WHERE t.tenant_id = p_tenant AND t.id = needs.id AND t.state = 'waiting'
      RETURNING t.id
    )
    SELECT coalesce(array_agg(id), '{}') INTO v_front FROM skipped;
    v_skipped := v_skipped || v_front;
  END LOOP;

  -- What needed success of a bad one is skipped by now, so whatever still waits is freed by any end.
  WITH freed AS (
    SELECT e.downstream_id AS id, count(*)::int AS edges
    FROM task_edge e
    WHERE e.tenant_id = p_tenant AND e.upstream_id = ANY (p_good || p_bad || v_skipped)
    GROUP BY e.downstream_id
  ), released AS (
    UPDATE task t
    SET waiting = t.waiting - freed.edges,
        state = CASE WHEN t.waiting = freed.edges THEN 'ready' ELSE t.state END
    FROM freed
    WHERE t.tenant_id = p_tenant AND t.id = freed.id AND t.state = 'waiting'
    RETURNING t.id, t.state
  )
  SELECT coalesce(array_agg(id) FILTER (WHERE state = 'ready'), '{}') INTO v_released FROM released;

  UPDATE run_dataset d
  SET released = d.released + c.released, skipped = d.skipped + c.skipped
  FROM (
    SELECT t.dataset, count(*) FILTER (WHERE t.state = 'skipped') AS skipped,
      count(*) FILTER (WHERE t.state = 'ready') AS released
    FROM unnest(v_skipped || v_released) AS moved (id)
    JOIN task t ON t.tenant_id = p_tenant AND t.id = moved.id
    GROUP BY t.dataset
  ) AS c
  WHERE d.tenant_id = p_tenant AND d.run_id = p_run AND d.dataset = c.dataset;

  IF cardinality(v_skipped) > 0 THEN
    UPDATE run SET open = open - cardinality(v_skipped) WHERE tenant_id = p_tenant AND id = p_run;
  END IF;
  IF cardinality(v_released) > 0 THEN
    PERFORM pg_notify('millrace_ready', '');
  END IF;
END
$$;

-- The pointer remembers the newest failure of its partition; a task that ends well clears it.
CREATE FUNCTION pointers_note_failures(p_tenant int, p_run text, p_ids bigint[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO partition_pointer AS p
    (environment, tenant_id, dataset, partition, failed_task_id, failed_state, failed_error)
  SELECT r.environment, t.tenant_id, t.dataset, t.partition, t.id, t.state,
    t.error
  FROM unnest(p_ids) AS ended (id)
  JOIN task t ON t.tenant_id = p_tenant AND t.id = ended.id
  JOIN run r ON r.tenant_id = p_tenant AND r.id = p_run
  WHERE t.kind = 'build' AND t.state IN ('failed', 'held')
  ON CONFLICT (tenant_id, environment, dataset, partition) DO UPDATE
  SET failed_task_id = excluded.failed_task_id, failed_state = excluded.failed_state,
      failed_error = excluded.failed_error;

  UPDATE partition_pointer p
  SET failed_task_id = NULL, failed_state = NULL, failed_error = NULL
  FROM task t, run r
  WHERE t.tenant_id = p_tenant AND t.id = ANY (p_ids) AND t.state = 'unchanged' AND t.kind = 'build'
    AND r.tenant_id = p_tenant AND r.id = p_run
    AND p.tenant_id = p_tenant AND p.environment = r.environment AND p.dataset = t.dataset
    AND p.partition = t.partition AND p.failed_task_id IS NOT NULL
$$;

-- Counts ended tasks off the run, and ends it when none is left.
CREATE FUNCTION run_close(p_tenant int, p_run text, p_ended int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_open int;
  v_state text;
BEGIN
  UPDATE run SET open = open - p_ended WHERE tenant_id = p_tenant AND id = p_run
  RETURNING open INTO v_open;
  IF v_open > 0 THEN
    RETURN;
  END IF;
  SELECT CASE WHEN sum(cancelled) > 0 THEN 'cancelled'
    WHEN sum(failed + held + skipped) > 0 THEN 'failed' ELSE 'done' END
  INTO v_state FROM run_dataset WHERE tenant_id = p_tenant AND run_id = p_run;
  UPDATE run SET state = coalesce(v_state, 'done'), ended_at = millrace_now()
  WHERE tenant_id = p_tenant AND id = p_run AND state = 'running';
  INSERT INTO outbox (tenant_id, kind, payload)
  VALUES (p_tenant, 'run.ended', jsonb_build_object('run', p_run, 'state', coalesce(v_state, 'done')));
END
$$;

-- Gives tasks back, after tasks_lost has locked them: ready again after a delay, ended when no
-- attempt is left or their run is being cancelled. p_returns: [{id, attempt, error, cost, delayMs,
-- alone, counts, final}]; attempt is the state of the attempt. Returns the ids that ended.
CREATE FUNCTION tasks_return(p_tenant int, p_run text, p_returns jsonb) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_ends jsonb;
BEGIN
  SELECT jsonb_agg(jsonb_build_object('id', t.id, 'error', r.error, 'cost', r.cost,
    'state', CASE WHEN t.cancel_requested THEN 'cancelled' ELSE 'failed' END))
  INTO v_ends
  FROM jsonb_to_recordset(p_returns)
    AS r (id bigint, error jsonb, cost jsonb, counts boolean, final boolean)
  JOIN task t ON t.tenant_id = p_tenant AND t.id = r.id
  WHERE t.cancel_requested OR r.final OR (r.counts AND t.attempts >= t.max_attempts);

  UPDATE attempt a
  SET state = r.attempt, ended_at = v_now, error = r.error, cost = r.cost
  FROM jsonb_to_recordset(p_returns) AS r (id bigint, attempt text, error jsonb, cost jsonb)
  JOIN task t ON t.tenant_id = p_tenant AND t.id = r.id
  WHERE a.tenant_id = p_tenant AND a.task_id = r.id AND a.number = t.attempts AND a.state = 'running';

  UPDATE task t
  SET state = 'ready', lease_owner = NULL, lease_until = NULL, error = r.error,
      run_after = CASE WHEN r."delayMs" > 0 THEN v_now + r."delayMs" * interval '1 millisecond' END,
      batch_max = CASE WHEN r.alone THEN 1 ELSE t.batch_max END,
      max_attempts = CASE WHEN r.counts THEN t.max_attempts ELSE t.max_attempts + 1 END
  FROM jsonb_to_recordset(p_returns)
    AS r (id bigint, error jsonb, "delayMs" double precision, alone boolean, counts boolean)
  WHERE t.tenant_id = p_tenant AND t.id = r.id
    AND NOT EXISTS (
      SELECT FROM jsonb_to_recordset(v_ends) AS e (id bigint) WHERE e.id = t.id);

  IF v_ends IS NOT NULL THEN
    PERFORM tasks_end(p_tenant, p_run, v_ends);
  END IF;
  PERFORM pg_notify('millrace_ready', '');
  RETURN ARRAY(SELECT e.id FROM jsonb_to_recordset(v_ends) AS e (id bigint));
END
$$;

-- Asks for the end of a run: what is not running ends now, what runs is told by its heartbeat.
CREATE FUNCTION run_cancel(p_tenant int, p_run text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_ended int;
BEGIN
  PERFORM FROM run WHERE tenant_id = p_tenant AND id = p_run AND state = 'running' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE run SET cancel_requested_at = coalesce(cancel_requested_at, v_now)
  WHERE tenant_id = p_tenant AND id = p_run;

  -- A claim may be under way: this waits for it, and then sees that the task runs.
  PERFORM FROM task
  WHERE tenant_id = p_tenant AND run_id = p_run AND state IN ('waiting', 'ready', 'running')
  ORDER BY id FOR UPDATE;
  UPDATE task SET cancel_requested = true
  WHERE tenant_id = p_tenant AND run_id = p_run AND state = 'running';
  WITH cancelled AS (
    UPDATE task t
    SET state = 'cancelled', ended_at = v_now
    FROM task former
    WHERE t.tenant_id = p_tenant AND t.run_id = p_run AND t.state IN ('waiting', 'ready')
      AND former.tenant_id = p_tenant AND former.id = t.id
    RETURNING t.dataset, former.state
  ), counted AS (
    SELECT dataset, count(*)::int AS tasks, (count(*) FILTER (WHERE state = 'waiting'))::int AS waiting
    FROM cancelled GROUP BY dataset
  ), kept AS (
    UPDATE run_dataset d
    SET cancelled = d.cancelled + c.tasks, cancelled_waiting = d.cancelled_waiting + c.waiting
    FROM counted c
    WHERE d.tenant_id = p_tenant AND d.run_id = p_run AND d.dataset = c.dataset
  )
  SELECT coalesce(sum(c.tasks), 0) INTO v_ended FROM counted c;
  PERFORM run_close(p_tenant, p_run, v_ended);
END
$$;

GRANT EXECUTE ON FUNCTION
  tasks_lost(int, text, bigint[], bigint[]), tasks_end(int, text, jsonb),
  tasks_follow(int, text, bigint[], bigint[]),
  tasks_return(int, text, jsonb), pointers_note_failures(int, text, bigint[]),
  run_close(int, text, int), run_cancel(int, text)
TO millrace_app;
