-- 0027: subjects. Rules about people, devices and pages (collection off, erased), requests to erase
-- them, and what of files and versions was erased. Breaks nothing.

-- The key of a tenant's hashes, and a number that goes up with every new rule: whoever publishes what
-- was read under an older number must read again.
CREATE TABLE subject_key (
  tenant_id int PRIMARY KEY REFERENCES tenant (id),
  key bytea NOT NULL CHECK (octet_length(key) = 32),
  number bigint NOT NULL DEFAULT 0
);

-- An erased subject is remembered by its keyed hash alone; one whose collection is off by its value,
-- too, so that it can be listed and turned on again. Values are bytes: they may hold NUL.
CREATE TABLE subject_rule (
  tenant_id int NOT NULL,
  kind text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL CHECK (hash ~ '^[0-9a-f]{32}$'),
  state text NOT NULL CHECK (state IN ('off', 'erased')),
  bytes int NOT NULL,
  value bytea,
  since timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, kind, hash),
  CHECK ((state = 'off') = (value IS NOT NULL))
);

CREATE TABLE erasure (
  tenant_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  -- Null: of a replay, which erases everybody that the rules name.
  kind text COLLATE "C",
  hash text COLLATE "C",
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'rewriting', 'recomputing', 'purging', 'done')),
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  created_by text NOT NULL,
  -- When the last source version was without the subject: what is older than this was made with it.
  rewritten_at timestamptz,
  ended_at timestamptz,
  -- The run that recomputes what reads the sources.
  run_id text COLLATE "C",
  -- The dataset and version that the rewriting has come to.
  at_dataset text COLLATE "C",
  at_version bigint NOT NULL DEFAULT 0,
  proof jsonb NOT NULL DEFAULT '{}',
  problem jsonb,
  -- Lease of the process that is at work on it.
  fence bigint NOT NULL DEFAULT 0,
  leased_until timestamptz,
  next_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX erasure_due ON erasure (next_at) WHERE state <> 'done';
CREATE INDEX erasure_subject ON erasure (tenant_id, kind, hash);

-- Partitions that held rows of the subject, and what was made from those.
CREATE TABLE erasure_partition (
  tenant_id int NOT NULL,
  erasure_id text COLLATE "C" NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  is_source boolean NOT NULL,
  -- Of the current version: rows taken out, and out of the quarantine.
  rows bigint NOT NULL DEFAULT 0,
  quarantined bigint NOT NULL DEFAULT 0,
  -- Former versions whose files are gone.
  purged int NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, erasure_id, dataset, partition)
);

-- The erasure that took the version's rows out of the lake; its row stays, for receipts.
ALTER TABLE version ADD COLUMN erased_by text COLLATE "C";
ALTER TABLE file ADD COLUMN erased_by text COLLATE "C";
CREATE INDEX file_erased ON file (tenant_id, erased_by) WHERE erased_by IS NOT NULL;

SELECT protect_tenant_table(name) FROM unnest(ARRAY[
  'subject_key', 'subject_rule', 'erasure', 'erasure_partition'
]::regclass[]) AS name;

GRANT SELECT, INSERT, UPDATE ON subject_key, erasure, erasure_partition TO millrace_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON subject_rule TO millrace_app;
GRANT UPDATE (erased_by) ON version, file TO millrace_app;
-- A file that holds rows of an erased version is copied without them.
GRANT UPDATE (file_id) ON extent TO millrace_app;
-- What a check found may quote a row.
GRANT UPDATE (message) ON check_result TO millrace_app;

-- The erasure that has been due for longest and that nobody is at work on, leased to the caller.
CREATE FUNCTION erasure_claim(p_lease_ms double precision)
RETURNS TABLE (tenant_id int, slug text, id text, fence bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    UPDATE erasure e
    SET fence = e.fence + 1,
      leased_until = millrace_now() + p_lease_ms * interval '1 millisecond'
    FROM (
      SELECT d.tenant_id, d.id FROM erasure d
      WHERE d.state <> 'done' AND d.next_at <= millrace_now()
        AND (d.leased_until IS NULL OR d.leased_until < millrace_now())
      ORDER BY d.next_at LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS due, tenant t
    WHERE e.tenant_id = due.tenant_id AND e.id = due.id AND t.id = e.tenant_id
    RETURNING e.tenant_id, t.slug, e.id, e.fence;
END
$$;
GRANT EXECUTE ON FUNCTION erasure_claim(double precision) TO millrace_system;

-- Takes a value out of what messages of this tenant quote: logs, errors, findings of checks. As it
-- stands in a text, and as it stands in JSON.
CREATE FUNCTION subject_redact(p_value text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenant int := millrace_tenant();
  v_json text := substr(to_json(p_value)::text, 2, length(to_json(p_value)::text) - 2);
BEGIN
  UPDATE task_log SET message = replace(message, p_value, '(erased)')
  WHERE tenant_id = v_tenant AND position(p_value IN message) > 0;
  UPDATE check_result SET message = replace(message, p_value, '(erased)')
  WHERE tenant_id = v_tenant AND position(p_value IN message) > 0;
  UPDATE attempt SET error = replace(error::text, v_json, '(erased)')::jsonb
  WHERE tenant_id = v_tenant AND position(v_json IN error::text) > 0;
  UPDATE partition_pointer SET failed_error = replace(failed_error::text, v_json, '(erased)')::jsonb
  WHERE tenant_id = v_tenant AND position(v_json IN failed_error::text) > 0;
END
$$;
GRANT EXECUTE ON FUNCTION subject_redact(text) TO millrace_app;
