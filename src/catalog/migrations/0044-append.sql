-- 0044: append datasets: requests that were acknowledged and wait to become segments, the lanes in
-- which they wait, and how far pollers and streams have come. Breaks nothing.

-- Sums of the row hashes of a partition that grows by segments, so that the version of old and new rows
-- together is told without reading the old ones: {low, high, rows, observed: {value: {…}}}. Null: a
-- version whose rows have to be read for that.
ALTER TABLE version ADD COLUMN sums jsonb;

-- One for each request whose rows are kept. `body` is what arrived, as it arrived, until its rows are in
-- the dataset.
CREATE TABLE acknowledgement (
  tenant_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  received_at timestamptz NOT NULL DEFAULT millrace_now(),
  format text NOT NULL CHECK (format IN ('json', 'ndjson', 'csv')),
  encoding text NOT NULL CHECK (encoding IN ('identity', 'gzip', 'zstd')),
  body bytea,
  -- Of the body as it arrived.
  bytes int NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  rows int NOT NULL,
  idempotency_key text COLLATE "C",
  accepted int,
  quarantined int,
  -- Of subjects whose collection is off, or who were erased.
  withheld int,
  erased int,
  commit_number bigint,
  settled_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((body IS NULL) = (settled_at IS NOT NULL))
);
-- A body is compressed already, or soon gone: it is not compressed once more.
ALTER TABLE acknowledgement ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX acknowledgement_key ON acknowledgement (tenant_id, dataset, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX acknowledgement_waiting ON acknowledgement (tenant_id, dataset, received_at, id)
  WHERE body IS NOT NULL;
CREATE INDEX acknowledgement_dataset ON acknowledgement (tenant_id, dataset, id);
CREATE INDEX acknowledgement_old ON acknowledgement (settled_at) WHERE settled_at IS NOT NULL;

-- One for each append dataset of a tenant that anything was sent to.
CREATE TABLE append_lane (
  tenant_id int NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  waiting_requests int NOT NULL DEFAULT 0,
  waiting_bytes bigint NOT NULL DEFAULT 0,
  -- When what waits becomes a segment, when analyses are told, when segments become one file.
  flush_at timestamptz,
  settle_at timestamptz,
  compact_at timestamptz,
  due_at timestamptz GENERATED ALWAYS AS (least(flush_at, settle_at, compact_at)) STORED,
  -- Commits up to this one have been told to analyses, by this task last.
  settled_commit bigint NOT NULL DEFAULT 0,
  settle_task bigint,
  -- Bytes a second that were flushed lately.
  drain_rate double precision,
  failures int NOT NULL DEFAULT 0,
  error jsonb,
  fence bigint NOT NULL DEFAULT 0,
  leased_until timestamptz,
  PRIMARY KEY (tenant_id, dataset)
) WITH (fillfactor = 50);
CREATE INDEX append_lane_due ON append_lane (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX append_lane_waiting ON append_lane (tenant_id) WHERE waiting_requests > 0;

-- How far whoever brings rows in has come, in words of its own: an offset, a token of a page.
CREATE TABLE append_position (
  tenant_id int NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  position text NOT NULL,
  moved_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, dataset, name)
);

SELECT protect_tenant_table(name)
FROM unnest(ARRAY['acknowledgement', 'append_lane', 'append_position']::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE ON acknowledgement, append_lane, append_position TO millrace_app;

-- Bytes that wait in all lanes of all tenants.
CREATE FUNCTION append_waiting() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT coalesce(sum(waiting_bytes), 0)::bigint FROM append_lane WHERE waiting_requests > 0
$$;

-- Lanes in which something is due and that nobody is at work on, leased to the caller: those that have
-- been due for longest.
CREATE FUNCTION append_claim(p_most int, p_lease_ms double precision)
RETURNS TABLE (tenant_id int, slug text, dataset text, fence bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    UPDATE append_lane l
    SET fence = nextval('fence'),
      leased_until = millrace_now() + p_lease_ms * interval '1 millisecond'
    FROM (
      SELECT d.tenant_id, d.dataset FROM append_lane d
      WHERE d.due_at <= millrace_now()
        AND (d.leased_until IS NULL OR d.leased_until < millrace_now())
      ORDER BY d.due_at LIMIT p_most FOR UPDATE SKIP LOCKED
    ) AS due, tenant t
    WHERE l.tenant_id = due.tenant_id AND l.dataset = due.dataset AND t.id = l.tenant_id
    RETURNING l.tenant_id, t.slug, l.dataset, l.fence;
END
$$;

-- Milliseconds until something is due in a lane; null when nothing is.
CREATE FUNCTION append_next_due() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT min(due_at) AS at FROM append_lane WHERE due_at IS NOT NULL) AS due
  WHERE due.at IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION cell_next_due() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT least(queue_next_wake(), queue_next_ready(), trigger_next_wake(), callbacks_next_wake(),
    append_next_due())
$$;

-- Acknowledgements whose rows have been in their dataset for so long are forgotten, some at a time.
CREATE FUNCTION append_forget(p_keep_ms double precision, p_most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_rows int;
BEGIN
  DELETE FROM acknowledgement a USING (
    SELECT o.tenant_id, o.id FROM acknowledgement o
    WHERE o.settled_at <= millrace_now() - p_keep_ms * interval '1 millisecond'
    ORDER BY o.settled_at LIMIT p_most FOR UPDATE SKIP LOCKED
  ) AS old
  WHERE a.tenant_id = old.tenant_id AND a.id = old.id;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END
$$;

GRANT EXECUTE ON FUNCTION append_waiting(), append_claim(int, double precision), append_next_due(),
  append_forget(double precision, int)
TO millrace_system;
