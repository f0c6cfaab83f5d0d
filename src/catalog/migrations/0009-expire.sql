-- 0009: ends of tasks that belong to no run, and what time alone ends: leases, deadlines of attempts,
-- tasks nobody began in time. Breaks nothing.

-- A task that belongs to no run has no run to close.
CREATE OR REPLACE FUNCTION run_close(p_tenant int, p_run text, p_ended int) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_open int;
  v_state text;
BEGIN
  UPDATE run SET open = open - p_ended WHERE tenant_id = p_tenant AND id = p_run
  RETURNING open INTO v_open;
  IF NOT FOUND OR v_open > 0 THEN
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

-- Ends tasks, after tasks_lost has locked them. p_ends: [{id, state, error, rows, cost}]. Nothing waits
-- for a task that belongs to no run, and its row tells of its last attempt.
ALTER FUNCTION tasks_end(int, text, jsonb) RENAME TO tasks_end_in_run;
CREATE FUNCTION tasks_end(p_tenant int, p_run text, p_ends jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  v_now timestamptz := millrace_now();
BEGIN
  IF p_run <> '' THEN
    PERFORM tasks_end_in_run(p_tenant, p_run, p_ends);
    RETURN;
  END IF;
  WITH costly AS (
    INSERT INTO attempt (tenant_id, task_id, number, dataset, fence, worker, started_at, ended_at, state, error, cost)
    SELECT p_tenant, t.id, t.attempts, t.dataset, t.fence, t.lease_owner, t.claimed_at, v_now, e.state, e.error, e.cost
    FROM jsonb_to_recordset(p_ends) AS e (id bigint, state text, error jsonb, cost jsonb)
    JOIN task t ON t.tenant_id = p_tenant AND t.id = e.id
    WHERE e.cost IS NOT NULL AND t.state = 'running'
    ON CONFLICT DO NOTHING
  )
  UPDATE task t
  SET state = e.state, ended_at = v_now, error = e.error, lease_until = NULL, deadline_at = NULL
  FROM jsonb_to_recordset(p_ends) AS e (id bigint, state text, error jsonb)
  WHERE t.tenant_id = p_tenant AND t.id = e.id;
END
$$;

-- How long the attempt after this many is put off, at most; half of it is jitter, which follows from
-- the task, so that a simulation repeats itself. p_retry: {firstMs, factor, ceilingMs} or null.
CREATE FUNCTION task_delay_ms(p_id bigint, p_tries int, p_retry jsonb) RETURNS double precision
LANGUAGE sql IMMUTABLE AS $$
  SELECT least(
      coalesce((p_retry ->> 'ceilingMs')::double precision, 600000),
      coalesce((p_retry ->> 'firstMs')::double precision, 1000)
        * coalesce((p_retry ->> 'factor')::double precision, 2) ^ least(greatest(p_tries, 1) - 1, 30)
    ) * (1 + (hashint8(p_id * 1000 + p_tries) & 1023) / 1023.0) / 2
$$;

-- Gives tasks back, after tasks_lost has locked them: ready again after a delay, ended when no
-- attempt is left or somebody asked for their end. p_returns: [{id, attempt, error, cost, delayMs,
-- alone, counts, final, lost}]; attempt is the state of the attempt; without delayMs the task's own
-- policy counts; `lost` are counted for themselves. Returns the ids that ended.
CREATE OR REPLACE FUNCTION tasks_return(p_tenant int, p_run text, p_returns jsonb) RETURNS bigint[]
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

  INSERT INTO attempt AS a
    (tenant_id, task_id, number, dataset, fence, worker, started_at, ended_at, state, error, cost)
  SELECT p_tenant, t.id, t.attempts, t.dataset, t.fence, t.lease_owner, coalesce(t.claimed_at, t.started_at),
    v_now, r.attempt, r.error, r.cost
  FROM jsonb_to_recordset(p_returns) AS r (id bigint, attempt text, error jsonb, cost jsonb)
  JOIN task t ON t.tenant_id = p_tenant AND t.id = r.id
  ON CONFLICT (tenant_id, task_id, number) DO UPDATE
  SET state = excluded.state, ended_at = v_now, error = excluded.error, cost = excluded.cost
  WHERE a.state = 'running';

  UPDATE task t
  SET state = 'ready', lease_owner = NULL, lease_until = NULL, deadline_at = NULL, error = r.error,
      run_after = CASE WHEN wait.ms > 0 THEN v_now + wait.ms * interval '1 millisecond' END,
      batch_max = CASE WHEN r.alone THEN 1 ELSE t.batch_max END,
      max_attempts = CASE WHEN r.counts THEN t.max_attempts ELSE t.max_attempts + 1 END,
      losses = t.losses + coalesce(r.lost, false)::int
  FROM jsonb_to_recordset(p_returns) AS r (id bigint, error jsonb, "delayMs" double precision,
    alone boolean, counts boolean, lost boolean)
  JOIN task former ON former.tenant_id = p_tenant AND former.id = r.id
  LEFT JOIN background_task b ON b.tenant_id = p_tenant AND b.task_id = r.id
  CROSS JOIN LATERAL (
    SELECT coalesce(r."delayMs", task_delay_ms(r.id, former.attempts, b.retry)) AS ms
  ) AS wait
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

-- Asks for the end of a task that belongs to no run: one that waits ends now, one that runs is told
-- by its heartbeat. Returns its state; null when there is none.
CREATE FUNCTION task_cancel(p_tenant int, p_id bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
BEGIN
  SELECT state INTO v_state FROM task
  WHERE tenant_id = p_tenant AND id = p_id AND run_id = '' FOR UPDATE;
  IF v_state IN ('waiting', 'ready') THEN
    PERFORM tasks_end(p_tenant, '', jsonb_build_array(jsonb_build_object('id', p_id, 'state', 'cancelled')));
    RETURN 'cancelled';
  END IF;
  IF v_state = 'running' THEN
    UPDATE task SET cancel_requested = true WHERE tenant_id = p_tenant AND id = p_id;
  END IF;
  RETURN v_state;
END
$$;

GRANT EXECUTE ON FUNCTION
  tasks_end_in_run(int, text, jsonb), tasks_end(int, text, jsonb),
  task_delay_ms(bigint, int, jsonb), task_cancel(int, bigint)
TO millrace_app;

-- Renews leases whose attempt still has time. Returns them, and whether somebody asked for their end.
CREATE OR REPLACE FUNCTION queue_heartbeat(p_ids bigint[], p_fences bigint[], p_lease_ms double precision)
RETURNS TABLE (id bigint, cancel boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH mine AS (
    SELECT t.tenant_id, t.id
    FROM unnest(p_ids, p_fences) AS lease (id, fence)
    JOIN task t ON t.fence = lease.fence AND t.id = lease.id
    WHERE t.state = 'running' AND (t.deadline_at IS NULL OR t.deadline_at > millrace_now())
    ORDER BY t.id
    FOR UPDATE OF t
  )
  UPDATE task t
  SET lease_until = millrace_now() + p_lease_ms * interval '1 millisecond'
  FROM mine
  WHERE t.tenant_id = mine.tenant_id AND t.id = mine.id
  RETURNING t.id, t.cancel_requested
$$;

-- Takes back what a worker let go (silent: its lease ran out; slow: its attempt's time is over), and
-- ends what nobody began in time. Runs that somebody else is moving are left for the next time.
DROP FUNCTION queue_requeue_expired();
CREATE FUNCTION queue_expire()
RETURNS TABLE (id bigint, tenant_id int, run_id text, worker text, cause text, ended boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_run record;
  v_over jsonb;
  v_ended bigint[];
BEGIN
  FOR v_run IN
    SELECT t.tenant_id, t.run_id FROM task t WHERE t.state = 'running' AND t.lease_until < v_now
    UNION
    SELECT t.tenant_id, t.run_id FROM task t WHERE t.state = 'running' AND t.deadline_at < v_now
    ORDER BY 1, 2
  LOOP
    IF v_run.run_id <> '' THEN
      PERFORM FROM run r WHERE r.tenant_id = v_run.tenant_id AND r.id = v_run.run_id
      FOR UPDATE SKIP LOCKED;
      CONTINUE WHEN NOT FOUND;
    END IF;
    -- A worker that dies or stands still is rarely its task's fault: ten of them are.
    SELECT jsonb_agg(jsonb_build_object(
      'id', t.id, 'worker', t.lease_owner, 'attempt', 'lost', 'cause', t.cause,
      -- A task that took its worker down twice must not take others with it again.
      'alone', t.cause = 'slow' OR t.losses > 0, 'counts', t.cause = 'slow',
      'lost', t.cause = 'silent', 'final', t.cause = 'silent' AND t.losses >= 9,
      'delayMs', CASE t.cause WHEN 'silent' THEN
        least(60, 2 ^ least(t.losses, 10) - 1) * 1000 END,
      'error', jsonb_build_object(
        'code', CASE WHEN t.cause = 'slow' THEN 'task-too-slow'
          WHEN t.losses >= 9 THEN 'workers-lost' ELSE 'worker-lost' END,
        'details', jsonb_build_object('worker', t.lease_owner, 'dataset', t.dataset,
          'partition', t.partition, 'attempt', t.attempts, 'timeoutMs', t.timeout_ms,
          'losses', t.losses + 1))))
    INTO v_over
    FROM (
      SELECT t.*, CASE WHEN t.deadline_at < v_now THEN 'slow' ELSE 'silent' END AS cause FROM task t
      WHERE t.tenant_id = v_run.tenant_id AND t.run_id = v_run.run_id AND t.state = 'running'
        AND (t.lease_until < v_now OR t.deadline_at < v_now)
      ORDER BY t.id LIMIT 5000 FOR UPDATE SKIP LOCKED
    ) AS t;
    CONTINUE WHEN v_over IS NULL;
    v_ended := tasks_return(v_run.tenant_id, v_run.run_id, v_over);
    RETURN QUERY
      SELECT l.id, v_run.tenant_id, v_run.run_id, l.worker, l.cause, l.id = ANY (v_ended)
      FROM jsonb_to_recordset(v_over) AS l (id bigint, worker text, cause text) ORDER BY l.id;
  END LOOP;

  FOR v_run IN
    SELECT DISTINCT t.tenant_id, t.run_id FROM task t
    WHERE t.start_before < v_now AND t.state = 'ready' AND t.attempts = 0
    ORDER BY 1, 2
  LOOP
    IF v_run.run_id <> '' THEN
      PERFORM FROM run r WHERE r.tenant_id = v_run.tenant_id AND r.id = v_run.run_id
      FOR UPDATE SKIP LOCKED;
      CONTINUE WHEN NOT FOUND;
    END IF;
    SELECT jsonb_agg(jsonb_build_object('id', t.id, 'state', 'failed',
      'error', jsonb_build_object('code', 'task-not-begun', 'details', jsonb_build_object(
        'dataset', t.dataset, 'partition', t.partition, 'until', t.start_before))))
    INTO v_over
    FROM (
      SELECT * FROM task t
      WHERE t.tenant_id = v_run.tenant_id AND t.run_id = v_run.run_id AND t.start_before < v_now
        -- One that was begun before and is tried again keeps its attempts.
        AND t.state = 'ready' AND t.attempts = 0
      ORDER BY t.id LIMIT 5000 FOR UPDATE SKIP LOCKED
    ) AS t;
    CONTINUE WHEN v_over IS NULL;
    PERFORM tasks_end(v_run.tenant_id, v_run.run_id, v_over);
    RETURN QUERY
      SELECT l.id, v_run.tenant_id, v_run.run_id, NULL::text, 'waited'::text, true
      FROM jsonb_to_recordset(v_over) AS l (id bigint) ORDER BY l.id;
  END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION queue_expire() TO millrace_system;
