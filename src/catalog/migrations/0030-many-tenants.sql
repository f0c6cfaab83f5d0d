-- 0030: what is asked again and again costs by what there is to do, not by how many tenants there are;
-- halted tenants are passed over. Breaks nothing; replaces the claim of 0011.

-- Until when a limit's rate allows no start; kept by whoever counts one, so that a claim finds the
-- few that are used up without looking at all of them.
ALTER TABLE queue_rate ADD COLUMN full_until timestamptz;
CREATE INDEX queue_rate_full ON queue_rate (full_until) WHERE full_until IS NOT NULL;
CREATE INDEX queue_limit_tenant ON queue_limit (tenant_id);
CREATE INDEX queue_limit_closed ON queue_limit (subject) WHERE running_max = 0;

CREATE OR REPLACE FUNCTION queue_count_starts(p_now timestamptz, p_subjects text[], p_starts int) RETURNS void
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
    ) AS s);

  UPDATE queue_rate r SET full_until = used.until
  FROM queue_limit l
  CROSS JOIN LATERAL (
    SELECT CASE WHEN sum(s.starts) >= l.rate_max
      THEN to_timestamp((min(s.span) + 65) * l.rate_ms / 64000) END AS until
    FROM queue_rate own CROSS JOIN LATERAL unnest(own.spans, own.starts) AS s (span, starts)
    WHERE own.limit_id = l.id
  ) AS used
  WHERE l.rate_max IS NOT NULL AND l.subject = ANY (p_subjects) AND r.limit_id = l.id
    AND r.full_until IS DISTINCT FROM used.until;
$$;

-- A limit that is changed may allow more at once.
CREATE FUNCTION queue_limit_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  PERFORM FROM queue_state FOR UPDATE;
  UPDATE queue_rate SET full_until = NULL WHERE limit_id = NEW.id AND full_until IS NOT NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER queue_limit_changed AFTER UPDATE ON queue_limit FOR EACH ROW
  WHEN (NEW.rate_max IS DISTINCT FROM OLD.rate_max OR NEW.rate_ms IS DISTINCT FROM OLD.rate_ms)
  EXECUTE FUNCTION queue_limit_changed();

-- Limits whose rate is used up now. A clock that was set back leaves a future that nobody waits for.
CREATE FUNCTION queue_full_rates(p_now timestamptz) RETURNS TABLE (subject text, until timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT l.subject, r.full_until FROM queue_rate r JOIN queue_limit l ON l.id = r.limit_id
  WHERE r.full_until > p_now AND r.full_until <= p_now + l.rate_ms * 66 / 64 * interval '1 millisecond'
$$;

-- Batches under way by what limits can name: {subject: units}; empty where no limit is on them.
CREATE FUNCTION queue_used() RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_object_agg(used.subject, used.units), '{}') FROM (
    SELECT s.subject, sum(r.units)::int AS units
    FROM (SELECT * FROM queue_running() WHERE EXISTS (SELECT FROM queue_limit WHERE running_max IS NOT NULL)) AS r
    CROSS JOIN LATERAL unnest(r.subjects) AS s (subject)
    GROUP BY s.subject
  ) AS used
$$;

-- What is paused or used up: {subject: true}. Whatever else a limit says is found when its lane's turn
-- has come, see queue_room_of.
CREATE FUNCTION queue_held(p_now timestamptz, p_used jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_object_agg(h.subject, true), '{}') FROM (
    SELECT p.subject FROM queue_pause p
    UNION ALL
    SELECT l.subject FROM queue_limit l WHERE l.running_max = 0
    UNION ALL
    SELECT l.subject FROM jsonb_each_text(p_used) u JOIN queue_limit l ON l.subject = u.key
    WHERE l.running_max <= u.value::int
    UNION ALL
    SELECT f.subject FROM queue_full_rates(p_now) f
  ) AS h
$$;

-- How many more units may run, and tasks start, of a lane with these subjects; null: any number.
CREATE FUNCTION queue_room_of(p_now timestamptz, p_subjects text[], p_used jsonb) RETURNS int[]
LANGUAGE sql STABLE AS $$
  SELECT ARRAY[min(l.running_max - coalesce((p_used ->> l.subject)::int, 0)),
    min(l.rate_max - coalesce(rate.starts, 0))]
  FROM queue_limit l
  LEFT JOIN LATERAL (
    SELECT sum(s.starts)::int AS starts
    FROM queue_rate r CROSS JOIN LATERAL unnest(r.spans, r.starts) AS s (span, starts)
    WHERE r.limit_id = l.id AND s.span >= queue_span(p_now, l.rate_ms) - 64
      AND s.span <= queue_span(p_now, l.rate_ms)
  ) AS rate ON l.rate_max IS NOT NULL
  WHERE l.subject = ANY (p_subjects)
$$;

-- As before, without tenants that are halted.
CREATE OR REPLACE FUNCTION queue_turns(
  p_class text, p_lanes text[], p_tags text[], p_held jsonb, p_busy jsonb, p_most int
)
RETURNS TABLE (id int, served_ms double precision, clock double precision, is_idle boolean)
LANGUAGE sql STABLE AS $$
  WITH idle AS MATERIALIZED (
    SELECT turn.tenant_id AS id, turn.served_ms, turn.turn FROM tenant_turn turn
    WHERE turn.active AND NOT turn.halted AND NOT jsonb_exists(p_busy, turn.tenant_id::text)
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
    JOIN tenant_turn turn ON turn.tenant_id = b.key::int AND turn.active AND NOT turn.halted
    JOIN tenant ON tenant.id = b.key::int
  ) AS every
  ORDER BY every.served_ms, every.turn, every.id
$$;

CREATE OR REPLACE FUNCTION queue_turns_elsewhere(
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
  JOIN tenant_turn turn ON turn.tenant_id = due.tenant_id AND NOT turn.halted
  ORDER BY 2, turn.turn, due.tenant_id
$$;

-- One batch for one slot: of the tenant whose turn it is, the first lane that nothing holds back.
-- The class `backfill` is served when nothing of the class `normal` can be.
CREATE OR REPLACE FUNCTION queue_claim(
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
  v_used jsonb;
  v_held jsonb;
  v_busy jsonb;
  v_class text;
  v_bound int;
  v_seen int;
  v_turn record;
  v_head record;
  v_room int[];
  v_picked bigint[];
BEGIN
  PERFORM FROM queue_state FOR UPDATE;
  v_now := millrace_now();
  IF p_used IS NOT NULL THEN
    PERFORM queue_settle(p_used);
  END IF;
  v_more := queue_take_notice(v_now, 1000);
  v_used := queue_used();
  v_held := queue_held(v_now, v_used);
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
            v_room := queue_room_of(v_now, v_head.subjects, v_used);
            CONTINUE WHEN v_room[1] <= 0 OR v_room[2] <= 0;
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

-- Milliseconds until a delayed task is due, or a rate allows another start; null when none is.
CREATE OR REPLACE FUNCTION queue_next_ready() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT least(
    (SELECT min(run_after) FROM task WHERE state = 'ready' AND run_after IS NOT NULL),
    (SELECT min(f.until) FROM queue_full_rates(millrace_now()) f
      WHERE EXISTS (SELECT FROM queue_lane l WHERE f.subject = ANY (l.subjects)))
  ) AS at) AS due
  WHERE due.at IS NOT NULL
$$;
