-- 0047: events of a tenant in one order without gaps, and subscriptions that are told of them. Breaks
-- nothing: what was noted until now had no reader, and is dropped.

DELETE FROM outbox;
ALTER TABLE outbox
  -- Place in the order in which the tenant's transactions were committed; null until that moment.
  ADD COLUMN sequence bigint,
  ADD COLUMN dataset text COLLATE "C" GENERATED ALWAYS AS (payload ->> 'dataset') STORED;
CREATE UNIQUE INDEX outbox_sequence ON outbox (tenant_id, sequence);
CREATE INDEX outbox_age ON outbox (created_at);

-- Its row lock, the last that a transaction takes, is what orders the events of a tenant.
CREATE TABLE event_head (
  tenant_id int PRIMARY KEY,
  last bigint NOT NULL DEFAULT 0,
  -- Up to here, events may be removed.
  swept bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- active → paused (by somebody) or failing (nothing arrived for days) → active
CREATE TABLE event_subscription (
  tenant_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  title text NOT NULL,
  url text NOT NULL,
  -- Null: all of them.
  kinds text[],
  datasets text[],
  secret text NOT NULL,
  -- Signs beside the newer one for a while.
  former_secret text,
  former_until timestamptz,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'failing')),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  changed_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- When one is to be sent; while one is, when another sender may take over. Null: none waits.
  due_at timestamptz,
  leased_until timestamptz,
  -- Names the newest claim when it is settled.
  number bigint NOT NULL DEFAULT 0,
  -- Tries that came to nothing since one arrived, and since when.
  failures int NOT NULL DEFAULT 0,
  failing_since timestamptz,
  delivered_at timestamptz,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN event_subscription.secret IS 'sealed by id';
COMMENT ON COLUMN event_subscription.former_secret IS 'sealed by id';
CREATE INDEX event_subscription_due ON event_subscription (due_at)
  WHERE state = 'active' AND due_at IS NOT NULL;

-- An event that a subscription is to be told of; removed together with it.
CREATE TABLE event_delivery (
  tenant_id int NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given-up')),
  attempts int NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT millrace_now(),
  until timestamptz NOT NULL DEFAULT millrace_now() + interval '3 days',
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, subscription_id, sequence)
) WITH (fillfactor = 70);
CREATE INDEX event_delivery_waiting ON event_delivery (tenant_id, subscription_id, sequence)
  WHERE state = 'waiting';
CREATE INDEX event_delivery_event ON event_delivery (tenant_id, sequence);

CREATE TABLE event_attempt (
  tenant_id int NOT NULL,
  subscription_id text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  number int NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT millrace_now(),
  duration_ms int NOT NULL,
  -- Null: there was no answer.
  status int,
  -- The beginning of the answer.
  answer text,
  error text,
  PRIMARY KEY (tenant_id, subscription_id, sequence, number)
);

SELECT protect_tenant_table(name) FROM unnest(ARRAY[
  'event_head', 'event_subscription', 'event_delivery', 'event_attempt'
]::regclass[]) AS name;
GRANT SELECT ON event_head, event_attempt TO millrace_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON event_subscription TO millrace_app;
GRANT SELECT, UPDATE, DELETE ON event_delivery TO millrace_app;
GRANT DELETE ON event_attempt TO millrace_app;

-- Runs when the transaction is committed, after everything else that it does: from here on it waits for
-- nothing but other transactions at the same point. Who has read event N has read all before it: a
-- smaller number was committed earlier, and a transaction that is rolled back gives its numbers back.
CREATE FUNCTION event_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp
SET enable_seqscan = off AS $$
DECLARE
  v_tenant int := NEW.tenant_id;
  v_count int;
  v_last bigint;
  v_told text[];
