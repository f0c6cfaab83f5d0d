-- 0008: the claim: fair shares, limits, tags, classes, pauses. Breaks nothing; replaces 0005's claim.
--
-- Claims are ordered by the lock on queue_state, so what one sees of running tasks is what is true,
-- and limits hold exactly. While it is held, a claim waits for nothing: locked tasks are skipped,
-- and rows of tenant_turn, task_pace and queue_limit are written under this lock only.

-- Batches under way. A build's batch counts once, background tasks count each.
CREATE FUNCTION queue_running()
RETURNS TABLE (tenant_id int, fence bigint, handler text, run_id text, backfill_id text,
  dataset text, tags text[], units int, since timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT b.tenant_id, b.fence, b.handler, b.run_id, r.backfill_id, b.dataset, b.tags,
    CASE b.run_id WHEN '' THEN b.tasks ELSE 1 END, b.since
  FROM (
    SELECT t.tenant_id, t.fence, min(t.handler) AS handler, min(t.run_id) AS run_id,
      min(t.dataset) AS dataset, min(t.tags) AS tags, count(*)::int AS tasks,
      min(t.claimed_at) AS since
    FROM task t WHERE t.state = 'running' GROUP BY t.tenant_id, t.fence
  ) AS b
  LEFT JOIN run r ON r.tenant_id = b.tenant_id AND r.id = b.run_id
$$;

-- True when a limit or a pause of this scope speaks of such a task.
CREATE FUNCTION queue_concerns(
  p_of_tenant int, p_scope text, p_value text,
  p_tenant int, p_dataset text, p_tags text[], p_run text, p_backfill text
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_of_tenant IS NULL OR p_of_tenant = p_tenant) AND CASE p_scope
    WHEN 'dataset' THEN p_value = p_dataset
    WHEN 'tag' THEN p_value = ANY (p_tags)
    WHEN 'run' THEN p_value = p_run
    WHEN 'backfill' THEN p_value = p_backfill
    ELSE true END
$$;

-- What every limit still allows: batches or tasks at the same time, and starts by rate. Null: any number.
CREATE FUNCTION queue_room(p_now timestamptz)
RETURNS TABLE (id int, tenant_id int, scope text, value text, running int, running_left int, starts_left int)
LANGUAGE sql STABLE AS $$
  SELECT l.id, l.tenant_id, l.scope, l.value, busy.units,
    l.running_max - busy.units,
    floor(least(l.rate_max,
      l.tokens + l.rate_max * extract(epoch FROM p_now - l.refilled_at) * 1000 / l.rate_ms))::int
  FROM queue_limit l
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(r.units), 0)::int AS units FROM queue_running() r
    WHERE queue_concerns(l.tenant_id, l.scope, l.value,
      r.tenant_id, r.dataset, r.tags, r.run_id, r.backfill_id)
  ) AS busy
$$;

-- First tasks of a tenant's lanes of one class, under these prefixes (which end with '/').
CREATE FUNCTION queue_heads(p_tenant int, p_class text, p_prefixes text[])
RETURNS TABLE (lane text, id bigint, priority int, run_id text, dataset text, tags text[],
  handler text, batch_max int)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE place AS (
    SELECT p.prefix, (
      SELECT t.lane FROM task t
      WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.state = 'ready' AND t.run_after IS NULL
        AND t.lane >= p.prefix AND t.lane < left(p.prefix, -1) || '0'
      ORDER BY t.lane LIMIT 1) AS lane
    FROM unnest(p_prefixes) AS p (prefix)
    UNION ALL
    SELECT place.prefix, (
      SELECT t.lane FROM task t
      WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.state = 'ready' AND t.run_after IS NULL
        AND t.lane > place.lane AND t.lane < left(place.prefix, -1) || '0'
      ORDER BY t.lane LIMIT 1)
    FROM place WHERE place.lane IS NOT NULL
  )
  SELECT head.*
  FROM place CROSS JOIN LATERAL (
    SELECT t.lane, t.id, t.priority, t.run_id, t.dataset, t.tags, t.handler, t.batch_max FROM task t
    WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.state = 'ready' AND t.run_after IS NULL
      AND t.lane = place.lane
    ORDER BY t.priority DESC, t.id LIMIT 1
  ) AS head
  WHERE place.lane IS NOT NULL
$$;

