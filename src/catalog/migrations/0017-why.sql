-- 0017: why a task is where it is. Breaks nothing.

-- The one thing that holds a task back now (or what became of it), as {reason, …}; null when the tenant
-- has no such task. Reads without locks what claims change, so it may be a moment behind.
CREATE FUNCTION task_why(p_tenant int, p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_task task;
  v_subjects text[];
  v_why jsonb;
  v_ours boolean;
BEGIN
  SELECT * INTO v_task FROM task WHERE tenant_id = p_tenant AND id = p_id;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF v_task.state = 'running' THEN
    RETURN jsonb_build_object('reason', 'running', 'worker', v_task.lease_owner, 'since', v_task.claimed_at,
      'until', v_task.lease_until, 'attempt', v_task.attempts, 'cancelling', v_task.cancel_requested);
  ELSIF v_task.state = 'waiting' THEN
    RETURN (
      SELECT jsonb_build_object('reason', 'inputs', 'count', count(*),
        'first', (array_agg(jsonb_build_object('task', u.id, 'dataset', u.dataset, 'partition', u.partition,
          'state', u.state) ORDER BY u.state = 'running' DESC, u.state = 'ready' DESC, u.id))[1])
      FROM task_edge e JOIN task u ON u.tenant_id = p_tenant AND u.id = e.upstream_id
      WHERE e.tenant_id = p_tenant AND e.downstream_id = p_id AND u.state IN ('waiting', 'ready', 'running'));
  ELSIF v_task.state <> 'ready' THEN
    RETURN jsonb_build_object('reason', 'ended', 'state', v_task.state, 'since', v_task.ended_at);
  ELSIF v_task.run_after > v_now THEN
    RETURN jsonb_build_object('reason', CASE WHEN v_task.attempts > 0 THEN 'retry' ELSE 'time' END,
      'until', v_task.run_after, 'attempt', v_task.attempts);
  END IF;

  v_subjects := queue_subjects(p_tenant, v_task.dataset, v_task.tags, v_task.run_id,
    (SELECT backfill_id FROM run WHERE tenant_id = p_tenant AND id = v_task.run_id));
  SELECT jsonb_build_object('reason', 'paused', 'scope', p.scope, 'value', p.value,
    'everywhere', p.tenant_id IS NULL, 'because', p.reason, 'since', p.since)
  INTO v_why FROM queue_pause p WHERE p.subject = ANY (v_subjects) ORDER BY p.since LIMIT 1;
  IF v_why IS NOT NULL THEN
    RETURN v_why;
  END IF;
  SELECT jsonb_build_object('reason', CASE WHEN room.running_left <= 0 THEN 'limit' ELSE 'rate' END,
    'scope', l.scope, 'value', l.value, 'everywhere', l.tenant_id IS NULL, 'running', room.running,
    'max', CASE WHEN room.running_left <= 0 THEN l.running_max ELSE l.rate_max END,
    'withinMs', l.rate_ms, 'until', room.starts_at)
  INTO v_why FROM queue_room(v_now) room JOIN queue_limit l ON l.id = room.id
  WHERE room.subject = ANY (v_subjects) AND (room.running_left <= 0 OR room.starts_left <= 0)
  ORDER BY room.running_left <= 0 DESC NULLS LAST, l.id LIMIT 1;
  IF v_why IS NOT NULL THEN
    RETURN v_why;
  END IF;

  IF v_task.concurrency_key IS NOT NULL THEN
    SELECT jsonb_build_object('reason', 'key', 'key', v_task.concurrency_key, 'max', v_task.key_limit,
      'running', busy.tasks, 'first', busy.id,
      'ahead', (
        SELECT count(*) FROM (
          SELECT FROM task o
          WHERE o.tenant_id = p_tenant AND o.concurrency_key = v_task.concurrency_key AND o.state = 'ready'
            AND o.run_after IS NULL
            AND (o.priority > v_task.priority OR (o.priority = v_task.priority AND o.id < p_id))
          LIMIT 10000) AS before))
    INTO v_why
    FROM (
      SELECT count(*) AS tasks, min(r.id) AS id FROM task r
      WHERE r.tenant_id = p_tenant AND r.concurrency_key = v_task.concurrency_key AND r.state = 'running'
    ) AS busy
    WHERE busy.tasks >= v_task.key_limit;
    IF v_why IS NOT NULL THEN
      RETURN v_why;
    END IF;
  END IF;

  IF v_task.handler = 'pull' THEN
    RETURN jsonb_build_object('reason', 'pull', 'name', v_task.dataset, 'ahead', queue_ahead(v_task));
  END IF;
  SELECT jsonb_build_object(
    'alive', count(*), 'able', count(*) FILTER (WHERE w.does AND w.tags_fit),
    'doing', count(*) FILTER (WHERE w.does),
    'slots', coalesce(sum(w.slots) FILTER (WHERE w.does AND w.tags_fit), 0),
    'busy', coalesce(sum(w.used) FILTER (WHERE w.does AND w.tags_fit), 0))
  INTO v_why FROM (
    SELECT w.slots, v_task.tags <@ w.tags AS tags_fit,
      EXISTS (SELECT FROM unnest(w.lanes) AS prefix WHERE starts_with(v_task.lane, prefix)) AS does,
      least(w.slots, (SELECT count(DISTINCT t.fence) FROM task t
        WHERE t.state = 'running' AND t.lease_owner = w.id)) AS used
    FROM worker w
    WHERE NOT w.stopping AND w.seen_at >= v_now - 3 * w.lease_ms * interval '1 millisecond'
  ) AS w;
  IF (v_why ->> 'able')::int = 0 THEN
    RETURN v_why || jsonb_build_object('reason', 'no-worker', 'handler', v_task.handler, 'tags', v_task.tags);
  END IF;
  v_ours := v_task.handler <> 'call';
  RETURN v_why || jsonb_build_object(
    'reason', CASE WHEN (v_why ->> 'busy')::int >= (v_why ->> 'slots')::int THEN 'slots' ELSE 'soon' END,
    'class', v_task.class, 'ahead', queue_ahead(v_task),
    'tenantBusy', (SELECT count(*) FROM queue_running() r
      WHERE r.tenant_id = p_tenant AND (r.handler <> 'call') = v_ours),
    'weight', (SELECT weight FROM tenant WHERE id = p_tenant),
    'weights', (SELECT sum(t.weight) FROM tenant t JOIN tenant_turn turn ON turn.tenant_id = t.id
      WHERE turn.active OR t.id = p_tenant OR EXISTS (
        SELECT FROM task r WHERE r.tenant_id = t.id AND r.state = 'running')));
END
$$;

-- Ready tasks of the tenant that go before it, by class, priority and age; counted to ten thousand.
CREATE FUNCTION queue_ahead(p_task task) RETURNS int
LANGUAGE sql STABLE AS $$
  SELECT count(*)::int FROM (
    SELECT FROM task o
    WHERE o.tenant_id = p_task.tenant_id AND o.state = 'ready' AND o.run_after IS NULL AND NOT o.parked
      AND (o.handler = 'pull') = (p_task.handler = 'pull') AND (o.handler = 'call') = (p_task.handler = 'call')
      AND (o.handler <> 'pull' OR o.dataset = p_task.dataset)
      AND (o.class > p_task.class OR (o.class = p_task.class
        AND (o.priority > p_task.priority OR (o.priority = p_task.priority AND o.id < p_task.id))))
    LIMIT 10000
  ) AS before
$$;

GRANT EXECUTE ON FUNCTION task_why(int, bigint) TO millrace_system;