BEGIN
  -- The first event of a transaction numbers all of them.
  IF NOT EXISTS (SELECT FROM outbox WHERE tenant_id = v_tenant AND id = NEW.id AND sequence IS NULL) THEN
    RETURN NULL;
  END IF;
  SELECT count(*) INTO v_count FROM outbox WHERE tenant_id = v_tenant AND sequence IS NULL;
  INSERT INTO event_head AS h (tenant_id, last) VALUES (v_tenant, v_count)
  ON CONFLICT (tenant_id) DO UPDATE SET last = h.last + v_count RETURNING last INTO v_last;
  UPDATE outbox o SET sequence = v_last - v_count + own.place
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS place
    FROM outbox WHERE tenant_id = v_tenant AND sequence IS NULL) AS own
  WHERE o.tenant_id = v_tenant AND o.id = own.id;

  -- Whoever settles a delivery finds these, or waits here for the row until they are to be found.
  PERFORM FROM event_subscription s WHERE s.tenant_id = v_tenant AND EXISTS (
    SELECT FROM outbox o WHERE o.tenant_id = v_tenant AND o.sequence > v_last - v_count
      AND o.sequence <= v_last AND (s.kinds IS NULL OR o.kind = ANY (s.kinds)))
  ORDER BY s.id FOR UPDATE;
  IF FOUND THEN
    WITH told AS (
      INSERT INTO event_delivery (tenant_id, subscription_id, sequence)
      SELECT v_tenant, s.id, o.sequence FROM event_subscription s
      JOIN outbox o ON o.tenant_id = v_tenant AND o.sequence > v_last - v_count AND o.sequence <= v_last
      WHERE s.tenant_id = v_tenant AND (s.kinds IS NULL OR o.kind = ANY (s.kinds))
        AND (s.datasets IS NULL OR o.dataset = ANY (s.datasets))
        -- Nobody is told that he cannot be told.
        AND NOT (o.kind = 'subscription.failing' AND o.payload ->> 'subscription' = s.id)
      RETURNING subscription_id
    )
    SELECT array_agg(DISTINCT subscription_id) INTO v_told FROM told;
    UPDATE event_subscription s SET due_at = millrace_now()
    WHERE s.tenant_id = v_tenant AND s.id = ANY (v_told) AND s.due_at IS NULL;
    IF FOUND THEN
      PERFORM pg_notify('millrace_ready', '');
    END IF;
  END IF;
  PERFORM pg_notify('millrace_events', v_tenant::text);
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER event_number AFTER INSERT ON outbox
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.sequence IS NULL)
  EXECUTE FUNCTION event_number();

-- As before, with an event that says how the run ended.
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
  IF FOUND THEN
    INSERT INTO outbox (tenant_id, kind, payload)
    VALUES (p_tenant, CASE v_state WHEN 'failed' THEN 'run.failed' WHEN 'cancelled' THEN 'run.cancelled'
      ELSE 'run.finished' END, jsonb_build_object('run', p_run));
  END IF;
END
$$;

CREATE FUNCTION event_of_failed_task() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO outbox (tenant_id, kind, payload)
  SELECT NEW.tenant_id, CASE NEW.kind WHEN 'build' THEN 'partition.failed' ELSE 'task.failed' END,
    jsonb_build_object('task', NEW.id, 'code', coalesce(NEW.error ->> 'code', 'internal')) ||
    CASE NEW.kind WHEN 'build' THEN jsonb_build_object('dataset', NEW.dataset,
      'partition', NEW.partition, 'run', NEW.run_id)
    ELSE jsonb_build_object('name', NEW.dataset) END;
  RETURN NULL;
END
$$;
CREATE TRIGGER event_of_failed_task AFTER UPDATE ON task FOR EACH ROW
  WHEN (NEW.state = 'failed' AND OLD.state <> 'failed' AND NEW.kind IN ('build', 'background'))
  EXECUTE FUNCTION event_of_failed_task();

