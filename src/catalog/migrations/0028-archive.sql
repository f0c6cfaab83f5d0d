-- 0028: a tenant as one archive; its end, with proof. Breaks nothing.
--
-- Which tables hold rows of tenants is read from the schema, so that a table that comes later is found
-- by itself. What these functions are given of names is looked up in it, never put into SQL as it came.

-- Tables with rows of tenants: their columns, and the tables that they refer to.
CREATE FUNCTION archive_tables() RETURNS TABLE (name text, columns jsonb, needs text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT c.relname::text, (
      SELECT jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'isComputed', a.attgenerated <> '', 'isRequired', a.attnotnull,
        'isSealed', coalesce(col_description(c.oid, a.attnum) LIKE 'sealed%', false)) ORDER BY a.attnum)
      FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'tenant_id'),
    ARRAY(
      SELECT DISTINCT r.relname::text FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid ORDER BY 1)
  FROM pg_class c
  WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND EXISTS (SELECT FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
  ORDER BY 1
$$;

-- The names of p_columns that are columns of the table, as SQL may name them, in that order; an error
-- for one that is none, is computed or is the tenant.
CREATE FUNCTION archive_columns(p_table text, p_columns text[])
RETURNS TABLE (place bigint, name text, type text) LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
    SELECT given.place, a.attname::text, format_type(a.atttypid, a.atttypmod)
    FROM unnest(p_columns) WITH ORDINALITY AS given (name, place)
    JOIN pg_class c ON c.relname = p_table AND c.relnamespace = 'millrace'::regnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = given.name AND a.attnum > 0
      AND a.attgenerated = '' AND a.attname <> 'tenant_id'
    ORDER BY given.place;
END
$$;

-- Names of a list that are no columns which rows of the table can bring.
CREATE FUNCTION archive_unknown_columns(p_table text, p_columns text[]) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT ARRAY(SELECT unnest(p_columns) EXCEPT SELECT name FROM archive_columns(p_table, p_columns))
$$;

-- The primary key of a table as it is sorted by, or nothing.
CREATE FUNCTION archive_order(p_table text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce('ORDER BY ' || (
    SELECT string_agg(format('t.%I', a.attname), ', ' ORDER BY k.place)
    FROM pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = format('millrace.%I', p_table)::regclass AND i.indisprimary), '')
$$;

-- Opens the cursor `archive` over the transaction's own tenant: a JSON object a row, without what is
-- NULL; JSON is kept as it is, so that its null is told from NULL. Paths begin below the tenant's folder.
CREATE FUNCTION archive_read(p_table text, p_columns text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_fields text;
  v_cursor refcursor := 'archive';
BEGIN
  SELECT string_agg(CASE
      WHEN p_table = 'file' AND name = 'path' THEN
        '''"path":'' || to_json(substr(t.path, length(s.slug) + 2))::text'
      WHEN type IN ('json', 'jsonb') THEN format('%L || t.%I::text', to_json(name)::text || ':', name)
      WHEN type LIKE '%[]' THEN format('%L || to_json(t.%I::text)::text', to_json(name)::text || ':', name)
      ELSE format('%L || to_json(t.%I)::text', to_json(name)::text || ':', name)
    END, ', ' ORDER BY place)
  INTO v_fields FROM archive_columns(p_table, p_columns);
  OPEN v_cursor NO SCROLL FOR EXECUTE format(
    $sql$SELECT '{' || array_to_string(ARRAY[%s]::text[], ',') || '}' AS line
      FROM %I t JOIN tenant s ON s.id = t.tenant_id WHERE t.tenant_id = $1 %s$sql$,
    v_fields, p_table, archive_order(p_table)) USING millrace_tenant();
END
$$;

-- The tenant's own row, without its number and name.
CREATE FUNCTION archive_tenant() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT to_jsonb(t) - 'id' - 'slug' FROM tenant t WHERE t.id = millrace_tenant()
$$;

-- While it is valid, the sweeper leaves the tenant's files alone. Sweeping and holding take the same
-- lock, so no file that a later snapshot names is on its way out.
CREATE TABLE archive_hold (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT protect_tenant_table('archive_hold');
GRANT SELECT, INSERT, UPDATE, DELETE ON archive_hold TO millrace_app;

CREATE FUNCTION archive_lock() RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtextextended('millrace archive', millrace_tenant()))
$$;

GRANT EXECUTE ON FUNCTION archive_read(text, text[]), archive_tenant(), archive_lock() TO millrace_app;
GRANT EXECUTE ON FUNCTION archive_tables(), archive_unknown_columns(text, text[])
TO millrace_app, millrace_system;

-- A tenant that is being brought back. Until the end it has a name that nobody can have, so that nothing
-- finds it; `number` fences a process that was taken for dead.
CREATE TABLE tenant_restore (
  slug text COLLATE "C" PRIMARY KEY,
  draft_id int NOT NULL,
  number int NOT NULL DEFAULT 1,
  begun_by text NOT NULL,
  begun_at timestamptz NOT NULL DEFAULT millrace_now(),
  lease_until timestamptz NOT NULL
);

ALTER TABLE tenant_restore ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_restore FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON tenant_restore TO millrace_owner USING (true) WITH CHECK (true);

-- True for a name that a tenant had that is gone; see 0038.
CREATE FUNCTION tenant_slug_gone(p_slug text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT false';

-- Begins to bring a tenant back, or begins again where the lease of the one who did has run out:
-- begun, again, busy, exists (such a tenant is there), deleted (it was, and its name is not given again).
CREATE FUNCTION restore_begin(p_slug text, p_by text, p_lease_ms double precision)
RETURNS TABLE (outcome text, draft_id int, number int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_until timestamptz := millrace_now() + p_lease_ms * interval '1 millisecond';
  v_former tenant_restore;
BEGIN
  -- Whoever is making a tenant at this moment is waited for; see tenant_name_taken.
  PERFORM pg_advisory_xact_lock(hashtextextended('millrace tenant names', 0));
  SELECT * INTO v_former FROM tenant_restore WHERE slug = p_slug FOR UPDATE;
  outcome := CASE
    WHEN EXISTS (SELECT FROM tenant WHERE slug = p_slug) THEN 'exists'
    WHEN tenant_slug_gone(p_slug) THEN 'deleted'
    WHEN v_former.lease_until > millrace_now() THEN 'busy'
    WHEN v_former.slug IS NOT NULL THEN 'again' ELSE 'begun' END;
  IF outcome = 'begun' THEN
    INSERT INTO tenant (slug, state) VALUES ('~' || p_slug, 'suspended') RETURNING id INTO draft_id;
    INSERT INTO tenant_restore AS r (slug, draft_id, begun_by, lease_until)
    VALUES (p_slug, draft_id, p_by, v_until) RETURNING r.number INTO number;
  ELSIF outcome = 'again' THEN
    UPDATE tenant_restore r SET number = r.number + 1, begun_by = p_by, lease_until = v_until
    WHERE r.slug = p_slug RETURNING r.draft_id, r.number INTO draft_id, number;
  END IF;
  RETURN NEXT;
END
$$;

-- Takes over, or lets go with 0 ms; false: another process has it.
CREATE FUNCTION restore_keep(p_slug text, p_number int, p_lease_ms double precision) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE tenant_restore SET lease_until = millrace_now() + p_lease_ms * interval '1 millisecond'
  WHERE slug = p_slug AND number = p_number;
  RETURN FOUND;
END
$$;

-- Gives up a restore whose rows have been removed: its name is free again. False: it is not ours.
CREATE FUNCTION restore_abandon(p_slug text, p_number int) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_id int;
BEGIN
  DELETE FROM tenant_restore WHERE slug = p_slug AND number = p_number RETURNING draft_id INTO v_id;
  DELETE FROM tenant WHERE id = v_id;
  RETURN v_id IS NOT NULL;
END
$$;

-- A row as it comes back: what was open is closed, what fires by itself stands still.
CREATE FUNCTION restore_row(p_table text, p_slug text, p_row jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT CASE
    WHEN p_table = 'file' THEN p_row || jsonb_build_object('path', p_slug || '/' || (p_row ->> 'path'))
    WHEN p_table = 'task' AND p_row ->> 'state' IN ('waiting', 'ready', 'running') THEN
      p_row - '{lease_owner,lease_until,deadline_at,run_after}'::text[] || jsonb_build_object(
        'state', 'cancelled', 'ended_at', millrace_now(), 'callback', false, 'parked', false,
        'error', jsonb_build_object('code', 'task-not-restored',
          'details', jsonb_build_object('state', p_row -> 'state', 'dataset', p_row -> 'dataset')))
    WHEN p_table = 'attempt' AND p_row ->> 'state' = 'running' THEN
      p_row || jsonb_build_object('state', 'lost', 'ended_at', millrace_now())
    WHEN p_table = 'erasure' THEN p_row || '{"next_at": "infinity"}'
    WHEN p_table = 'trigger' THEN p_row - '{next_at,due_at}'::text[]
      || jsonb_build_object('paused_at', coalesce(p_row ->> 'paused_at', millrace_now()::text),
        'paused_by', coalesce(p_row ->> 'paused_by', 'restore'))
    WHEN p_table = 'trigger_firing' AND p_row ->> 'state' IN ('queued', 'started') THEN
      p_row || '{"state": "skipped", "detail": "its tenant was restored from an archive"}'
    WHEN p_table = 'task_callback' AND p_row ->> 'state' = 'waiting' THEN
      p_row || '{"state": "given-up", "error": "its tenant was restored from an archive"}'
    ELSE p_row END
$$;

-- Inserts rows as archive_read gave them. Returns how many; null: another process has taken over.
CREATE FUNCTION restore_rows(p_slug text, p_number int, p_table text, p_columns text[], p_rows jsonb)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenant int;
  v_key text;
  v_names text;
  v_values text;
  v_rows int;
BEGIN
  SELECT draft_id INTO v_tenant FROM tenant_restore
  WHERE slug = p_slug AND number = p_number FOR SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT key INTO v_key FROM jsonb_array_elements(p_rows) AS r (value), jsonb_object_keys(r.value) AS key
  WHERE key <> ALL (p_columns) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'it names "%", which is no column of its table', v_key
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT string_agg(format('%I', name), ', ' ORDER BY place), string_agg(CASE
      WHEN type IN ('json', 'jsonb') THEN format('(value -> %L)::%s', name, type)
      ELSE format('(value ->> %L)::%s', name, type) END, ', ' ORDER BY place)
  INTO v_names, v_values FROM archive_columns(p_table, p_columns);
  EXECUTE format(
    'INSERT INTO %I (tenant_id, %s) OVERRIDING SYSTEM VALUE SELECT $1, %s
     FROM (SELECT restore_row($2, $3, r.value) AS value FROM jsonb_array_elements($4) AS r (value)) AS r',
    (SELECT name FROM archive_tables() WHERE name = p_table), v_names, v_values)
  USING v_tenant, p_table, p_slug, p_rows;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END
$$;

-- Numbers that rows brought along are not given again: every sequence goes beyond them, by nextval where
-- it is near, for setval would take back what others take at the same moment.
CREATE FUNCTION restore_pass(p_sequence regclass, p_newest bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_next bigint := nextval(p_sequence);
BEGIN
  IF p_newest > 100000000000000 THEN
    RAISE EXCEPTION 'it brings the number %, which is too large', p_newest
      USING ERRCODE = 'numeric_value_out_of_range';
  END IF;
  IF p_newest - v_next BETWEEN 0 AND 10000 THEN
    PERFORM nextval(p_sequence) FROM generate_series(v_next, p_newest);
  ELSIF p_newest > v_next THEN
    PERFORM setval(p_sequence, p_newest + 1000000);
  END IF;
END
$$;

-- The end of a restore: everything becomes visible. p_tenant: columns of the tenant's own row.
CREATE FUNCTION restore_finish(p_slug text, p_number int, p_tenant jsonb, p_actor text, p_detail text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_id int;
  v_now timestamptz := millrace_now();
  v_table text;
  v_column text;
  v_newest bigint;
  v_sets text;
BEGIN
  DELETE FROM tenant_restore WHERE slug = p_slug AND number = p_number RETURNING draft_id INTO v_id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE run_dataset d SET cancelled = d.cancelled + c.tasks, cancelled_waiting = d.cancelled_waiting + c.waiting
  FROM (
    SELECT t.run_id, t.dataset, count(*)::int AS tasks,
      (count(*) FILTER (WHERE t.error -> 'details' ->> 'state' = 'waiting'))::int AS waiting
    FROM run r JOIN task t ON t.tenant_id = v_id AND t.run_id = r.id
    WHERE r.tenant_id = v_id AND r.state = 'running' AND t.error ->> 'code' = 'task-not-restored'
    GROUP BY 1, 2) AS c
  WHERE d.tenant_id = v_id AND d.run_id = c.run_id AND d.dataset = c.dataset;
  UPDATE run SET state = 'cancelled', open = 0, ended_at = v_now,
    cancel_requested_at = coalesce(cancel_requested_at, v_now)
  WHERE tenant_id = v_id AND state = 'running';

  UPDATE erasure SET next_at = v_now WHERE tenant_id = v_id AND state <> 'done';

  FOR v_table, v_column IN
    SELECT c.relname, a.attname FROM archive_tables() k
    JOIN pg_class c ON c.relname = k.name AND c.relnamespace = 'millrace'::regnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
  LOOP
    EXECUTE format('SELECT max(%I) FROM %I WHERE tenant_id = $1', v_column, v_table)
    INTO v_newest USING v_id;
    PERFORM restore_pass(pg_get_serial_sequence(format('millrace.%I', v_table), v_column)::regclass, v_newest)
    WHERE v_newest IS NOT NULL;
  END LOOP;
  SELECT max(id) INTO v_newest FROM task WHERE tenant_id = v_id;
  PERFORM restore_pass('task_id', v_newest) WHERE v_newest IS NOT NULL;
  SELECT greatest((SELECT max(fence) FROM version WHERE tenant_id = v_id),
    (SELECT max(fence) FROM attempt WHERE tenant_id = v_id)) INTO v_newest;
  PERFORM restore_pass('fence', v_newest) WHERE v_newest IS NOT NULL;

  SELECT string_agg(format('%I = (CASE WHEN $1 ? %L THEN %s END)::%s', a.attname, a.attname,
      format(CASE WHEN format_type(a.atttypid, -1) = 'jsonb' THEN '$1 -> %L' ELSE '$1 ->> %L' END, a.attname),
      format_type(a.atttypid, a.atttypmod)), ', ')
  INTO v_sets FROM pg_attribute a
  WHERE a.attrelid = 'tenant'::regclass AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attname NOT IN ('id', 'slug') AND p_tenant ? a.attname;
  EXECUTE format('UPDATE tenant SET slug = $2, %s WHERE id = $3', v_sets) USING p_tenant, p_slug, v_id;
  INSERT INTO tenant_turn (tenant_id, halted) SELECT id, state <> 'active' FROM tenant WHERE id = v_id
  ON CONFLICT (tenant_id) DO UPDATE SET halted = excluded.halted;
  INSERT INTO audit (tenant_id, actor, action, detail) VALUES (v_id, p_actor, 'tenants.restore', p_detail);
  RETURN true;
END
$$;

GRANT EXECUTE ON FUNCTION
  restore_begin(text, text, double precision), restore_keep(text, int, double precision),
  restore_abandon(text, int),
  restore_rows(text, int, text, text[], jsonb), restore_finish(text, int, jsonb, text, text)
TO millrace_system;