-- Tenants with ready work, the one to serve next first. Each has had served_ms of slot time for its
-- weight; batches under way count as they go on, a new one as 100 ms at once, so that free slots
-- are spread. A tenant that had nothing to do comes in at the clock of those that are being served:
-- it does not catch up on what it never asked for. Slots of other services' workers do not count.
CREATE FUNCTION queue_turns(p_now timestamptz, p_tenant int)
RETURNS TABLE (id int, slug text, served_ms double precision, is_idle boolean)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE due AS (
    SELECT min(t.tenant_id) AS id FROM task t WHERE t.state = 'ready' AND t.run_after IS NULL
      AND (p_tenant IS NULL OR t.tenant_id = p_tenant)
    UNION ALL
    SELECT (SELECT min(t.tenant_id) FROM task t
      WHERE t.state = 'ready' AND t.run_after IS NULL AND t.tenant_id > due.id)
    FROM due WHERE due.id IS NOT NULL AND p_tenant IS NULL
  ), busy AS (
    SELECT r.tenant_id AS id,
      sum(greatest(100, extract(epoch FROM p_now - r.since) * 1000)) AS slot_ms
    FROM queue_running() r WHERE r.handler IN ('factory', 'code') GROUP BY r.tenant_id
  )
  SELECT tenant.id, tenant.slug,
    CASE WHEN busy.id IS NULL THEN greatest(turn.served_ms, state.served_ms)
      ELSE turn.served_ms + busy.slot_ms / tenant.weight END AS served_ms,
    busy.id IS NULL
  FROM due
  JOIN tenant ON tenant.id = due.id
  JOIN tenant_turn turn ON turn.tenant_id = due.id
  CROSS JOIN queue_state state
  LEFT JOIN busy ON busy.id = due.id
  ORDER BY 3, turn.turn, tenant.id
$$;

-- Slot time that ended batches took, as their worker measured it: [{tenantId, name, slotMs, tasks}].
CREATE FUNCTION queue_settle(p_used jsonb) RETURNS void
LANGUAGE sql AS $$
  UPDATE tenant_turn t SET served_ms = t.served_ms + used.slot_ms / tenant.weight
  FROM (
    SELECT u."tenantId" AS id, sum(u."slotMs") AS slot_ms
    FROM jsonb_to_recordset(p_used) AS u ("tenantId" int, "slotMs" double precision) GROUP BY 1
  ) AS used JOIN tenant ON tenant.id = used.id
  WHERE t.tenant_id = used.id;

  INSERT INTO task_pace AS p (tenant_id, name, task_ms)
  SELECT u."tenantId", u.name, sum(u."slotMs") / sum(u.tasks)
  FROM jsonb_to_recordset(p_used)
    AS u ("tenantId" int, name text, "slotMs" double precision, tasks int)
  WHERE u.name IS NOT NULL AND u.tasks > 0 GROUP BY 1, 2
  -- Slower at once, faster by and by: a batch that is too long holds others up.
  ON CONFLICT (tenant_id, name) DO UPDATE
  SET task_ms = greatest(excluded.task_ms, 0.8 * p.task_ms + 0.2 * excluded.task_ms)
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
  v_class text;
  v_tenant record;
  v_head record;
  v_most int;
  v_picked bigint[];
  v_fence bigint;
  v_paused boolean;
  v_room int[];
