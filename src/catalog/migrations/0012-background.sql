-- 0012: the task service: handlers that are called, secrets that sign, callbacks. Breaks nothing.

-- When it ends, callback_url is told: the mark keeps the trigger below cheap for all other tasks.
ALTER TABLE task ADD COLUMN callback boolean NOT NULL DEFAULT false;

-- Tasks of these names are carried out by an address of another service.
CREATE TABLE call_handler (
  tenant_id int NOT NULL REFERENCES tenant (id),
  name text COLLATE "C" NOT NULL,
  url text NOT NULL,
  -- Signs every request; never shown again.
  secret text NOT NULL,
  timeout_ms double precision NOT NULL CHECK (timeout_ms > 0),
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  changed_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, name)
);

-- Signs the tenant's callbacks.
CREATE TABLE callback_secret (
  tenant_id int PRIMARY KEY REFERENCES tenant (id),
  secret text NOT NULL
);

-- What a caller is told when its task has ended; written in the transaction that ends it.
CREATE TABLE task_callback (
  tenant_id int NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  task_id bigint NOT NULL,
  url text NOT NULL,
  -- How the task had ended, for it may be tried again meanwhile.
  task_state text NOT NULL,
  task_error jsonb,
  ended_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given-up')),
  attempts int NOT NULL DEFAULT 0,
  -- Not before; while one is under way, when another may take over.
  next_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- Until when it is tried.
  until timestamptz NOT NULL DEFAULT millrace_now() + interval '1 day',
  delivered_at timestamptz,
  error text,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX task_callback_due ON task_callback (next_at) WHERE state = 'waiting';
CREATE INDEX task_callback_task ON task_callback (tenant_id, task_id, id DESC);

SELECT protect_tenant_table(name) FROM unnest(ARRAY[
  'call_handler', 'callback_secret', 'task_callback'
]::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_handler TO millrace_app;
GRANT SELECT, INSERT, UPDATE ON callback_secret TO millrace_app;
GRANT SELECT ON task_callback TO millrace_app;

CREATE FUNCTION task_tell_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO task_callback (tenant_id, task_id, url, task_state, task_error, ended_at)
  SELECT NEW.tenant_id, NEW.id, b.callback_url, NEW.state, NEW.error, NEW.ended_at
  FROM background_task b
  WHERE b.tenant_id = NEW.tenant_id AND b.task_id = NEW.id AND b.callback_url IS NOT NULL;
  PERFORM pg_notify('millrace_ready', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER task_tell_end AFTER UPDATE ON task FOR EACH ROW
  WHEN (NEW.callback AND NEW.ended_at IS NOT NULL AND OLD.ended_at IS NULL)
  EXECUTE FUNCTION task_tell_end();

-- Callbacks that are due, of any tenant, oldest first; another deliverer may have them after the lease.
CREATE FUNCTION callbacks_claim(p_max int, p_lease_ms double precision)
RETURNS TABLE (
  id bigint, tenant_id int, tenant_slug text, task_id bigint, name text, url text,
  task_state text, task_error jsonb, attempts int, max_attempts int, ended_at timestamptz,
  result text, number int, secret text
)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH due AS (
    SELECT c.tenant_id, c.id FROM task_callback c
    WHERE c.state = 'waiting' AND c.next_at <= millrace_now()
    ORDER BY c.next_at LIMIT p_max FOR UPDATE SKIP LOCKED
  ), taken AS (
    UPDATE task_callback c
    SET attempts = c.attempts + 1, next_at = millrace_now() + p_lease_ms * interval '1 millisecond'
    FROM due WHERE c.tenant_id = due.tenant_id AND c.id = due.id
    RETURNING c.*
  )
  SELECT c.id, c.tenant_id, tenant.slug, c.task_id, t.dataset, c.url, c.task_state, c.task_error,
    t.attempts, t.max_attempts, c.ended_at,
    CASE WHEN c.task_state = 'done' THEN b.result END, c.attempts, s.secret
  FROM taken c
  JOIN tenant ON tenant.id = c.tenant_id
  JOIN task t ON t.tenant_id = c.tenant_id AND t.id = c.task_id
  JOIN background_task b ON b.tenant_id = c.tenant_id AND b.task_id = c.task_id
  LEFT JOIN callback_secret s ON s.tenant_id = c.tenant_id
$$;

-- How a delivery came out, unless another deliverer has it by now: delivered when p_error is null;
-- else tried again after the delay, or given up when that is too late. Returns the new state.
CREATE FUNCTION callback_settle(
  p_tenant int, p_id bigint, p_number int, p_error text, p_delay_ms double precision
) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE task_callback c
  SET state = CASE WHEN p_error IS NULL THEN 'delivered'
        WHEN millrace_now() + p_delay_ms * interval '1 millisecond' > c.until THEN 'given-up'
        ELSE 'waiting' END,
      delivered_at = CASE WHEN p_error IS NULL THEN millrace_now() END,
      error = p_error,
      next_at = millrace_now() + coalesce(p_delay_ms, 0) * interval '1 millisecond'
  WHERE c.tenant_id = p_tenant AND c.id = p_id AND c.state = 'waiting' AND c.attempts = p_number
  RETURNING c.state
$$;

-- Milliseconds until a callback becomes due; null when there is none.
CREATE FUNCTION callbacks_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM min(next_at) - millrace_now()) * 1000)::double precision
  FROM task_callback WHERE state = 'waiting'
$$;

-- Background tasks that ended long ago, with all that belongs to them; dead letters are kept.
-- At most p_max of them; returns how many.
CREATE FUNCTION background_sweep(p_keep_ms double precision, p_max int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_swept int;
BEGIN
  WITH old AS (
    DELETE FROM task t USING (
      SELECT o.tenant_id, o.id FROM task o
      WHERE o.run_id = '' AND o.kind = 'background' AND o.state IN ('done', 'cancelled')
        AND o.ended_at < millrace_now() - p_keep_ms * interval '1 millisecond'
      LIMIT p_max FOR UPDATE SKIP LOCKED
    ) AS o
    WHERE t.tenant_id = o.tenant_id AND t.id = o.id
    RETURNING t.tenant_id, t.id
  ), a AS (
    DELETE FROM attempt x USING old WHERE x.tenant_id = old.tenant_id AND x.task_id = old.id
  ), l AS (
    DELETE FROM task_log x USING old WHERE x.tenant_id = old.tenant_id AND x.task_id = old.id
  ), c AS (
    DELETE FROM task_callback x USING old WHERE x.tenant_id = old.tenant_id AND x.task_id = old.id
  ), b AS (
    DELETE FROM background_task x USING old WHERE x.tenant_id = old.tenant_id AND x.task_id = old.id
  )
  SELECT count(*)::int INTO v_swept FROM old;
  RETURN v_swept;
END
$$;

-- A home's former owner had slots of its own; what workers of other services lease outlives it.
CREATE OR REPLACE FUNCTION queue_abandon_leases() RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH left_over AS (
    UPDATE task SET lease_until = millrace_now() - interval '1 millisecond'
    WHERE state = 'running' AND handler <> 'pull'
      AND NOT (handler = 'call' AND lease_owner LIKE 'service %')
    RETURNING 1
  )
  SELECT count(*)::int FROM left_over
$$;

GRANT EXECUTE ON FUNCTION
  callbacks_claim(int, double precision),
  callback_settle(int, bigint, int, text, double precision), callbacks_next_wake(),
  background_sweep(double precision, int)
TO millrace_system;
