-- 0029: cells. A tenant in a cell has its data in a catalog and a lake of its own; this catalog is
-- then the directory: it holds who may come in, and where the data lie. Breaks nothing.

CREATE TABLE cell (
  name text COLLATE "C" PRIMARY KEY,
  -- Address of its database, sealed; null: embedded, in a folder of the home.
  address text,
  -- The address without its password, for lists.
  place text NOT NULL,
  -- Folder or `s3://…`; null: in the home.
  lake text,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- When somebody must look into it: something is due then, or has just been asked for.
  due_at timestamptz NOT NULL DEFAULT 'infinity',
  -- The process that does its work, and until when that is believed without a sign of it.
  holder text COLLATE "C",
  held_until timestamptz,
  CHECK ((holder IS NULL) = (held_until IS NULL))
) WITH (fillfactor = 50);
COMMENT ON COLUMN cell.address IS 'sealed by name';
CREATE INDEX cell_due ON cell (due_at);

CREATE TABLE cell_tenant (
  tenant_id int PRIMARY KEY REFERENCES tenant (id) ON DELETE CASCADE,
  cell text COLLATE "C" NOT NULL REFERENCES cell (name),
  -- How often the tenant's row has changed here, and which of these changes its cell knows.
  changed bigint NOT NULL DEFAULT 1,
  known bigint NOT NULL DEFAULT 0
);
CREATE INDEX cell_tenant_cell ON cell_tenant (cell);
CREATE INDEX cell_tenant_changed ON cell_tenant (cell) WHERE changed > known;
SELECT protect_tenant_table('cell_tenant');

-- What this catalog is: a directory, or a cell of one.
CREATE TABLE cell_mark (
  id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  directory uuid NOT NULL,
  -- Null: it is the directory.
  cell text COLLATE "C"
);

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['cell', 'cell_mark']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY owner ON %s TO millrace_owner USING (true) WITH CHECK (true)', v_table);
  END LOOP;
END
$$;

-- Of the directory.

