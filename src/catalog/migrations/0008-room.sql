-- 0008: what a claim needs to know: which lanes have something to do, and what limits allow. Breaks nothing.
--
-- Claims are ordered by the lock on queue_state, so what one sees of running tasks is what is true,
-- and limits hold exactly. While it is held, a claim waits for nothing: locked tasks are skipped,
-- and rows of queue_lane, queue_notice, queue_rate, tenant_turn and task_pace are changed under this
-- lock only (queue_notice is added to by everybody).

-- Notices for tasks that were put in.
CREATE FUNCTION queue_note_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO queue_notice (tenant_id, class, lane, concurrency_key)
  SELECT DISTINCT n.tenant_id, n.class, CASE WHEN n.concurrency_key IS NULL THEN n.lane ELSE '' END,
    n.concurrency_key
  FROM new_task n WHERE n.state = 'ready' AND n.run_after IS NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER queue_note_inserted AFTER INSERT ON task REFERENCING NEW TABLE AS new_task
FOR EACH STATEMENT EXECUTE FUNCTION queue_note_inserted();

-- Notices for tasks that became ready, and for keys that may have room. Thousands of tasks of one
-- lane that a transaction makes ready one after the other need one notice.
CREATE FUNCTION queue_note_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_about text := concat_ws(' ', NEW.tenant_id, NEW.class, coalesce('key ' || NEW.concurrency_key, NEW.lane));
BEGIN
  IF current_setting('millrace.noted', true) IS DISTINCT FROM v_about THEN
    INSERT INTO queue_notice (tenant_id, class, lane, concurrency_key)
    VALUES (NEW.tenant_id, NEW.class,
      CASE WHEN NEW.concurrency_key IS NULL THEN NEW.lane ELSE '' END, NEW.concurrency_key);
    PERFORM set_config('millrace.noted', v_about, true);
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER queue_note_changed AFTER UPDATE ON task FOR EACH ROW
  WHEN (NEW.state <> OLD.state AND (
    (NEW.state = 'ready' AND NEW.run_after IS NULL)
    OR (NEW.concurrency_key IS NOT NULL AND NEW.state <> 'running')))
  EXECUTE FUNCTION queue_note_changed();

CREATE FUNCTION queue_park() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.parked := true;
  RETURN NEW;
END
$$;
GRANT EXECUTE ON FUNCTION queue_park() TO millrace_app;
CREATE TRIGGER queue_park_inserted BEFORE INSERT ON task FOR EACH ROW
  WHEN (NEW.concurrency_key IS NOT NULL) EXECUTE FUNCTION queue_park();
CREATE TRIGGER queue_park_changed BEFORE UPDATE ON task FOR EACH ROW
  WHEN (NEW.concurrency_key IS NOT NULL AND NEW.state = 'ready' AND OLD.state <> 'ready')
  EXECUTE FUNCTION queue_park();

-- Whatever a limit or a pause can name that concerns such a task.
CREATE FUNCTION queue_subjects(p_tenant int, p_dataset text, p_tags text[], p_run text, p_backfill text)
RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY[queue_subject(NULL, 'all', ''), queue_subject(p_tenant, 'tenant', ''),
      queue_subject(NULL, 'dataset', p_dataset), queue_subject(p_tenant, 'dataset', p_dataset)]
    || CASE WHEN p_run = '' THEN '{}' ELSE ARRAY[queue_subject(p_tenant, 'run', p_run)] END
    || CASE WHEN p_backfill IS NULL THEN '{}' ELSE
        ARRAY[queue_subject(NULL, 'backfill', p_backfill), queue_subject(p_tenant, 'backfill', p_backfill)] END
    || CASE WHEN p_tags = '{}' THEN '{}' ELSE ARRAY(
        SELECT queue_subject(whose, 'tag', tag) FROM unnest(p_tags) AS tag, unnest(ARRAY[NULL, p_tenant]) AS whose) END
$$;

-- Batches under way. A build's batch counts once, background tasks count each.
CREATE FUNCTION queue_running()
RETURNS TABLE (tenant_id int, handler text, units int, since timestamptz, subjects text[])
LANGUAGE sql STABLE AS $$
  SELECT b.tenant_id, b.handler, CASE b.run_id WHEN '' THEN b.tasks ELSE 1 END, b.since,
    queue_subjects(b.tenant_id, b.dataset, b.tags, b.run_id, r.backfill_id)
  FROM (
    SELECT t.tenant_id, min(t.handler) AS handler, min(t.run_id) AS run_id,
      min(t.dataset) AS dataset, min(t.tags) AS tags, count(*)::int AS tasks,
      min(t.claimed_at) AS since
    FROM task t WHERE t.state = 'running' GROUP BY t.tenant_id, t.fence
  ) AS b
  LEFT JOIN run r ON r.tenant_id = b.tenant_id AND r.id = b.run_id
