-- 0011: the claim: fair shares, limits, tags, classes, pauses. Breaks nothing; replaces 0005's claim.

-- Slot time and units under way by tenant: {tenant: {elapsed, ms, units}}; in `ms` a new batch counts
-- as 100 at once, so that free slots are spread. Slots of ours, or those of other services.
CREATE FUNCTION queue_busy(p_now timestamptz, p_ours boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_object_agg(b.tenant_id, jsonb_build_object(
    'elapsed', b.elapsed, 'ms', b.ms, 'units', b.units)), '{}')
  FROM (
    SELECT r.tenant_id, sum(r.units) AS units, sum(extract(epoch FROM p_now - r.since) * 1000) AS elapsed,
      sum(greatest(100, extract(epoch FROM p_now - r.since) * 1000)) AS ms
    FROM queue_running() r WHERE r.handler IN ('factory', 'code') = p_ours GROUP BY 1
  ) AS b
$$;

-- Tenants with lanes of a class that somebody with these prefixes and tags may take from, the one to
-- serve next first: the one that has had the least slot time for its weight. Of those with nothing
-- under way at most p_most, found along an index, so that ten thousand of them cost little. One that
-- was held back for long has two seconds to catch up on, and no more. clock: where it stands without
-- what a batch that has just begun counts in advance.
CREATE FUNCTION queue_turns(
  p_class text, p_lanes text[], p_tags text[], p_held jsonb, p_busy jsonb, p_most int
)
RETURNS TABLE (id int, served_ms double precision, clock double precision, is_idle boolean)
LANGUAGE sql STABLE AS $$
  WITH idle AS MATERIALIZED (
    SELECT turn.tenant_id AS id, turn.served_ms, turn.turn FROM tenant_turn turn
    WHERE turn.active AND NOT jsonb_exists(p_busy, turn.tenant_id::text)
      AND EXISTS (
        SELECT FROM queue_lane l
        WHERE l.class = p_class AND l.tenant_id = turn.tenant_id AND l.tags <@ p_tags
          AND NOT jsonb_exists_any(p_held, l.subjects)
          AND EXISTS (SELECT FROM unnest(p_lanes) AS prefix WHERE starts_with(l.lane, prefix))
        OFFSET 0)
    ORDER BY turn.served_ms, turn.turn LIMIT p_most
  )
  SELECT every.id, every.served_ms, every.clock, every.is_idle FROM (
    SELECT idle.id, idle.turn, at.served_ms, at.served_ms AS clock, true AS is_idle
    FROM idle CROSS JOIN queue_state state JOIN tenant ON tenant.id = idle.id
    CROSS JOIN LATERAL (
      SELECT greatest(idle.served_ms, state.served_ms - 2000.0 / tenant.weight) AS served_ms) AS at
    UNION ALL
    SELECT turn.tenant_id, turn.turn,
      turn.served_ms + (b.value ->> 'ms')::double precision / tenant.weight,
      turn.served_ms + (b.value ->> 'elapsed')::double precision / tenant.weight, false
    FROM jsonb_each(p_busy) b
    JOIN tenant_turn turn ON turn.tenant_id = b.key::int AND turn.active
    JOIN tenant ON tenant.id = b.key::int
  ) AS every
  ORDER BY every.served_ms, every.turn, every.id
$$;

-- The same for slots that are not ours to share out: the tenant with the fewest busy ones first.
CREATE FUNCTION queue_turns_elsewhere(
  p_class text, p_lanes text[], p_tags text[], p_tenant int, p_held jsonb, p_busy jsonb
)
RETURNS TABLE (id int, served_ms double precision, clock double precision, is_idle boolean)
LANGUAGE sql STABLE AS $$
  SELECT due.tenant_id, coalesce((p_busy -> due.tenant_id::text ->> 'units')::double precision, 0) / tenant.weight, 0, false
  FROM (
    SELECT DISTINCT l.tenant_id FROM queue_lane l
    WHERE l.class = p_class AND (p_tenant IS NULL OR l.tenant_id = p_tenant) AND l.tags <@ p_tags
      AND NOT jsonb_exists_any(p_held, l.subjects)
      AND EXISTS (SELECT FROM unnest(p_lanes) AS prefix WHERE starts_with(l.lane, prefix))
  ) AS due
  JOIN tenant ON tenant.id = due.tenant_id
  JOIN tenant_turn turn ON turn.tenant_id = due.tenant_id
  ORDER BY 2, turn.turn, due.tenant_id
$$;