-- False where the name is taken.
CREATE FUNCTION cell_create(p_name text, p_address text, p_place text, p_lake text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO cell (name, address, place, lake)
  VALUES (p_name, p_address, p_place, p_lake) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END
$$;

-- One by its name, or all behind p_after, by name.
CREATE FUNCTION cell_list(p_name text, p_after text, p_limit int)
RETURNS TABLE (
  name text, place text, lake text, created_at timestamptz, tenants int,
  due_at timestamptz, holder text, held_until timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT c.name, c.place, c.lake, c.created_at,
    (SELECT count(*)::int FROM cell_tenant t WHERE t.cell = c.name),
    nullif(c.due_at, 'infinity'), h.holder, h.held_until
  FROM cell c
  LEFT JOIN LATERAL (SELECT c.holder, c.held_until WHERE c.held_until > millrace_now()) AS h ON true
  WHERE (p_name IS NULL OR c.name = p_name) AND (p_after IS NULL OR c.name > p_after)
  ORDER BY c.name LIMIT p_limit
$$;

CREATE FUNCTION cell_open(p_name text) RETURNS TABLE (address text, place text, lake text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT c.address, c.place, c.lake FROM cell c WHERE c.name = p_name
$$;

-- Where a tenant's data lie (null: here), whether the cell knows the tenant as it is now, and whether
-- any tenant's data lie elsewhere.
CREATE FUNCTION cell_of(p_tenant int) RETURNS TABLE (cell text, is_known boolean, some_are boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.cell, t.known = t.changed, EXISTS (SELECT FROM cell_tenant)
  FROM (SELECT) AS always LEFT JOIN cell_tenant t ON t.tenant_id = p_tenant
$$;

-- Tenants of a cell behind p_after, by number.
CREATE FUNCTION cell_tenants(p_cell text, p_after int, p_limit int)
RETURNS TABLE (id int, slug text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.id, t.slug FROM cell_tenant c JOIN tenant t ON t.id = c.tenant_id
  WHERE c.cell = p_cell AND t.id > p_after ORDER BY t.id LIMIT p_limit
$$;

-- Puts a tenant that has no data yet into a cell: `placed`, `elsewhere` (it is in another), `used` (it
-- has data here, which would be left behind) or `unknown` (there is no such cell).
CREATE FUNCTION cell_put_tenant(p_tenant int, p_cell text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_cell text;
BEGIN
  -- Whoever starts a run refers to this row, and so waits for the end of this transaction.
  PERFORM FROM tenant WHERE id = p_tenant FOR UPDATE;
  SELECT cell INTO v_cell FROM cell_tenant WHERE tenant_id = p_tenant;
  IF FOUND THEN
    RETURN CASE WHEN v_cell = p_cell THEN 'placed' ELSE 'elsewhere' END;
  END IF;
  IF EXISTS (SELECT FROM source_option WHERE tenant_id = p_tenant)
    OR EXISTS (SELECT FROM run WHERE tenant_id = p_tenant)
    OR EXISTS (SELECT FROM task WHERE tenant_id = p_tenant)
    OR EXISTS (SELECT FROM version WHERE tenant_id = p_tenant)
    OR EXISTS (SELECT FROM trigger WHERE tenant_id = p_tenant AND kind <> 'freshness')
  THEN
    RETURN 'used';
  END IF;
  IF NOT EXISTS (SELECT FROM cell WHERE name = p_cell) THEN
    RETURN 'unknown';
  END IF;
  INSERT INTO cell_tenant (tenant_id, cell) VALUES (p_tenant, p_cell);
  PERFORM cell_wake(p_cell);
  RETURN 'placed';
END
$$;

-- What is said of a tenant here (its state, its packs, how long things are kept) holds in its cell, too.
CREATE FUNCTION cell_note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_cell text;
BEGIN
  UPDATE cell_tenant SET changed = changed + 1 WHERE tenant_id = NEW.id RETURNING cell INTO v_cell;
  IF FOUND THEN
    PERFORM cell_wake(v_cell);
  END IF;
  RETURN NULL;
END
$$;
-- A publish changes nothing but the commit number.
CREATE TRIGGER cell_note_change AFTER UPDATE ON tenant FOR EACH ROW
  WHEN (OLD.last_commit = NEW.last_commit) EXECUTE FUNCTION cell_note_change();

-- Tenants of which these cells do not know the latest; their rows as they are now.
CREATE FUNCTION cell_changes(p_cells text[], p_limit int)
RETURNS TABLE (cell text, changed bigint, tenant jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT c.cell, c.changed, to_jsonb(t) FROM cell_tenant c JOIN tenant t ON t.id = c.tenant_id
  WHERE c.cell = ANY (p_cells) AND c.changed > c.known LIMIT p_limit
$$;

CREATE FUNCTION cell_note_known(p_tenant int, p_changed bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE cell_tenant SET known = greatest(known, p_changed) WHERE tenant_id = p_tenant
$$;

-- In depth: no data of a tenant that is in a cell come to lie here, whatever asks for it.
CREATE FUNCTION cell_refuse() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_cell text;
BEGIN
  SELECT cell INTO v_cell FROM cell_tenant WHERE tenant_id = NEW.tenant_id;
  IF FOUND THEN
    RAISE EXCEPTION 'tenant % has its data in cell %, not here', NEW.tenant_id, v_cell
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER cell_refuse BEFORE INSERT ON run FOR EACH ROW EXECUTE FUNCTION cell_refuse();
CREATE TRIGGER cell_refuse BEFORE INSERT ON source_option FOR EACH ROW EXECUTE FUNCTION cell_refuse();
CREATE TRIGGER cell_refuse BEFORE INSERT ON trigger FOR EACH ROW
  WHEN (NEW.kind <> 'freshness') EXECUTE FUNCTION cell_refuse();
CREATE TRIGGER cell_refuse BEFORE INSERT ON backfill_tenant FOR EACH ROW EXECUTE FUNCTION cell_refuse();

-- Somebody has asked for something in it: whoever does its work looks now.
CREATE FUNCTION cell_wake(p_name text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE cell SET due_at = millrace_now() WHERE name = p_name AND due_at > millrace_now()
$$;

-- Takes cells that are due and that nobody holds.
CREATE FUNCTION cell_take(p_holder text, p_hold_ms double precision, p_max int) RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE cell SET holder = p_holder, held_until = millrace_now() + p_hold_ms * interval '1 millisecond'
  WHERE name IN (
    SELECT name FROM cell
    WHERE due_at <= millrace_now() AND (held_until IS NULL OR held_until <= millrace_now())
    ORDER BY due_at LIMIT p_max FOR UPDATE SKIP LOCKED)
  RETURNING name
$$;

-- Takes or keeps one cell, due or not; false: another process holds it.
CREATE FUNCTION cell_hold(p_name text, p_holder text, p_hold_ms double precision) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE cell SET holder = p_holder, held_until = millrace_now() + p_hold_ms * interval '1 millisecond'
  WHERE name = p_name
    AND (holder IS NULL OR holder = p_holder OR held_until <= millrace_now());
  RETURN FOUND;
END
$$;

-- Before the holder looks for what is due next: what is asked for from now on counts again.
CREATE FUNCTION cell_settle(p_name text, p_holder text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE cell SET due_at = 'infinity' WHERE name = p_name AND holder = p_holder
$$;

-- Lets go of it; the next look is in p_next_ms, or when somebody asks for something.
CREATE FUNCTION cell_release(p_name text, p_holder text, p_next_ms double precision) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE cell SET holder = NULL, held_until = NULL,
    due_at = least(due_at, millrace_now() + p_next_ms * interval '1 millisecond')
  WHERE name = p_name AND holder = p_holder
$$;

-- Nobody holds any: for the one process that can be at work in an embedded home, when it starts.
CREATE FUNCTION cell_free_all() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE cell SET holder = NULL, held_until = NULL, due_at = millrace_now() WHERE holder IS NOT NULL
$$;

-- Those of the tenants whose data lie in cells.
CREATE FUNCTION cell_among(p_tenants int[]) RETURNS SETOF int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT tenant_id FROM cell_tenant WHERE tenant_id = ANY (p_tenants)
$$;

-- Of any catalog.

CREATE FUNCTION cell_mark_of() RETURNS TABLE (directory uuid, cell text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT directory, cell FROM cell_mark
$$;

-- Makes this catalog a directory (p_directory and p_cell are null), or an empty one a cell of the
-- given directory; what it is already stays. Returns nothing for one with tenants, which is no cell.
CREATE FUNCTION cell_mark_as(p_directory uuid, p_cell text) RETURNS TABLE (directory uuid, cell text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO cell_mark (directory, cell)
  SELECT coalesce(p_directory, gen_random_uuid()), p_cell
  WHERE p_cell IS NULL OR NOT EXISTS (SELECT FROM tenant)
  ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT m.directory, m.cell FROM cell_mark m;
END
$$;

-- Of a cell.

-- Makes the tenant what the directory's row says, its commit numbers apart. Null: another tenant has
-- its number or its name; else the state that it had here.
CREATE FUNCTION cell_take_over(p_tenant jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_id int := (p_tenant ->> 'id')::int;
  v_slug text := p_tenant ->> 'slug';
  v_columns text;
  v_former text;
BEGIN
  INSERT INTO tenant (id, slug) OVERRIDING SYSTEM VALUE VALUES (v_id, v_slug) ON CONFLICT DO NOTHING;
  SELECT to_jsonb(t) ->> 'state' INTO v_former FROM tenant t WHERE t.id = v_id AND t.slug = v_slug;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO tenant_turn (tenant_id) VALUES (v_id) ON CONFLICT DO NOTHING;
  -- Whoever changes a state does more than that: see mirror-tenants.ts.
  SELECT string_agg(format('%1$I = given.%1$I', attname), ', ') INTO v_columns FROM pg_attribute
  WHERE attrelid = 'tenant'::regclass AND attnum > 0 AND NOT attisdropped
    AND attname NOT IN ('id', 'slug', 'created_at', 'last_commit', 'state', 'state_reason', 'state_since');
  EXECUTE 'UPDATE tenant t SET ' || v_columns ||
    ' FROM jsonb_populate_record(NULL::tenant, $1) AS given WHERE t.id = given.id' USING p_tenant;
  RETURN coalesce(v_former, '');
END
$$;

-- Milliseconds until something has to be done by itself: a task is due or loses its lease, a trigger
-- fires, a callback is sent; null: nothing is foreseen.
CREATE FUNCTION cell_next_due() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT least(queue_next_wake(), queue_next_ready(), trigger_next_wake(), callbacks_next_wake())
$$;

-- Both said 0 where nothing is foreseen, for greatest() passes over null: whoever waits for them never
-- slept.
CREATE OR REPLACE FUNCTION trigger_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT min(next_at) AS at FROM trigger WHERE next_at IS NOT NULL) AS due
  WHERE due.at IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION callbacks_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM due.at - millrace_now()) * 1000)::double precision
  FROM (SELECT min(next_at) AS at FROM task_callback WHERE state = 'waiting') AS due
  WHERE due.at IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION
  cell_create(text, text, text, text), cell_list(text, text, int), cell_open(text), cell_of(int),
  cell_changes(text[], int), cell_note_known(int, bigint),
  cell_tenants(text, int, int), cell_put_tenant(int, text), cell_wake(text),
  cell_take(text, double precision, int), cell_hold(text, text, double precision),
  cell_settle(text, text), cell_release(text, text, double precision), cell_free_all(), cell_among(int[]),
  cell_mark_of(), cell_mark_as(uuid, text), cell_take_over(jsonb), cell_next_due()
TO millrace_system;