$$;

-- Which 64th of p_ms, counted since 1970, a moment lies in.
CREATE FUNCTION queue_span(p_at timestamptz, p_ms double precision) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT floor(extract(epoch FROM p_at)::double precision * 64000 / p_ms)::bigint $$;

-- What every limit still allows: batches or tasks at the same time, and starts by rate (and when the
-- next one is allowed, if none is now). Null: any number.
CREATE FUNCTION queue_room(p_now timestamptz)
RETURNS TABLE (id int, subject text, running int, running_left int, starts_left int, starts_at timestamptz)
LANGUAGE sql STABLE AS $$
  WITH used AS MATERIALIZED (
    SELECT s.subject, sum(r.units)::int AS units
    FROM (SELECT * FROM queue_running() WHERE EXISTS (SELECT FROM queue_limit WHERE running_max IS NOT NULL)) AS r
    CROSS JOIN LATERAL unnest(r.subjects) AS s (subject)
    GROUP BY s.subject
  )
  SELECT l.id, l.subject, coalesce(used.units, 0), l.running_max - coalesce(used.units, 0),
    l.rate_max - coalesce(rate.starts, 0),
    CASE WHEN rate.starts >= l.rate_max THEN to_timestamp((rate.first + 65) * l.rate_ms / 64000) END
  FROM queue_limit l
  LEFT JOIN used ON used.subject = l.subject
  LEFT JOIN LATERAL (
    SELECT sum(s.starts)::int AS starts, min(s.span) AS first
    FROM queue_rate r CROSS JOIN LATERAL unnest(r.spans, r.starts) AS s (span, starts)
    WHERE r.limit_id = l.id AND s.span >= queue_span(p_now, l.rate_ms) - 64
      -- A clock that was set back leaves spans of a future that need not be waited for.
      AND s.span <= queue_span(p_now, l.rate_ms)
  ) AS rate ON l.rate_max IS NOT NULL
$$;

-- Counts starts of tasks under all limits that concern them.
CREATE FUNCTION queue_count_starts(p_now timestamptz, p_subjects text[], p_starts int) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO queue_rate AS r (limit_id, spans, starts)
  SELECT l.id, ARRAY[queue_span(p_now, l.rate_ms)], ARRAY[p_starts]
  FROM queue_limit l WHERE l.rate_max IS NOT NULL AND l.subject = ANY (p_subjects)
  ON CONFLICT (limit_id) DO UPDATE
  SET (spans, starts) = (
    SELECT array_agg(s.span), array_agg(s.starts) FROM (
      SELECT span, sum(starts)::int AS starts FROM (
        SELECT * FROM unnest(r.spans, r.starts) AS former (span, starts)
        WHERE span BETWEEN excluded.spans[1] - 64 AND excluded.spans[1]
        UNION ALL SELECT excluded.spans[1], excluded.starts[1]
      ) AS every GROUP BY span
    ) AS s)
$$;