-- Takes a lane away in which nothing is ready.
CREATE FUNCTION queue_drop_lane(p_tenant int, p_class text, p_lane text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM queue_lane l WHERE l.class = p_class AND l.tenant_id = p_tenant AND l.lane = p_lane;
  UPDATE tenant_turn turn SET active = false
  WHERE turn.tenant_id = p_tenant AND NOT EXISTS (
    SELECT FROM unnest(ARRAY['normal', 'backfill']) AS c (class)
    JOIN queue_lane l ON l.class = c.class AND l.tenant_id = p_tenant);
END
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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp
-- Everything here is a look-up in an index, whatever the planner believes of tables that change fast.
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz;
  v_more boolean;
  v_ours boolean := EXISTS (SELECT FROM unnest(p_lanes) AS prefix
    WHERE starts_with(prefix, 'factory/') OR starts_with(prefix, 'code/'));
  v_limits jsonb;
  v_held jsonb;
  v_busy jsonb;
  v_class text;
  v_bound int;
  v_seen int;
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
  v_more := queue_take_notice(v_now, 1000);
  -- By subject: [what may run more, what may start more].
  SELECT coalesce(jsonb_object_agg(room.subject, jsonb_build_array(room.running_left, room.starts_left)), '{}')
  INTO v_limits FROM queue_room(v_now) room;
  SELECT coalesce(jsonb_object_agg(h.subject, true), '{}') INTO v_held FROM (
    SELECT l.key AS subject FROM jsonb_each(v_limits) l
    WHERE (l.value ->> 0)::int <= 0 OR (l.value ->> 1)::int <= 0
    UNION ALL
    SELECT p.subject FROM queue_pause p
  ) AS h;
  v_busy := queue_busy(v_now, v_ours);

  -- Once more after a thousand notices or delayed tasks, while there are more of them.
  LOOP
    FOREACH v_class IN ARRAY ARRAY['normal', 'backfill'] LOOP
      CONTINUE WHEN NOT EXISTS (SELECT FROM queue_lane l WHERE l.class = v_class);
      -- The first few tenants are enough, unless nothing of theirs can be taken.
      FOREACH v_bound IN ARRAY ARRAY[8, NULL] LOOP
        v_seen := 0;
        FOR v_turn IN
          SELECT * FROM queue_turns(v_class, p_lanes, p_tags, v_held, v_busy, v_bound)
          WHERE v_ours AND p_tenant IS NULL
          UNION ALL
          SELECT * FROM queue_turns_elsewhere(v_class, p_lanes, p_tags, p_tenant, v_held, v_busy)
          WHERE NOT v_ours OR p_tenant IS NOT NULL
        LOOP
          v_seen := v_seen + v_turn.is_idle::int;
          FOR v_head IN
            SELECT l.*, head.id
            FROM queue_lane l
            LEFT JOIN LATERAL (
              SELECT t.id, t.priority FROM task t
              WHERE t.tenant_id = v_turn.id AND t.class = v_class AND t.lane = l.lane
                AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
              ORDER BY t.priority DESC, t.id LIMIT 1
            ) AS head ON true
            WHERE l.tenant_id = v_turn.id AND l.class = v_class AND l.tags <@ p_tags
              AND EXISTS (SELECT FROM unnest(p_lanes) AS prefix WHERE starts_with(l.lane, prefix))
              AND NOT jsonb_exists_any(v_held, l.subjects)
            ORDER BY head.priority DESC NULLS LAST, head.id
          LOOP
            IF v_head.id IS NULL THEN
              PERFORM queue_drop_lane(v_turn.id, v_class, v_head.lane);
              CONTINUE;
            END IF;
            SELECT ARRAY[min((v_limits -> s.subject ->> 0)::int), min((v_limits -> s.subject ->> 1)::int)]
            INTO v_room FROM unnest(v_head.subjects) AS s (subject);
            v_picked := queue_pick(v_turn.id, v_class, v_head.lane, least(
              p_max, v_head.batch_max, CASE v_head.run_id WHEN '' THEN v_room[1] END, v_room[2],
              CASE v_head.handler WHEN 'code' THEN
                queue_batch(v_turn.id, v_head.dataset, v_class, v_head.lane, p_share) END));
            CONTINUE WHEN v_picked IS NULL;
            RETURN QUERY SELECT * FROM queue_take(p_worker, p_lease_ms, v_now, v_turn.id,
              CASE WHEN v_turn.is_idle THEN v_turn.served_ms END, v_turn.clock,
              v_head.handler, v_head.subjects, v_picked);
            RETURN;
          END LOOP;
        END LOOP;
        EXIT WHEN v_seen < v_bound;
      END LOOP;
    END LOOP;
    EXIT WHEN NOT v_more;
    v_more := queue_take_notice(v_now, 1000);
  END LOOP;
END
$$;

-- Leases tasks that are locked, with the next fencing number, and moves the clocks on. p_clock: of a
-- tenant that had nothing under way, from where its slot time counts on.
CREATE FUNCTION queue_take(
  p_worker text, p_lease_ms double precision, p_now timestamptz, p_tenant int,
  p_clock double precision, p_served double precision, p_handler text, p_subjects text[], p_ids bigint[]
)
RETURNS TABLE (
  id bigint, tenant_id int, tenant_slug text, run_id text, kind text, handler text, dataset text,
  partition text, conditional boolean, forced boolean, attempt int, fence bigint,
  timeout_ms double precision
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_fence bigint := nextval('fence');
  v_ours boolean := p_handler IN ('factory', 'code');
BEGIN
  UPDATE tenant_turn turn
  SET turn = v_fence,
      served_ms = CASE WHEN v_ours THEN coalesce(p_clock, turn.served_ms) ELSE turn.served_ms END
  WHERE turn.tenant_id = p_tenant;
  UPDATE queue_state s SET served_ms = p_served WHERE s.served_ms < p_served AND v_ours;
  IF EXISTS (SELECT FROM queue_limit l WHERE l.rate_max IS NOT NULL) THEN
    PERFORM queue_count_starts(p_now, p_subjects, cardinality(p_ids));
  END IF;
  RETURN QUERY
    WITH taken AS (
      UPDATE task t
      SET state = 'running', lease_owner = p_worker,
          lease_until = p_now + p_lease_ms * interval '1 millisecond',
          deadline_at = p_now + t.timeout_ms * interval '1 millisecond',
          fence = v_fence, attempts = t.attempts + 1, claimed_at = p_now,
          started_at = coalesce(t.started_at, p_now)
      WHERE t.tenant_id = p_tenant AND t.id = ANY (p_ids)
      RETURNING t.*
    ), tried AS (
      -- An attempt of a task that belongs to no run is written when it ends, if at all.
      INSERT INTO attempt (tenant_id, task_id, number, dataset, fence, worker, started_at)
      SELECT taken.tenant_id, taken.id, taken.attempts, taken.dataset, v_fence, p_worker, p_now
      FROM taken WHERE taken.run_id <> ''
    )
    SELECT taken.id, taken.tenant_id, tenant.slug, taken.run_id, taken.kind, taken.handler,
      taken.dataset, taken.partition, taken.conditional, taken.forced, taken.attempts,
      taken.fence, taken.timeout_ms
    FROM taken JOIN tenant ON tenant.id = taken.tenant_id
    ORDER BY taken.priority DESC, taken.id;
END
$$;

-- How many background tasks one slot takes at once: about a quarter of a second of them, one while
-- nobody knows how long they take, and never so many that other free slots find nothing.
CREATE FUNCTION queue_batch(p_tenant int, p_name text, p_class text, p_lane text, p_share int)
RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_most int := coalesce((
    SELECT least(256, 250 / greatest(p.task_ms, 0.1)) FROM task_pace p
    WHERE p.tenant_id = p_tenant AND p.name = p_name), 1);
  v_ready int;
BEGIN
  IF v_most < 2 THEN
    RETURN 1;
  END IF;
  SELECT count(*) INTO v_ready FROM (
    SELECT FROM task t
    WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.lane = p_lane
      AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
    LIMIT 2 * v_most
  ) AS first;
  RETURN CASE WHEN v_ready = 2 * v_most THEN v_most ELSE least(v_most, greatest(1, v_ready / p_share)) END;
END
$$;

-- The first tasks of a lane, locked, of each concurrency key as many as it has room for; null when
-- there is none. Those that are not parked are few for each key.
CREATE FUNCTION queue_pick(p_tenant int, p_class text, p_lane text, p_most int) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
  v_free bigint[];
BEGIN
  v_free := ARRAY(
    SELECT t.id FROM task t
    WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.lane = p_lane
      AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
      AND (t.concurrency_key IS NULL OR t.key_limit > (
        SELECT count(*) FROM task r
        WHERE r.tenant_id = p_tenant AND r.concurrency_key = t.concurrency_key AND r.state = 'running'))
    ORDER BY t.priority DESC, t.id
    LIMIT p_most FOR UPDATE OF t SKIP LOCKED);
  IF EXISTS (
    SELECT FROM task t
    WHERE t.tenant_id = p_tenant AND t.id = ANY (v_free) AND t.concurrency_key IS NOT NULL
  ) THEN
    v_free := ARRAY(
      SELECT placed.id FROM (
        SELECT t.id, t.concurrency_key AS key, t.key_limit,
          row_number() OVER (PARTITION BY t.concurrency_key ORDER BY t.priority DESC, t.id) AS place
        FROM task t WHERE t.tenant_id = p_tenant AND t.id = ANY (v_free)
      ) AS placed
      WHERE placed.key IS NULL OR placed.key_limit >= placed.place + (
        SELECT count(*) FROM task r
        WHERE r.tenant_id = p_tenant AND r.concurrency_key = placed.key AND r.state = 'running'));
  END IF;
  RETURN nullif(v_free, '{}');
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
      WHERE start_before IS NOT NULL AND state = 'ready' AND attempts = 0)
  ) AS at) AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION queue_claim(text, double precision, int, text[], text[], int, int, jsonb)
TO millrace_system;
