-- 0009: what time alone ends: leases, deadlines of attempts, tasks nobody began in time. Breaks nothing.

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
    SELECT jsonb_agg(jsonb_build_object(
      'id', t.id, 'worker', t.lease_owner, 'attempt', 'lost', 'delayMs', 0,
      'cause', CASE WHEN t.deadline_at < v_now THEN 'slow' ELSE 'silent' END,
      -- A task that took its worker down twice must not take others with it again.
      'alone', t.attempts > 1, 'counts', true, 'final', false,
      'error', CASE WHEN t.deadline_at < v_now
        THEN jsonb_build_object('code', 'task-too-slow', 'details', jsonb_build_object(
          'dataset', t.dataset, 'partition', t.partition, 'attempt', t.attempts,
          'timeoutMs', t.timeout_ms))
        ELSE jsonb_build_object('code', 'worker-lost', 'details', jsonb_build_object(
          'worker', t.lease_owner, 'dataset', t.dataset, 'partition', t.partition,
          'attempt', t.attempts)) END))
    INTO v_over
    FROM (
      SELECT * FROM task t
      WHERE t.tenant_id = v_run.tenant_id AND t.run_id = v_run.run_id AND t.state = 'running'
        AND (t.lease_until < v_now OR t.deadline_at < v_now)
      ORDER BY t.id FOR UPDATE SKIP LOCKED
    ) AS t;
    CONTINUE WHEN v_over IS NULL;
    v_ended := tasks_return(v_run.tenant_id, v_run.run_id, v_over);
    RETURN QUERY
      SELECT l.id, v_run.tenant_id, v_run.run_id, l.worker, l.cause, l.id = ANY (v_ended)
      FROM jsonb_to_recordset(v_over) AS l (id bigint, worker text, cause text) ORDER BY l.id;
  END LOOP;

  FOR v_run IN
    SELECT DISTINCT t.tenant_id, t.run_id FROM task t
    WHERE t.start_before < v_now AND t.state IN ('waiting', 'ready') AND t.attempts = 0
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
        AND t.state IN ('waiting', 'ready') AND t.attempts = 0
      ORDER BY t.id FOR UPDATE SKIP LOCKED
    ) AS t;
    CONTINUE WHEN v_over IS NULL;
    PERFORM tasks_end(v_run.tenant_id, v_run.run_id, v_over);
    RETURN QUERY
      SELECT l.id, v_run.tenant_id, v_run.run_id, NULL::text, 'waited'::text, true
      FROM jsonb_to_recordset(v_over) AS l (id bigint) ORDER BY l.id;
  END LOOP;
END
$$;

-- Milliseconds until something becomes due by time alone; null when nothing will.
CREATE OR REPLACE FUNCTION queue_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT least(
    (SELECT min(run_after) FROM task WHERE state = 'ready' AND run_after IS NOT NULL),
    (SELECT min(lease_until) FROM task WHERE state = 'running'),
    (SELECT min(deadline_at) FROM task WHERE state = 'running' AND deadline_at IS NOT NULL),
    (SELECT min(start_before) FROM task
      WHERE start_before IS NOT NULL AND state IN ('waiting', 'ready') AND attempts = 0)
  ) AS at) AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION queue_expire() TO millrace_system;