-- Slot time that ended batches took, as their worker measured it: [{tenantId, name, slotMs, tasks}].
CREATE FUNCTION queue_settle(p_used jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
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
  SET task_ms = greatest(excluded.task_ms, 0.8 * p.task_ms + 0.2 * excluded.task_ms);
END
$$;

-- Makes rows of queue_lane of notices and of delayed tasks that are due, at most so many of each.
-- Returns whether there may be more.
CREATE FUNCTION queue_take_notice(p_now timestamptz, p_most int) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  v_taken int;
  v_due int;
  v_noted jsonb;
  v_unparked jsonb;
BEGIN
  WITH taken AS (
    DELETE FROM queue_notice WHERE ctid = ANY (ARRAY(SELECT ctid FROM queue_notice LIMIT p_most))
    RETURNING tenant_id, class, lane, concurrency_key
  ), due AS (
    UPDATE task t SET run_after = NULL
    WHERE t.ctid = ANY (ARRAY(
      SELECT d.ctid FROM task d
      WHERE d.state = 'ready' AND d.run_after IS NOT NULL AND d.run_after <= p_now
      ORDER BY d.run_after LIMIT p_most FOR UPDATE SKIP LOCKED))
    RETURNING t.tenant_id, t.class, t.lane, t.concurrency_key
  )
  SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM due), (
    SELECT jsonb_agg(DISTINCT jsonb_build_object('tenant', n.tenant_id, 'class', n.class,
      'lane', CASE WHEN n.concurrency_key IS NULL THEN n.lane END, 'key', n.concurrency_key))
    FROM (SELECT * FROM taken UNION ALL SELECT * FROM due) AS n)
  INTO v_taken, v_due, v_noted;
  IF v_noted IS NULL THEN
    RETURN false;
  END IF;

  -- Of each key and lane the first tasks that the key has room for; its limit is that of the first.
  WITH RECURSIVE changed AS (
    SELECT DISTINCT tenant, key FROM jsonb_to_recordset(v_noted) AS n (tenant int, key text)
    WHERE key IS NOT NULL
  ), place AS (
    SELECT c.tenant, c.key, first.* FROM changed c CROSS JOIN LATERAL (
      SELECT t.class, t.lane, t.key_limit FROM task t
      WHERE t.tenant_id = c.tenant AND t.concurrency_key = c.key AND t.state = 'ready' AND t.run_after IS NULL
      ORDER BY t.class, t.lane, t.priority DESC, t.id LIMIT 1
    ) AS first
    UNION ALL
    SELECT place.tenant, place.key, next.* FROM place CROSS JOIN LATERAL (
      SELECT t.class, t.lane, t.key_limit FROM task t
      WHERE t.tenant_id = place.tenant AND t.concurrency_key = place.key AND t.state = 'ready'
        AND t.run_after IS NULL AND (t.class, t.lane) > (place.class, place.lane)
      ORDER BY t.class, t.lane, t.priority DESC, t.id LIMIT 1
    ) AS next
  ), room AS (
    SELECT place.*, place.key_limit - (
      SELECT count(*) FROM task r
      WHERE r.tenant_id = place.tenant AND r.concurrency_key = place.key AND r.state = 'running') AS tasks
    FROM place
  ), next AS (
    SELECT n.place
    FROM room CROSS JOIN LATERAL (
      SELECT t.ctid AS place FROM task t
      WHERE t.tenant_id = room.tenant AND t.concurrency_key = room.key AND t.class = room.class
        AND t.lane = room.lane AND t.state = 'ready' AND t.run_after IS NULL
      ORDER BY t.priority DESC, t.id LIMIT greatest(0, room.tasks)
      FOR UPDATE SKIP LOCKED
    ) AS n
  ), unparked AS (
    UPDATE task t SET parked = false WHERE t.ctid = ANY (ARRAY(SELECT place FROM next))
    RETURNING t.tenant_id, t.class, t.lane
  )
  SELECT jsonb_agg(DISTINCT jsonb_build_object('tenant', u.tenant_id, 'class', u.class, 'lane', u.lane))
  INTO v_unparked FROM unparked u;

  INSERT INTO queue_lane (tenant_id, class, lane, handler, run_id, dataset, tags, batch_max, subjects)
  SELECT n.tenant, n.class, n.lane, t.handler, t.run_id, t.dataset, t.tags, t.batch_max,
    queue_subjects(n.tenant, t.dataset, t.tags, t.run_id,
      (SELECT r.backfill_id FROM run r WHERE r.tenant_id = n.tenant AND r.id = t.run_id))
  FROM (
    SELECT tenant, class, lane FROM jsonb_to_recordset(v_noted) AS n (tenant int, class text, lane text)
    UNION
    SELECT tenant, class, lane FROM jsonb_to_recordset(v_unparked) AS n (tenant int, class text, lane text)
  ) AS n
  CROSS JOIN LATERAL (
    SELECT * FROM task t
    WHERE t.tenant_id = n.tenant AND t.class = n.class AND t.lane = n.lane
      AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
    LIMIT 1
  ) AS t
  ON CONFLICT DO NOTHING;

  -- Who had nothing to do comes in at the clock of those that are being served: it does not catch up
  -- on what it never asked for.
  UPDATE tenant_turn turn
  SET active = true,
      served_ms = CASE WHEN EXISTS (
        SELECT FROM task t WHERE t.tenant_id = turn.tenant_id AND t.state = 'running'
      ) THEN turn.served_ms ELSE greatest(turn.served_ms, (SELECT served_ms FROM queue_state)) END
  WHERE NOT turn.active
    AND turn.tenant_id IN (SELECT tenant FROM jsonb_to_recordset(v_noted) AS n (tenant int))
    AND EXISTS (
      SELECT FROM unnest(ARRAY['normal', 'backfill']) AS c (class)
      JOIN queue_lane l ON l.class = c.class AND l.tenant_id = turn.tenant_id);
  RETURN v_taken = p_most OR v_due = p_most;
END
$$;

INSERT INTO queue_notice (tenant_id, class, lane)
SELECT DISTINCT tenant_id, class, lane FROM task WHERE state = 'ready' AND run_after IS NULL;
