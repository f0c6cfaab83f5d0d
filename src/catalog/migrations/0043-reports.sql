-- 0043: places that deliveries go to, under a name. Breaks nothing.

CREATE TABLE delivery_target (
  tenant_id int NOT NULL REFERENCES tenant (id),
  name text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('s3', 'postgres', 'webhook')),
  -- Secrets are sealed each by itself.
  options jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  changed_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, name)
);
COMMENT ON COLUMN delivery_target.options IS 'sealed by name';
SELECT protect_tenant_table('delivery_target');
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_target TO millrace_app;

-- A question that is answered again and again, by the clock or when something was published, and whose
-- rows go to somebody. active → paused → active
CREATE TABLE report (
  tenant_id int NOT NULL REFERENCES tenant (id),
  name text COLLATE "C" NOT NULL,
  -- Of this report and none that had its name before.
  id text COLLATE "C" NOT NULL,
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
  -- What was asked for, as it is shown, and as it is asked again.
  asked jsonb NOT NULL,
  question jsonb NOT NULL,
  -- {format, cells, target, mail, attach, chart}
  wish jsonb NOT NULL,
  -- Null: when something was published.
  cron text,
  zone text NOT NULL,
  skip_empty boolean NOT NULL,
  only_changed boolean NOT NULL,
  complete boolean NOT NULL,
  -- In whose name it asks, and what they may see.
  asked_by text NOT NULL,
  access jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  changed_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- When it is to be carried out; null: not before something is published, or somebody says so.
  next_at timestamptz,
  cause text NOT NULL DEFAULT 'due' CHECK (cause IN ('due', 'asked')),
  -- While it is: who may settle it, until when, and what was due.
  fence bigint NOT NULL DEFAULT 0,
  leased_until timestamptz,
  taken_at timestamptz,
  -- Waits for what is missing, whatever its clock says.
  held boolean NOT NULL DEFAULT false,
  -- Tries since one came to something.
  failures int NOT NULL DEFAULT 0,
  -- Runs that came to an end: names the next one.
  runs int NOT NULL DEFAULT 0,
  -- Of the rows that were sent last.
  fingerprint text,
  delivery_id text COLLATE "C",
  PRIMARY KEY (tenant_id, name),
  CHECK (cron IS NULL OR cron <> '')
) WITH (fillfactor = 70);
COMMENT ON COLUMN report.asked IS 'quotes subjects in conditions and parameters';
COMMENT ON COLUMN report.question IS 'quotes subjects in conditions and parameters';
COMMENT ON COLUMN report.wish IS 'quotes subjects in titles';
CREATE INDEX report_due ON report (greatest(next_at, leased_until)) WHERE next_at IS NOT NULL;
CREATE INDEX report_arrival ON report (tenant_id) WHERE state = 'active' AND (cron IS NULL OR held);

CREATE TABLE report_run (
  tenant_id int NOT NULL,
  report text COLLATE "C" NOT NULL,
  number int NOT NULL,
  at timestamptz NOT NULL DEFAULT millrace_now(),
  state text NOT NULL CHECK (state IN ('sent', 'skipped-empty', 'unchanged', 'held', 'failed')),
  receipt text,
  delivery_id text COLLATE "C",
  rows bigint,
  detail text NOT NULL,
  PRIMARY KEY (tenant_id, report, number),
  FOREIGN KEY (tenant_id, report) REFERENCES report (tenant_id, name) ON DELETE CASCADE
);
COMMENT ON COLUMN report_run.detail IS 'quotes subjects in messages';

SELECT protect_tenant_table(name) FROM unnest(ARRAY['report', 'report_run']::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE, DELETE ON report, report_run TO millrace_app;

-- Each publish wakes those that wait for one, a few seconds later: what is published together is
-- reported together. One that is due anyway is not put off by the next publish; one that is under way
-- is looked at once more.
CREATE FUNCTION report_arrival() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp
SET enable_seqscan = off AS $$
BEGIN
  UPDATE report SET next_at = millrace_now() + interval '5 seconds'
  WHERE tenant_id = NEW.id AND state = 'active' AND (cron IS NULL OR held)
    AND (next_at IS NULL OR next_at > millrace_now() + interval '5 seconds' OR leased_until IS NOT NULL);
  RETURN NULL;
END
$$;
CREATE TRIGGER report_arrival AFTER UPDATE OF last_commit ON tenant FOR EACH ROW
  WHEN (NEW.last_commit > OLD.last_commit) EXECUTE FUNCTION report_arrival();

-- Takes what is due, what waited longest first; no more than p_share of a tenant at the same time.
CREATE FUNCTION reports_claim(p_max int, p_share int, p_lease_ms double precision)
RETURNS TABLE (tenant_slug text, name text, fence bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp
SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
BEGIN
  RETURN QUERY
  WITH due AS MATERIALIZED (
    SELECT r.tenant_id, r.name, r.next_at FROM report r
    WHERE r.next_at IS NOT NULL AND greatest(r.next_at, r.leased_until) <= v_now
    ORDER BY greatest(r.next_at, r.leased_until) LIMIT 1000 FOR UPDATE SKIP LOCKED
  ), placed AS (
    SELECT due.*, row_number() OVER (PARTITION BY due.tenant_id ORDER BY due.next_at, due.name) +
      (SELECT count(*) FROM report b
        WHERE b.tenant_id = due.tenant_id AND b.leased_until > v_now) AS place
    FROM due
  ), picked AS MATERIALIZED (
    SELECT p.tenant_id, p.name FROM placed p WHERE p.place <= p_share ORDER BY p.next_at LIMIT p_max
  ), taken AS (
    UPDATE report r
    SET fence = r.fence + 1, leased_until = v_now + p_lease_ms * interval '1 millisecond',
        taken_at = r.next_at
    FROM picked p WHERE r.tenant_id = p.tenant_id AND r.name = p.name
    RETURNING r.tenant_id, r.name, r.fence
  )
  SELECT t.slug, taken.name, taken.fence FROM taken JOIN tenant t ON t.id = taken.tenant_id;
END
$$;

-- Milliseconds until one is due; null: none is.
CREATE FUNCTION reports_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision FROM (
    SELECT min(greatest(next_at, leased_until)) AS at FROM report WHERE next_at IS NOT NULL) AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION reports_claim(int, int, double precision), reports_next_wake()
  TO millrace_system;