-- Newest events of these tenants.
CREATE FUNCTION event_heads(p_tenants int[]) RETURNS TABLE (tenant_id int, last bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT h.tenant_id, h.last FROM event_head h WHERE h.tenant_id = ANY (p_tenants)
$$;

-- Removes events that are older, with all that was to be told of them; at most p_max. How many.
CREATE FUNCTION events_sweep(p_keep_ms double precision, p_max int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH old AS (
    SELECT o.tenant_id, o.id FROM outbox o
    WHERE o.created_at < millrace_now() - p_keep_ms * interval '1 millisecond' AND o.sequence IS NOT NULL
    ORDER BY o.created_at LIMIT p_max FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM outbox o USING old WHERE o.tenant_id = old.tenant_id AND o.id = old.id RETURNING o.*
  ), untold AS (
    DELETE FROM event_delivery d USING gone
    WHERE d.tenant_id = gone.tenant_id AND d.sequence = gone.sequence RETURNING d.*
  ), untried AS (
    DELETE FROM event_attempt a USING untold
    WHERE a.tenant_id = untold.tenant_id AND a.subscription_id = untold.subscription_id
      AND a.sequence = untold.sequence
  ), noted AS (
    UPDATE event_head h SET swept = greatest(h.swept, g.newest)
    FROM (SELECT tenant_id, max(sequence) AS newest FROM gone GROUP BY tenant_id ORDER BY tenant_id) AS g
    WHERE h.tenant_id = g.tenant_id
  )
  SELECT count(*)::int FROM gone
$$;

-- Subscriptions that have something to send, those that waited longest first, each with its oldest
-- event that may be tried now; no more than p_share of a tenant at the same time.
CREATE FUNCTION subscriptions_claim(p_max int, p_share int, p_lease_ms double precision)
RETURNS TABLE (tenant_id int, tenant_slug text, id text, url text, secret text, former_secret text,
  number bigint, sequence bigint, kind text, payload jsonb, created_at timestamptz, attempt int,
  failures int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz;
BEGIN
  -- So that nobody counts what another one is about to take.
  PERFORM pg_advisory_xact_lock(hashtextextended('millrace subscriptions', 0));
  v_now := millrace_now();
  RETURN QUERY
  WITH due AS MATERIALIZED (
    SELECT s.tenant_id, s.id, s.due_at FROM event_subscription s WHERE s.state = 'active'
      AND s.due_at <= v_now ORDER BY s.due_at LIMIT 1000 FOR UPDATE SKIP LOCKED
  ), placed AS (
    SELECT due.*, row_number() OVER (PARTITION BY due.tenant_id ORDER BY due.due_at, due.id) +
      (SELECT count(*) FROM event_subscription b
        WHERE b.tenant_id = due.tenant_id AND b.leased_until > v_now) AS place
    FROM due
  ), picked AS MATERIALIZED (
    SELECT p.tenant_id, p.id FROM placed p WHERE p.place <= p_share ORDER BY p.due_at LIMIT p_max
  ), next AS MATERIALIZED (
    SELECT p.tenant_id, p.id, d.sequence, CASE WHEN d.sequence IS NULL THEN (
      SELECT min(w.next_at) FROM event_delivery w
      WHERE w.tenant_id = p.tenant_id AND w.subscription_id = p.id AND w.state = 'waiting') END AS at
    FROM picked p LEFT JOIN LATERAL (
      SELECT w.sequence FROM event_delivery w WHERE w.tenant_id = p.tenant_id
        AND w.subscription_id = p.id AND w.state = 'waiting' AND w.next_at <= v_now
      ORDER BY w.sequence LIMIT 1
    ) AS d ON true
  ), taken AS (
    UPDATE event_subscription s
    SET number = s.number + 1,
        due_at = CASE WHEN n.sequence IS NULL THEN n.at ELSE v_now + p_lease_ms * interval '1 millisecond' END,
        leased_until = CASE WHEN n.sequence IS NOT NULL THEN v_now + p_lease_ms * interval '1 millisecond' END
    FROM next n WHERE s.tenant_id = n.tenant_id AND s.id = n.id
    RETURNING s.*
  ), tried AS (
    UPDATE event_delivery d SET attempts = d.attempts + 1 FROM next n WHERE d.tenant_id = n.tenant_id
      AND d.subscription_id = n.id AND d.sequence = n.sequence RETURNING d.*
  )
  SELECT t.tenant_id, tenant.slug, t.id, t.url, t.secret,
    CASE WHEN t.former_until > v_now THEN t.former_secret END, t.number,
    o.sequence, o.kind, o.payload, o.created_at, d.attempts, t.failures
  FROM taken t JOIN tenant ON tenant.id = t.tenant_id
  JOIN tried d ON d.tenant_id = t.tenant_id AND d.subscription_id = t.id
  JOIN outbox o ON o.tenant_id = t.tenant_id AND o.sequence = d.sequence;
END
$$;

-- When one of its events may be tried: now where one may, else when the first may; null: none waits.
CREATE FUNCTION subscription_next(p_tenant int, p_id text, p_now timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN EXISTS (SELECT FROM event_delivery d WHERE d.tenant_id = p_tenant
      AND d.subscription_id = p_id AND d.state = 'waiting' AND d.next_at <= p_now) THEN p_now
    ELSE (SELECT min(d.next_at) FROM event_delivery d WHERE d.tenant_id = p_tenant
      AND d.subscription_id = p_id AND d.state = 'waiting') END
$$;

-- How a try came out, unless another sender has the subscription by now. p_error null: it arrived. Else
-- the event is tried again after its delay until it is too late, and no other before p_pause_ms are
-- over; p_final ends the subscription's work at once. Null, or the subscription's state then.
CREATE FUNCTION subscription_settle(
  p_tenant int, p_id text, p_number bigint, p_sequence bigint, p_duration_ms int, p_status int,
  p_answer text, p_error text, p_delay_ms double precision, p_pause_ms double precision, p_final boolean
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp
SET enable_seqscan = off AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_own event_subscription;
  v_state text;
  v_next timestamptz;
BEGIN
  -- An event may follow, and its number is taken before any subscription is locked.
  PERFORM FROM event_head WHERE tenant_id = p_tenant AND p_error IS NOT NULL FOR UPDATE;
  SELECT * INTO v_own FROM event_subscription s
  WHERE s.tenant_id = p_tenant AND s.id = p_id AND s.number = p_number FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_state := CASE WHEN v_own.state = 'active' AND p_error IS NOT NULL
      AND (p_final OR v_own.failing_since <= v_now - interval '3 days')
    THEN 'failing' ELSE v_own.state END;
  UPDATE event_delivery d
  SET state = CASE WHEN p_error IS NULL THEN 'delivered'
        WHEN d.until <= v_now THEN 'given-up' ELSE 'waiting' END,
      next_at = v_now + coalesce(p_delay_ms, 0) * interval '1 millisecond',
      ended_at = CASE WHEN p_error IS NULL OR d.until <= v_now THEN v_now END
  WHERE d.tenant_id = p_tenant AND d.subscription_id = p_id AND d.sequence = p_sequence;
  INSERT INTO event_attempt
    (tenant_id, subscription_id, sequence, number, ended_at, duration_ms, status, answer, error)
  SELECT p_tenant, p_id, p_sequence, d.attempts, v_now, p_duration_ms, p_status, p_answer, p_error
  FROM event_delivery d WHERE d.tenant_id = p_tenant AND d.subscription_id = p_id AND d.sequence = p_sequence
  ON CONFLICT DO NOTHING;
  v_next := subscription_next(p_tenant, p_id, v_now);
  UPDATE event_subscription s
  SET state = v_state, leased_until = NULL,
      failures = CASE WHEN p_error IS NULL THEN 0 ELSE s.failures + 1 END,
      failing_since = CASE WHEN p_error IS NOT NULL THEN coalesce(s.failing_since, v_now) END,
      delivered_at = CASE WHEN p_error IS NULL THEN v_now ELSE s.delivered_at END,
      due_at = CASE WHEN v_next IS NOT NULL
        THEN greatest(v_next, v_now + coalesce(p_pause_ms, 0) * interval '1 millisecond') END
  WHERE s.tenant_id = p_tenant AND s.id = p_id;
  IF v_state = 'failing' AND v_own.state = 'active' THEN
    INSERT INTO outbox (tenant_id, kind, payload) VALUES (p_tenant, 'subscription.failing',
      jsonb_build_object('subscription', p_id, 'since', coalesce(v_own.failing_since, v_now)));
  END IF;
  RETURN v_state;
END
$$;

-- Milliseconds until one has something to send; null: none has.
CREATE FUNCTION subscriptions_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision FROM (
    SELECT min(due_at) AS at FROM event_subscription WHERE state = 'active') AS due
  WHERE due.at IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION cell_next_due() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT least(queue_next_wake(), queue_next_ready(), trigger_next_wake(), callbacks_next_wake(),
    append_next_due(), subscriptions_next_wake())
$$;

GRANT EXECUTE ON FUNCTION event_heads(int[]), events_sweep(double precision, int),
  subscriptions_claim(int, int, double precision), subscription_settle(int, text, bigint, bigint, int, int, text, text, double precision, double precision, boolean),
  subscriptions_next_wake() TO millrace_system;
