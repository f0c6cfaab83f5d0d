-- 0041: what every partition pointed at, commit by commit; receipts of answers. Breaks nothing.

-- Where a pointer went at a commit. The newest one up to a commit is what was read then.
CREATE TABLE pointer_move (
  tenant_id int NOT NULL,
  environment text COLLATE "C" NOT NULL DEFAULT 'main',
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  commit_number bigint NOT NULL,
  -- Null: nothing from then on.
  version_id bigint,
  -- To the millisecond, as callers say times.
  at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', millrace_now()),
  PRIMARY KEY (tenant_id, environment, dataset, partition, commit_number)
);
CREATE INDEX pointer_move_at ON pointer_move (tenant_id, at, commit_number);
CREATE INDEX pointer_move_commit ON pointer_move (tenant_id, commit_number);

-- Moves are noted here and nowhere else, so that no way of moving a pointer can forget it. A tenant
-- that is being restored (its name begins with ~) brings its own.
CREATE FUNCTION pointer_moved_in() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO pointer_move AS m (tenant_id, environment, dataset, partition, commit_number, version_id)
  SELECT n.tenant_id, n.environment, n.dataset, n.partition, t.last_commit, n.version_id
  FROM now_there n JOIN tenant t ON t.id = n.tenant_id AND t.slug NOT LIKE '~%'
  WHERE n.version_id IS NOT NULL
  ON CONFLICT (tenant_id, environment, dataset, partition, commit_number)
    DO UPDATE SET version_id = excluded.version_id, at = excluded.at;
  RETURN NULL;
END
$$;

CREATE FUNCTION pointer_moved_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO pointer_move AS m (tenant_id, environment, dataset, partition, commit_number, version_id)
  SELECT n.tenant_id, n.environment, n.dataset, n.partition, t.last_commit, n.version_id
  FROM now_there n
  JOIN was_there w USING (tenant_id, environment, dataset, partition)
  JOIN tenant t ON t.id = n.tenant_id AND t.slug NOT LIKE '~%'
  WHERE n.version_id IS DISTINCT FROM w.version_id
  ON CONFLICT (tenant_id, environment, dataset, partition, commit_number)
    DO UPDATE SET version_id = excluded.version_id, at = excluded.at;
  RETURN NULL;
END
$$;

CREATE TRIGGER pointer_moved_in AFTER INSERT ON partition_pointer
  REFERENCING NEW TABLE AS now_there FOR EACH STATEMENT EXECUTE FUNCTION pointer_moved_in();
CREATE TRIGGER pointer_moved_on AFTER UPDATE ON partition_pointer
  REFERENCING OLD TABLE AS was_there NEW TABLE AS now_there
  FOR EACH STATEMENT EXECUTE FUNCTION pointer_moved_on();

-- What was published before: each version from its commit on. Undos of that time left no trace but
-- the pointer itself, which has the last word.
INSERT INTO pointer_move (tenant_id, dataset, partition, commit_number, version_id, at)
SELECT tenant_id, dataset, partition, commit_number, id, date_trunc('milliseconds', published_at)
FROM version WHERE state = 'published' AND commit_number IS NOT NULL
ON CONFLICT DO NOTHING;
INSERT INTO pointer_move (tenant_id, environment, dataset, partition, commit_number, version_id)
SELECT tenant_id, environment, dataset, partition, commit_number, version_id
FROM partition_pointer WHERE commit_number IS NOT NULL
ON CONFLICT (tenant_id, environment, dataset, partition, commit_number)
  DO UPDATE SET version_id = excluded.version_id;

-- The versions that an answer was read from, once for all receipts that name the same.
CREATE TABLE receipt_versions (
  tenant_id int NOT NULL,
  hash text COLLATE "C" NOT NULL,
  -- [[dataset, [[partition, version], …]], …]
  versions jsonb NOT NULL,
  PRIMARY KEY (tenant_id, hash)
);

CREATE TABLE receipt (
  tenant_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  question jsonb NOT NULL,
  commit_number bigint NOT NULL,
  as_of timestamptz NOT NULL,
  completeness jsonb NOT NULL,
  versions_hash text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX receipt_newest ON receipt (tenant_id, created_at, id);
CREATE INDEX receipt_of_versions ON receipt (tenant_id, versions_hash);

SELECT protect_tenant_table(name)
FROM unnest(ARRAY['pointer_move', 'receipt_versions', 'receipt']::regclass[]) AS name;
GRANT SELECT ON pointer_move TO millrace_app;
GRANT SELECT, INSERT, DELETE ON receipt_versions, receipt TO millrace_app;
GRANT UPDATE (question) ON receipt TO millrace_app;

-- A question may name a person.
COMMENT ON COLUMN receipt.question IS 'quotes subjects: parameters and conditions of a question';

-- Takes a value out of what this tenant's rows quote of subjects: the columns whose comment begins with
-- `quotes subjects`, as it stands in a text and as it stands in JSON.
COMMENT ON COLUMN task_log.message IS 'quotes subjects';
COMMENT ON COLUMN check_result.message IS 'quotes subjects';
COMMENT ON COLUMN attempt.error IS 'quotes subjects';
COMMENT ON COLUMN partition_pointer.failed_error IS 'quotes subjects';

CREATE OR REPLACE FUNCTION subject_redact(p_value text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenant int := millrace_tenant();
  v_json text := substr(to_json(p_value)::text, 2, length(to_json(p_value)::text) - 2);
  v_column record;
BEGIN
  FOR v_column IN
    SELECT c.relname AS table_name, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition
      AND col_description(c.oid, a.attnum) LIKE 'quotes subjects%'
  LOOP
    IF v_column.type IN ('json', 'jsonb') THEN
      EXECUTE format(
        'UPDATE %1$I SET %2$I = replace(%2$I::text, $2, ''(erased)'')::%3$s
         WHERE tenant_id = $1 AND position($2 IN %2$I::text) > 0',
        v_column.table_name, v_column.name, v_column.type) USING v_tenant, v_json;
    ELSE
      EXECUTE format(
        'UPDATE %1$I SET %2$I = replace(%2$I, $2, ''(erased)'')
         WHERE tenant_id = $1 AND position($2 IN %2$I) > 0',
        v_column.table_name, v_column.name) USING v_tenant, p_value;
    END IF;
  END LOOP;
END
$$;

-- Receipts that are older than that, and moves of pointers that were overtaken before: how many went.
CREATE FUNCTION receipts_sweep(p_days double precision) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenant int := millrace_tenant();
  v_before timestamptz := millrace_now() - p_days * interval '1 day';
  v_gone bigint;
BEGIN
  DELETE FROM receipt WHERE tenant_id = v_tenant AND created_at < v_before;
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  IF v_gone > 0 THEN
    DELETE FROM receipt_versions v WHERE v.tenant_id = v_tenant AND NOT EXISTS (
      SELECT FROM receipt r WHERE r.tenant_id = v_tenant AND r.versions_hash = v.hash);
  END IF;
  DELETE FROM pointer_move m
  USING pointer_move later
  WHERE m.tenant_id = v_tenant AND m.at < v_before
    AND later.tenant_id = v_tenant AND later.environment = m.environment
    AND later.dataset = m.dataset AND later.partition = m.partition
    AND later.commit_number > m.commit_number AND later.at < v_before;
  RETURN v_gone;
END
$$;
GRANT EXECUTE ON FUNCTION receipts_sweep(double precision) TO millrace_app;
