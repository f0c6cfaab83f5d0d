-- 0011: the claim: fair shares, limits, tags, classes, pauses. Breaks nothing; replaces 0005's claim.

-- Tenants with lanes that somebody with these prefixes and tags may take from, in the order in which
-- they are to be served: everything of the class `normal` first, then the tenant that has had the
-- least slot time for its weight. Batches under way count as they go on, a new one as 100 ms at once,
-- so that free slots are spread. A tenant that had nothing to do comes in at the clock of those that
-- are being served: it does not catch up on what it never asked for. Slots of other services
-- (`call`, `pull`) are not ours to share out: there the tenant with the fewest busy ones comes first.
CREATE FUNCTION queue_turns(
  p_now timestamptz, p_lanes text[], p_tags text[], p_tenant int, p_held jsonb
)
RETURNS TABLE (class text, id int, slug text, served_ms double precision, is_idle boolean)
LANGUAGE sql STABLE AS $$
  WITH due AS MATERIALIZED (
    SELECT DISTINCT l.class, l.tenant_id AS id FROM queue_lane l
    WHERE (p_tenant IS NULL OR l.tenant_id = p_tenant) AND l.tags <@ p_tags
      AND EXISTS (SELECT FROM unnest(p_lanes) AS prefix WHERE starts_with(l.lane, prefix))
      AND NOT jsonb_exists_any(p_held, l.subjects)
  ), busy AS MATERIALIZED (
    SELECT r.tenant_id AS id, r.handler IN ('factory', 'code') AS ours, sum(r.units) AS units,
      sum(greatest(100, extract(epoch FROM p_now - r.since) * 1000)) AS slot_ms
    FROM queue_running() r WHERE EXISTS (SELECT FROM due) GROUP BY 1, 2
  ), ours AS (
    SELECT EXISTS (SELECT FROM unnest(p_lanes) AS prefix
      WHERE starts_with(prefix, 'factory/') OR starts_with(prefix, 'code/')) AS yes
  )
  SELECT due.class, tenant.id, tenant.slug, at.served_ms, busy.id IS NULL
  FROM due
  JOIN tenant ON tenant.id = due.id
  JOIN tenant_turn turn ON turn.tenant_id = due.id
  CROSS JOIN queue_state state
  CROSS JOIN ours
  LEFT JOIN busy ON busy.id = due.id AND busy.ours = ours.yes
  CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT ours.yes THEN coalesce(busy.units, 0)::double precision / tenant.weight
      WHEN busy.id IS NULL THEN greatest(turn.served_ms, state.served_ms)
      ELSE turn.served_ms + busy.slot_ms / tenant.weight END AS served_ms
  ) AS at
  ORDER BY due.class DESC, at.served_ms, turn.turn, tenant.id
$$;

