-- 0042: deliveries: answers that are too many rows for a request, or go somewhere else. Breaks nothing.
--
-- A delivery is carried out by one task of kind `delivery` in lanes of its own (`delivery/…`), which
-- slots of builds do not serve. Its state is that of the task until it is ready. The bytes are an
-- artefact: the same for all deliveries of one receipt, format and cells. Tasks of one artefact have
-- it as their concurrency key, so the first makes it and the others find it made.

ALTER TABLE task DROP CONSTRAINT task_handler_check;
ALTER TABLE task ADD CONSTRAINT task_handler_check
  CHECK (handler IN ('factory', 'code', 'call', 'pull', 'delivery'));

-- A file that is whole: its row is written when it lies in the lake.
CREATE TABLE delivery_artefact (
  tenant_id int NOT NULL REFERENCES tenant (id),
  -- Hash of receipt, format and cells.
  id text COLLATE "C" NOT NULL,
  path text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  rows bigint NOT NULL,
  columns jsonb NOT NULL,
  made_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- When a delivery took it last.
  used_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE delivery (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  -- Who asked, as in the audit log, and what of the rows they might see then.
  asked_by text NOT NULL,
  access jsonb NOT NULL,
  -- {question, trust}: QuestionData, and where its SQL may run.
  question jsonb NOT NULL,
  receipt_id text COLLATE "C" NOT NULL,
  commit_number bigint NOT NULL,
  as_of timestamptz NOT NULL,
  completeness jsonb NOT NULL,
  -- What its file is called, without the ending.
  title text NOT NULL,
  format text NOT NULL,
  cells text NOT NULL,
  target jsonb NOT NULL,
  -- {mail: [address], attach, callbackUrl}
  notify jsonb NOT NULL,
  artefact_id text COLLATE "C" NOT NULL,
  -- Whoever asks for the same again while it lives is given this one.
  dedupe_key text COLLATE "C",
  request_hash text NOT NULL,
  task_id bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  keep_ms double precision NOT NULL,
  -- {rows, bytes, step}, at most once a second.
  progress jsonb,
  rows_expected bigint,
  ready_at timestamptz,
  rows bigint,
  size_bytes bigint,
  sha256 text,
  -- What the target says of the place.
  placed jsonb,
  expires_at timestamptz,
  -- Signs the links of this delivery; null: there was no key to seal it with, so there are none.
  link_secret text,
  -- Whole downloads by link that are allowed; null: any number.
  downloads_max int,
  downloads int NOT NULL DEFAULT 0,
  mails text[] COLLATE "C" NOT NULL DEFAULT '{}',
  -- expired, erased: the file is not kept for it any more.
  ended text CHECK (ended IN ('expired', 'erased')),
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN delivery.link_secret IS 'sealed by id';
CREATE UNIQUE INDEX delivery_dedupe ON delivery (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE UNIQUE INDEX delivery_task ON delivery (tenant_id, task_id);
CREATE INDEX delivery_of_artefact ON delivery (tenant_id, artefact_id) WHERE ended IS NULL;
CREATE INDEX delivery_due ON delivery (expires_at) WHERE ended IS NULL AND expires_at IS NOT NULL;
CREATE INDEX delivery_old ON delivery (created_at);
CREATE INDEX delivery_artefact_used ON delivery_artefact (used_at);

SELECT protect_tenant_table(name)
FROM unnest(ARRAY['delivery_artefact', 'delivery']::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_artefact, delivery TO millrace_app;

-- What is made of a delivery's own columns and its task.
CREATE FUNCTION delivery_state(p_ended text, p_ready_at timestamptz, p_expires_at timestamptz, p_task text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN p_ended IS NOT NULL THEN p_ended
    WHEN p_ready_at IS NOT NULL THEN
      CASE WHEN p_expires_at <= millrace_now() THEN 'expired' ELSE 'ready' END
    WHEN p_task = 'running' THEN 'running'
    WHEN p_task IN ('waiting', 'ready') THEN 'queued'
    WHEN p_task = 'cancelled' THEN 'cancelled'
    ELSE 'failed' END
$$;
GRANT EXECUTE ON FUNCTION delivery_state(text, timestamptz, timestamptz, text) TO millrace_app;

-- Tells of a delivery that has failed for good, however its task came to that end.
CREATE FUNCTION event_of_failed_delivery() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO outbox (tenant_id, kind, payload)
  VALUES (NEW.tenant_id, 'delivery.failed', jsonb_build_object('delivery', NEW.partition,
    'code', coalesce(NEW.error ->> 'code', 'internal')));
  RETURN NULL;
END
$$;
CREATE TRIGGER event_of_failed_delivery AFTER UPDATE ON task FOR EACH ROW
  WHEN (NEW.kind = 'delivery' AND NEW.state = 'failed' AND OLD.state <> 'failed')
  EXECUTE FUNCTION event_of_failed_delivery();

-- As 0012 made it, and for the end of a delivery, which says where it asked to be told.
CREATE OR REPLACE FUNCTION task_tell_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO task_callback (tenant_id, task_id, url, task_state, task_error, ended_at)
  SELECT NEW.tenant_id, NEW.id, told.url, NEW.state, NEW.error, NEW.ended_at
  FROM (
    SELECT b.callback_url AS url FROM background_task b
    WHERE b.tenant_id = NEW.tenant_id AND b.task_id = NEW.id AND NEW.kind <> 'delivery'
    UNION ALL
    SELECT d.notify ->> 'callbackUrl' FROM delivery d
    WHERE d.tenant_id = NEW.tenant_id AND d.task_id = NEW.id AND NEW.kind = 'delivery'
  ) AS told WHERE told.url IS NOT NULL;
  PERFORM pg_notify('millrace_ready', '');
  RETURN NULL;
END
$$;

-- As 0012 made it; what a delivery tells is what it was.
CREATE OR REPLACE FUNCTION callbacks_claim(p_max int, p_lease_ms double precision)
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
    CASE WHEN d.id IS NOT NULL THEN jsonb_build_object('delivery', d.id,
        'location', '/v1/deliveries/' || d.id, 'receipt', d.receipt_id, 'rows', d.rows,
        'sizeBytes', d.size_bytes, 'sha256', d.sha256)::text
      WHEN c.task_state = 'done' THEN b.result END,
    c.attempts, s.secret
  FROM taken c
  JOIN tenant ON tenant.id = c.tenant_id
  JOIN task t ON t.tenant_id = c.tenant_id AND t.id = c.task_id
  LEFT JOIN background_task b ON b.tenant_id = c.tenant_id AND b.task_id = c.task_id
  LEFT JOIN delivery d ON d.tenant_id = c.tenant_id AND d.task_id = c.task_id
  LEFT JOIN callback_secret s ON s.tenant_id = c.tenant_id
  WHERE b.task_id IS NOT NULL OR d.id IS NOT NULL
$$;

-- A delivery that goes takes its task with it.
CREATE FUNCTION delivery_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  DELETE FROM task t WHERE t.tenant_id = OLD.tenant_id AND t.id = OLD.task_id AND t.kind = 'delivery';
  DELETE FROM attempt a WHERE a.tenant_id = OLD.tenant_id AND a.task_id = OLD.task_id;
  DELETE FROM task_callback c WHERE c.tenant_id = OLD.tenant_id AND c.task_id = OLD.task_id;
  DELETE FROM task_log l WHERE l.tenant_id = OLD.tenant_id AND l.task_id = OLD.task_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER delivery_gone AFTER DELETE ON delivery FOR EACH ROW EXECUTE FUNCTION delivery_gone();

-- Ends what has expired, forgets what ended p_keep_ms ago, and takes artefacts away that no delivery
-- wants any more; each at most p_max. Returns the files of these artefacts, to be removed.
CREATE FUNCTION deliveries_sweep(p_keep_ms double precision, p_max int)
RETURNS TABLE (path text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE delivery d SET ended = 'expired', dedupe_key = NULL, link_secret = NULL
  FROM (
    SELECT e.tenant_id, e.id FROM delivery e
    WHERE e.ended IS NULL AND e.expires_at <= millrace_now()
    ORDER BY e.expires_at LIMIT p_max FOR UPDATE SKIP LOCKED
  ) AS due
  WHERE d.tenant_id = due.tenant_id AND d.id = due.id;

  DELETE FROM delivery d USING (
    SELECT o.tenant_id, o.id FROM delivery o
    LEFT JOIN task t ON t.tenant_id = o.tenant_id AND t.id = o.task_id
    WHERE o.created_at < millrace_now() - p_keep_ms * interval '1 millisecond'
      AND (o.expires_at IS NULL
        OR o.expires_at < millrace_now() - p_keep_ms * interval '1 millisecond')
      AND (o.ended IS NOT NULL OR t.id IS NULL OR t.state IN ('failed', 'cancelled', 'skipped'))
    ORDER BY o.created_at LIMIT p_max FOR UPDATE OF o SKIP LOCKED
  ) AS old
  WHERE d.tenant_id = old.tenant_id AND d.id = old.id;

  -- A task that takes an artefact just now moves used_at, and so is seen here.
  RETURN QUERY
    WITH unused AS (
      SELECT a.tenant_id, a.id FROM delivery_artefact a
      WHERE a.used_at < millrace_now() - interval '10 minutes' AND NOT EXISTS (
        SELECT FROM delivery d WHERE d.tenant_id = a.tenant_id AND d.artefact_id = a.id
          AND d.ended IS NULL AND d.expires_at > millrace_now())
      ORDER BY a.used_at LIMIT p_max FOR UPDATE SKIP LOCKED
    )
    DELETE FROM delivery_artefact a USING unused
    WHERE a.tenant_id = unused.tenant_id AND a.id = unused.id
      AND a.used_at < millrace_now() - interval '10 minutes'
    RETURNING a.path;
END
$$;

-- Files of artefacts, of all tenants, that have to be there; after a path, at most p_max.
CREATE FUNCTION delivery_paths(p_after text, p_max int) RETURNS TABLE (path text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT a.path FROM delivery_artefact a
  WHERE a.path COLLATE "C" > p_after ORDER BY a.path COLLATE "C" LIMIT p_max
$$;
CREATE INDEX delivery_artefact_path ON delivery_artefact (path COLLATE "C");

GRANT EXECUTE ON FUNCTION deliveries_sweep(double precision, int), delivery_paths(text, int)
TO millrace_system;
