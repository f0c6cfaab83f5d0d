-- 0005: what millrace_system may do with tasks: claim, keep alive, take back. Breaks nothing.

-- One batch for one slot. Tenants with ready work are found by jumping from one to the next in the
-- index, so that the cost follows the work that is due and not the number of tenants; the one with
-- the fewest busy slots for its weight comes first, among equals the one that waited longest.
CREATE FUNCTION queue_claim(p_worker text, p_lease_ms double precision, p_max int, p_kinds text[])
RETURNS TABLE (
  id bigint, tenant_id int, tenant_slug text, run_id text, kind text, dataset text, partition text,
  conditional boolean, forced boolean, attempt int, fence bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_tenant record;
  v_head record;
  v_fence bigint;
BEGIN
  FOR v_tenant IN
    WITH RECURSIVE due AS (
      SELECT min(t.tenant_id) AS id FROM task t WHERE t.state = 'ready'
      UNION ALL
      SELECT (SELECT min(t.tenant_id) FROM task t WHERE t.state = 'ready' AND t.tenant_id > due.id)
      FROM due WHERE due.id IS NOT NULL
    ), busy AS (
      SELECT t.tenant_id AS id, count(DISTINCT t.fence) AS slots
      FROM task t WHERE t.state = 'running' GROUP BY t.tenant_id
    )
    SELECT tenant.id, tenant.slug
    FROM due
    JOIN tenant ON tenant.id = due.id
    JOIN tenant_turn ON tenant_turn.tenant_id = due.id
    LEFT JOIN busy ON busy.id = due.id
    ORDER BY coalesce(busy.slots, 0)::double precision / tenant.weight, tenant_turn.turn, tenant.id
  LOOP
    SELECT t.priority, t.run_id, t.rank, t.kind, t.batch_max INTO v_head
    FROM task t
    WHERE t.tenant_id = v_tenant.id AND t.state = 'ready'
      AND (t.run_after IS NULL OR t.run_after <= v_now)
      AND (p_kinds IS NULL OR t.kind = ANY (p_kinds))
    ORDER BY t.priority DESC, t.run_id, t.rank, t.kind, t.ordinal
    LIMIT 1 FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;

    v_fence := nextval('fence');
    UPDATE tenant_turn SET turn = v_fence
    WHERE tenant_turn.tenant_id IN (
      SELECT tt.tenant_id FROM tenant_turn tt WHERE tt.tenant_id = v_tenant.id
      FOR UPDATE SKIP LOCKED);

    RETURN QUERY
      WITH picked AS (
        SELECT t.id FROM task t
        WHERE t.tenant_id = v_tenant.id AND t.state = 'ready'
          AND t.priority = v_head.priority AND t.run_id = v_head.run_id AND t.rank = v_head.rank
          AND t.kind = v_head.kind AND t.batch_max = v_head.batch_max
          AND (t.run_after IS NULL OR t.run_after <= v_now)
        ORDER BY t.ordinal
        LIMIT least(p_max, v_head.batch_max) FOR UPDATE SKIP LOCKED
      ), taken AS (
        UPDATE task t
        SET state = 'running', lease_owner = p_worker,
            lease_until = v_now + p_lease_ms * interval '1 millisecond',
            fence = v_fence, attempts = t.attempts + 1, run_after = NULL,
            started_at = coalesce(t.started_at, v_now)
        FROM picked
        WHERE t.tenant_id = v_tenant.id AND t.id = picked.id
        RETURNING t.*
      ), tried AS (
        INSERT INTO attempt (tenant_id, task_id, number, dataset, fence, worker, started_at)
        SELECT taken.tenant_id, taken.id, taken.attempts, taken.dataset, v_fence, p_worker, v_now
        FROM taken
      )
      SELECT taken.id, taken.tenant_id, v_tenant.slug, taken.run_id, taken.kind, taken.dataset,
        taken.partition, taken.conditional, taken.forced, taken.attempts, taken.fence
      FROM taken ORDER BY taken.ordinal;
    RETURN;
  END LOOP;
END
$$;

-- Renews leases. Returns every lease that was renewed, and whether its run is being cancelled.
CREATE FUNCTION queue_heartbeat(p_ids bigint[], p_fences bigint[], p_lease_ms double precision)
RETURNS TABLE (id bigint, cancel boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH mine AS (
    SELECT t.tenant_id, t.id
    FROM unnest(p_ids, p_fences) AS lease (id, fence)
    JOIN task t ON t.fence = lease.fence AND t.id = lease.id
    WHERE t.state = 'running'
    ORDER BY t.id
    FOR UPDATE OF t
  )
  UPDATE task t
  SET lease_until = millrace_now() + p_lease_ms * interval '1 millisecond'
  FROM mine
  WHERE t.tenant_id = mine.tenant_id AND t.id = mine.id
  RETURNING t.id, t.cancel_requested
$$;

-- Takes back what a worker let go. Runs that somebody else is moving are left for the next time.
CREATE FUNCTION queue_requeue_expired()
RETURNS TABLE (id bigint, tenant_id int, run_id text, worker text, ended boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_run record;
  v_lost jsonb;
  v_ended bigint[];
BEGIN
  FOR v_run IN
    SELECT DISTINCT t.tenant_id, t.run_id FROM task t
    WHERE t.state = 'running' AND t.lease_until < v_now
    ORDER BY 1, 2
  LOOP
    PERFORM FROM run r WHERE r.tenant_id = v_run.tenant_id AND r.id = v_run.run_id
    FOR UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    SELECT jsonb_agg(jsonb_build_object(
      'id', t.id, 'worker', t.lease_owner, 'attempt', 'lost', 'delayMs', 0,
      -- A task that took its worker down twice must not take others with it again.
      'alone', t.attempts > 1, 'counts', true, 'final', false,
      'error', jsonb_build_object('code', 'worker-lost', 'details', jsonb_build_object(
        'worker', t.lease_owner, 'dataset', t.dataset, 'partition', t.partition,
        'attempt', t.attempts))))
    INTO v_lost
    FROM (
      SELECT * FROM task t
      WHERE t.tenant_id = v_run.tenant_id AND t.run_id = v_run.run_id
        AND t.state = 'running' AND t.lease_until < v_now
      ORDER BY t.id FOR UPDATE SKIP LOCKED
    ) AS t;
    CONTINUE WHEN v_lost IS NULL;
    v_ended := tasks_return(v_run.tenant_id, v_run.run_id, v_lost);
    RETURN QUERY
      SELECT l.id, v_run.tenant_id, v_run.run_id, l.worker, l.id = ANY (v_ended)
      FROM jsonb_to_recordset(v_lost) AS l (id bigint, worker text) ORDER BY l.id;
  END LOOP;
END
$$;

-- Milliseconds until something becomes due by time alone; null when nothing will.
CREATE FUNCTION queue_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT least(
    (SELECT min(run_after) FROM task WHERE state = 'ready' AND run_after IS NOT NULL),
    (SELECT min(lease_until) FROM task WHERE state = 'running')
  ) AS at) AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION
  queue_claim(text, double precision, int, text[]),
  queue_heartbeat(bigint[], bigint[], double precision),
  queue_requeue_expired(), queue_next_wake()
TO millrace_system;