BEGIN
  PERFORM FROM queue_state FOR UPDATE;
  v_now := millrace_now();
  IF p_used IS NOT NULL THEN
    PERFORM queue_settle(p_used);
  END IF;
  UPDATE task t SET run_after = NULL
  WHERE (t.tenant_id, t.id) IN (
    SELECT d.tenant_id, d.id FROM task d
    WHERE d.state = 'ready' AND d.run_after IS NOT NULL AND d.run_after <= v_now
    FOR UPDATE SKIP LOCKED);

  FOREACH v_class IN ARRAY ARRAY['normal', 'backfill'] LOOP
    FOR v_tenant IN SELECT * FROM queue_turns(v_now, p_tenant) LOOP
      FOR v_head IN
        SELECT h.*, r.backfill_id
        FROM queue_heads(v_tenant.id, v_class, p_lanes) h
        LEFT JOIN run r ON r.tenant_id = v_tenant.id AND r.id = h.run_id
        WHERE h.tags <@ p_tags
        ORDER BY h.priority DESC, h.id
      LOOP
        SELECT EXISTS (
          SELECT FROM queue_pause p
          WHERE queue_concerns(p.tenant_id, p.scope, p.value,
            v_tenant.id, v_head.dataset, v_head.tags, v_head.run_id, v_head.backfill_id)
        ) INTO v_paused;
        CONTINUE WHEN v_paused;
        SELECT ARRAY[min(room.running_left), min(room.starts_left)] INTO v_room
        FROM queue_room(v_now) room
        WHERE queue_concerns(room.tenant_id, room.scope, room.value,
          v_tenant.id, v_head.dataset, v_head.tags, v_head.run_id, v_head.backfill_id);
        CONTINUE WHEN v_room[1] <= 0 OR v_room[2] <= 0;

        v_most := least(p_max, v_head.batch_max, v_room[2]);
        IF v_head.run_id = '' THEN
          v_most := least(v_most, v_room[1]);
        END IF;
        IF v_head.handler = 'code' THEN
          v_most := least(v_most, queue_batch(v_tenant.id, v_head.dataset, v_class, v_head.lane, p_share));
        END IF;
        v_picked := queue_pick(v_tenant.id, v_class, v_head.lane, v_most);
        CONTINUE WHEN v_picked IS NULL;

        v_fence := nextval('fence');
        UPDATE tenant_turn turn
        SET turn = v_fence,
            served_ms = CASE WHEN v_tenant.is_idle THEN v_tenant.served_ms ELSE turn.served_ms END
        WHERE turn.tenant_id = v_tenant.id;
        UPDATE queue_state s SET served_ms = greatest(s.served_ms, v_tenant.served_ms)
        WHERE s.served_ms < v_tenant.served_ms;
        UPDATE queue_limit l
        SET tokens = least(l.rate_max,
              l.tokens + l.rate_max * extract(epoch FROM v_now - l.refilled_at) * 1000 / l.rate_ms)
              - cardinality(v_picked),
            refilled_at = v_now
        WHERE l.rate_max IS NOT NULL AND queue_concerns(l.tenant_id, l.scope, l.value,
          v_tenant.id, v_head.dataset, v_head.tags, v_head.run_id, v_head.backfill_id);

        RETURN QUERY
          WITH taken AS (
            UPDATE task t
            SET state = 'running', lease_owner = p_worker,
                lease_until = v_now + p_lease_ms * interval '1 millisecond',
                deadline_at = v_now + t.timeout_ms * interval '1 millisecond',
                fence = v_fence, attempts = t.attempts + 1, claimed_at = v_now,
                started_at = coalesce(t.started_at, v_now)
            WHERE t.tenant_id = v_tenant.id AND t.id = ANY (v_picked)
            RETURNING t.*
          ), tried AS (
            INSERT INTO attempt (tenant_id, task_id, number, dataset, fence, worker, started_at)
            SELECT taken.tenant_id, taken.id, taken.attempts, taken.dataset, v_fence, p_worker, v_now
            FROM taken
          )
          SELECT taken.id, taken.tenant_id, v_tenant.slug, taken.run_id, taken.kind, taken.handler,
            taken.dataset, taken.partition, taken.conditional, taken.forced, taken.attempts,
            taken.fence, taken.timeout_ms
          FROM taken ORDER BY taken.priority DESC, taken.id;
        RETURN;
      END LOOP;
    END LOOP;
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
        AND t.run_after IS NULL AND t.lane = p_lane
      LIMIT CASE WHEN pace.task_ms < 125 THEN 256 * p_share ELSE 0 END
    ) AS first
  ) AS ready
$$;

-- The first tasks of a lane whose concurrency key has room, locked; null when there is none.
CREATE FUNCTION queue_pick(p_tenant int, p_class text, p_lane text, p_most int) RETURNS bigint[]
LANGUAGE sql AS $$
  WITH busy AS MATERIALIZED (
    SELECT t.concurrency_key AS key, count(*) AS tasks FROM task t
    WHERE t.tenant_id = p_tenant AND t.state = 'running' AND t.concurrency_key IS NOT NULL
    GROUP BY 1
  ), free AS (
    SELECT t.id, t.priority, t.concurrency_key AS key, t.key_limit,
      coalesce((SELECT busy.tasks FROM busy WHERE busy.key = t.concurrency_key), 0) AS tasks
    FROM task t
    WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.lane = p_lane
      AND t.state = 'ready' AND t.run_after IS NULL
      AND (t.concurrency_key IS NULL OR t.key_limit > coalesce(
        (SELECT busy.tasks FROM busy WHERE busy.key = t.concurrency_key), 0))
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

GRANT EXECUTE ON FUNCTION queue_claim(text, double precision, int, text[], text[], int, int, jsonb)
TO millrace_system;