-- One batch for one slot: of the tenant whose turn it is, the first lane that nothing holds back.
-- The class `backfill` is served when nothing of the class `normal` can be.
DROP FUNCTION queue_claim(text, double precision, int, text[]);
CREATE FUNCTION queue_claim(
  p_worker text, p_lease_ms double precision, p_max int, p_lanes text[], p_tags text[],
  p_tenant int, p_share int, p_used jsonb
)
RETURNS TABLE (
  id bigint, tenant_id int, tenant_slug text, run_id text, kind text, handler text, dataset text,
  partition text, conditional boolean, forced boolean, attempt int, fence bigint,
  timeout_ms double precision
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz;
  v_more boolean;
  v_limits jsonb;
  v_held jsonb;
  v_turn record;
  v_head record;
  v_room int[];
  v_picked bigint[];
  v_fence bigint;
BEGIN
  PERFORM FROM queue_state FOR UPDATE;
  v_now := millrace_now();
  IF p_used IS NOT NULL THEN
    PERFORM queue_settle(p_used);
  END IF;
  LOOP
    v_more := queue_take_notice(v_now, 1000);
    IF NOT EXISTS (SELECT FROM queue_lane) THEN
      EXIT WHEN NOT v_more;
      CONTINUE;
    END IF;
    -- By subject: [what may run more, what may start more].
    SELECT jsonb_object_agg(room.subject, jsonb_build_array(room.running_left, room.starts_left))
    INTO v_limits FROM queue_room(v_now) room;
    SELECT coalesce(jsonb_object_agg(h.subject, true), '{}') INTO v_held FROM (
      SELECT l.key AS subject FROM jsonb_each(v_limits) l
      WHERE (l.value ->> 0)::int <= 0 OR (l.value ->> 1)::int <= 0
      UNION ALL
      SELECT p.subject FROM queue_pause p
    ) AS h;

    FOR v_turn IN SELECT * FROM queue_turns(v_now, p_lanes, p_tags, p_tenant, v_held) LOOP
      FOR v_head IN
        SELECT l.*, head.id
        FROM queue_lane l
        LEFT JOIN LATERAL (
          SELECT t.id, t.priority FROM task t
          WHERE t.tenant_id = v_turn.id AND t.class = v_turn.class AND t.lane = l.lane
            AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
          ORDER BY t.priority DESC, t.id LIMIT 1
        ) AS head ON true
        WHERE l.tenant_id = v_turn.id AND l.class = v_turn.class AND l.tags <@ p_tags
          AND EXISTS (SELECT FROM unnest(p_lanes) AS prefix WHERE starts_with(l.lane, prefix))
          AND NOT jsonb_exists_any(v_held, l.subjects)
        ORDER BY head.priority DESC NULLS LAST, head.id
      LOOP
        IF v_head.id IS NULL THEN
          DELETE FROM queue_lane l
          WHERE l.tenant_id = v_turn.id AND l.class = v_turn.class AND l.lane = v_head.lane;
          CONTINUE;
        END IF;
        SELECT ARRAY[min((v_limits -> s.subject ->> 0)::int), min((v_limits -> s.subject ->> 1)::int)]
        INTO v_room FROM unnest(v_head.subjects) AS s (subject);
        v_picked := queue_pick(v_turn.id, v_turn.class, v_head.lane, least(
          p_max, v_head.batch_max, CASE v_head.run_id WHEN '' THEN v_room[1] END, v_room[2],
          CASE v_head.handler WHEN 'code' THEN
            queue_batch(v_turn.id, v_head.dataset, v_turn.class, v_head.lane, p_share) END));
        CONTINUE WHEN v_picked IS NULL;

        v_fence := nextval('fence');
        UPDATE tenant_turn turn
        SET turn = v_fence,
            served_ms = CASE WHEN v_turn.is_idle AND v_head.handler IN ('factory', 'code')
              THEN v_turn.served_ms ELSE turn.served_ms END
        WHERE turn.tenant_id = v_turn.id;
        UPDATE queue_state s SET served_ms = v_turn.served_ms
        WHERE s.served_ms < v_turn.served_ms AND v_head.handler IN ('factory', 'code');
        PERFORM queue_count_starts(v_now, v_head.subjects, cardinality(v_picked));

        RETURN QUERY
          WITH taken AS (
            UPDATE task t
            SET state = 'running', lease_owner = p_worker,
                lease_until = v_now + p_lease_ms * interval '1 millisecond',
                deadline_at = v_now + t.timeout_ms * interval '1 millisecond',
                fence = v_fence, attempts = t.attempts + 1, claimed_at = v_now,
                started_at = coalesce(t.started_at, v_now)
            WHERE t.tenant_id = v_turn.id AND t.id = ANY (v_picked)
            RETURNING t.*
          ), tried AS (
            -- An attempt of a task that belongs to no run is written when it ends, if at all.
            INSERT INTO attempt (tenant_id, task_id, number, dataset, fence, worker, started_at)
            SELECT taken.tenant_id, taken.id, taken.attempts, taken.dataset, v_fence, p_worker, v_now
            FROM taken WHERE v_head.run_id <> ''
          )
          SELECT taken.id, taken.tenant_id, v_turn.slug, taken.run_id, taken.kind, taken.handler,
            taken.dataset, taken.partition, taken.conditional, taken.forced, taken.attempts,
            taken.fence, taken.timeout_ms
          FROM taken ORDER BY taken.priority DESC, taken.id;
        RETURN;
      END LOOP;
    END LOOP;
    EXIT WHEN NOT v_more;
  END LOOP;
END
$$;

-- How many background tasks one slot takes at once: about a quarter of a second of them, one while
-- nobody knows how long they take, and never so many that other free slots find nothing.
CREATE FUNCTION queue_batch(p_tenant int, p_name text, p_class text, p_lane text, p_share int)
RETURNS int LANGUAGE sql STABLE AS $$
  SELECT greatest(1, least(250 / greatest(pace.task_ms, 0.1), ready.tasks::double precision / p_share))::int
  FROM (SELECT coalesce(
    (SELECT task_ms FROM task_pace WHERE tenant_id = p_tenant AND name = p_name), 250) AS task_ms) AS pace
  CROSS JOIN LATERAL (
    SELECT count(*) AS tasks FROM (
      SELECT FROM task t
      WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.state = 'ready'
        AND t.run_after IS NULL AND NOT t.parked AND t.lane = p_lane
      LIMIT CASE WHEN pace.task_ms < 125 THEN 256 * p_share ELSE 0 END
    ) AS first
  ) AS ready
$$;

-- The first tasks of a lane, locked, of each concurrency key as many as it has room for; null when
-- there is none. Those that are not parked are few for each key.
CREATE FUNCTION queue_pick(p_tenant int, p_class text, p_lane text, p_most int) RETURNS bigint[]
LANGUAGE sql AS $$
  WITH free AS (
    SELECT t.id, t.priority, t.concurrency_key AS key, t.key_limit, busy.tasks
    FROM task t
    CROSS JOIN LATERAL (
      SELECT CASE WHEN t.concurrency_key IS NOT NULL THEN (
        SELECT count(*) FROM task r
        WHERE r.tenant_id = p_tenant AND r.concurrency_key = t.concurrency_key AND r.state = 'running'
      ) END AS tasks OFFSET 0
    ) AS busy
    WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.lane = p_lane
      AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
      AND (busy.tasks IS NULL OR busy.tasks < t.key_limit)
    ORDER BY t.priority DESC, t.id
    LIMIT p_most FOR UPDATE OF t SKIP LOCKED
  )
  SELECT array_agg(id) FROM (
    SELECT id, key, key_limit, tasks,
      row_number() OVER (PARTITION BY key ORDER BY priority DESC, id) AS place
    FROM free
  ) AS placed
  WHERE key IS NULL OR tasks + place <= key_limit
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
      WHERE start_before IS NOT NULL AND state = 'ready' AND attempts = 0),
    (SELECT min(starts_at) FROM queue_room(millrace_now()) room
      WHERE EXISTS (SELECT FROM queue_lane l WHERE room.subject = ANY (l.subjects)))
  ) AS at) AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION queue_claim(text, double precision, int, text[], text[], int, int, jsonb)
TO millrace_system;
