-- 0038: the end of a tenant, with proof; members in archives. Breaks nothing.

-- Members travel by address and role, never with what they sign in with. Those that the tenant's own
-- provider vouches for have to come through it again, so that nobody is taken for another one.
CREATE FUNCTION archive_members()
RETURNS TABLE (email text, name text, role text, created_at timestamptz, at_home boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT u.email, u.name, m.role, m.created_at, u.home_tenant IS NOT NULL
  FROM membership m JOIN user_account u ON u.id = m.user_id
  WHERE m.tenant_id = millrace_tenant() AND u.disabled_at IS NULL ORDER BY u.email
$$;
GRANT EXECUTE ON FUNCTION archive_members() TO millrace_app;

-- p_members: [{id, email, name, role, created_at}]; id is that of a new account where the address has
-- none: it has no password, so its owner proves the address first. Null: another process has taken over.
CREATE FUNCTION restore_members(p_slug text, p_number int, p_members jsonb) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenant int;
  v_rows int;
BEGIN
  SELECT draft_id INTO v_tenant FROM tenant_restore
  WHERE slug = p_slug AND number = p_number FOR SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO user_account (id, email, name)
  SELECT m.id, m.email, m.name FROM jsonb_to_recordset(p_members) AS m (id text, email text, name text)
  WHERE NOT EXISTS (SELECT FROM user_account u WHERE u.email = m.email AND u.home_tenant IS NULL);
  INSERT INTO membership (tenant_id, user_id, role, created_at, invited_by)
  SELECT v_tenant, u.id, m.role, m.created_at, 'restore'
  FROM jsonb_to_recordset(p_members) AS m (email text, role text, created_at timestamptz)
  JOIN user_account u ON u.email = m.email AND u.home_tenant IS NULL;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END
$$;
GRANT EXECUTE ON FUNCTION restore_members(text, int, jsonb) TO millrace_system;


-- Whoever was erased since the archive was made is erased of the restored tenant, too, where the tenant
-- that it comes from is here: rules with the same key speak of the same subjects. Returns how many
-- subjects are erased in all; null: another process has taken over.
CREATE FUNCTION restore_erased(p_slug text, p_number int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_tenant int;
BEGIN
  SELECT draft_id INTO v_tenant FROM tenant_restore
  WHERE slug = p_slug AND number = p_number FOR SHARE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  INSERT INTO subject_rule AS r (tenant_id, kind, hash, state, bytes, since)
  SELECT DISTINCT ON (e.kind, e.hash) v_tenant, e.kind, e.hash, e.state, e.bytes, e.since
  FROM subject_key own
  JOIN subject_key other ON other.key = own.key AND other.tenant_id <> own.tenant_id
  JOIN subject_rule e ON e.tenant_id = other.tenant_id AND e.state = 'erased'
  WHERE own.tenant_id = v_tenant ORDER BY e.kind, e.hash, e.since
  ON CONFLICT (tenant_id, kind, hash) DO UPDATE
  SET state = excluded.state, value = NULL, since = excluded.since WHERE r.state <> 'erased';
  RETURN (SELECT count(*)::int FROM subject_rule WHERE tenant_id = v_tenant AND state = 'erased');
END
$$;
GRANT EXECUTE ON FUNCTION restore_erased(text, int) TO millrace_system;

-- A restore that nobody has gone on with for so long, leased to whoever clears it away.
CREATE FUNCTION restore_lapsed(p_idle_ms double precision, p_lease_ms double precision)
RETURNS TABLE (slug text, draft_id int, number int)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE tenant_restore r
  SET number = r.number + 1, lease_until = millrace_now() + p_lease_ms * interval '1 millisecond'
  WHERE r.slug = (
    SELECT l.slug FROM tenant_restore l
    WHERE l.lease_until <= millrace_now() - p_idle_ms * interval '1 millisecond'
    ORDER BY l.lease_until LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING r.slug, r.draft_id, r.number
$$;
GRANT EXECUTE ON FUNCTION restore_lapsed(double precision, double precision) TO millrace_system;

-- The end of a tenant, and its proof, which outlives it.
-- waiting (suspended, may be withdrawn) → removing → done
CREATE TABLE tenant_deletion (
  slug text COLLATE "C" PRIMARY KEY,
  former_id int NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'removing', 'done')),
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT millrace_now(),
  due_at timestamptz NOT NULL,
  -- State of the tenant before, for a withdrawal.
  tenant_before jsonb NOT NULL,
  number int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  begun_at timestamptz,
  ended_at timestamptz,
  -- Rows by table, when removing began and at the end; tables that had none are left out.
  rows_before jsonb,
  rows_after jsonb,
  -- What lay in the lake when removing began.
  files bigint,
  bytes bigint,
  -- Where its audit log ended: number and hash of the last row.
  audit_seq bigint,
  audit_hash text
);
CREATE INDEX tenant_deletion_open ON tenant_deletion (due_at) WHERE state <> 'done';

ALTER TABLE tenant_deletion ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_deletion FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON tenant_deletion TO millrace_owner USING (true) WITH CHECK (true);

CREATE OR REPLACE FUNCTION tenant_slug_gone(p_slug text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM tenant_deletion WHERE slug = p_slug AND state = 'done')
$$;

-- Names of tenants that are gone or on their way back are taken: whoever inserts one finds it so.
CREATE FUNCTION tenant_name_taken() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('millrace tenant names', 0));
  IF EXISTS (SELECT FROM tenant_deletion WHERE slug = NEW.slug)
    OR EXISTS (SELECT FROM tenant_restore WHERE slug = NEW.slug)
  THEN
    RETURN NULL;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER name_taken BEFORE INSERT ON tenant FOR EACH ROW EXECUTE FUNCTION tenant_name_taken();

-- True for whoever restores or deletes that tenant at this moment.
CREATE FUNCTION archive_is_ours(p_tenant int, p_number int) RETURNS boolean LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM tenant_restore WHERE draft_id = p_tenant AND number = p_number FOR SHARE)
    OR EXISTS (SELECT FROM tenant_deletion
      WHERE former_id = p_tenant AND number = p_number AND state = 'removing' FOR SHARE)
$$;

-- Removes some rows of a tenant that is being removed. Returns how many; null: it is not ours.
CREATE FUNCTION archive_remove(p_tenant int, p_number int, p_table text, p_max int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_rows int;
BEGIN
  IF NOT archive_is_ours(p_tenant, p_number)
    OR NOT EXISTS (SELECT FROM archive_tables() WHERE name = p_table)
  THEN
    RETURN NULL;
  END IF;
  IF p_table = 'queue_limit' THEN
    DELETE FROM queue_rate r USING queue_limit l WHERE l.tenant_id = p_tenant AND r.limit_id = l.id;
  END IF;
  IF p_table = 'membership' THEN
    -- Accounts that are for nothing else go with the tenant, and what was written to them; of a restore
    -- that was given up only those that it has made.
    WITH gone AS (
      DELETE FROM user_account u
      WHERE NOT u.is_operator AND u.id IN (SELECT user_id FROM membership WHERE tenant_id = p_tenant)
        AND NOT EXISTS (SELECT FROM membership o WHERE o.user_id = u.id AND o.tenant_id <> p_tenant)
        AND NOT EXISTS (SELECT FROM tenant_restore r WHERE r.draft_id = p_tenant
          AND (u.created_at < r.begun_at OR u.password IS NOT NULL OR u.signed_in_at IS NOT NULL))
      RETURNING u.email)
    DELETE FROM mail WHERE tenant_id IS NULL AND recipient IN (SELECT email FROM gone);
  END IF;
  EXECUTE format(
    'DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE tenant_id = $1 LIMIT $2))',
    p_table) USING p_tenant, p_max;
  GET DIAGNOSTICS v_rows = ROW_COUNT;
  RETURN v_rows;
END
$$;

-- Rows of a tenant, by table; without those that have none.
CREATE FUNCTION archive_count(p_tenant int) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_table text;
  v_rows bigint;
  v_counts jsonb := '{}';
BEGIN
  FOR v_table IN SELECT name FROM archive_tables() LOOP
    EXECUTE format('SELECT count(*) FROM %I WHERE tenant_id = $1', v_table) INTO v_rows USING p_tenant;
    IF v_rows > 0 THEN
      v_counts := v_counts || jsonb_build_object(v_table, v_rows);
    END IF;
  END LOOP;
  RETURN v_counts;
END
$$;


-- Asks for the end of a tenant; asked again while it waits, the new time counts. Null: no such tenant.
CREATE FUNCTION deletion_ask(p_tenant int, p_by text, p_grace_ms double precision) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_due timestamptz := millrace_now() + p_grace_ms * interval '1 millisecond';
  v_slug text;
BEGIN
  INSERT INTO tenant_deletion AS d (slug, former_id, asked_by, due_at, tenant_before)
  SELECT slug, id, p_by, v_due, jsonb_build_object('state', state, 'reason', state_reason)
  FROM tenant WHERE id = p_tenant
  ON CONFLICT (slug) DO UPDATE
  SET asked_by = p_by, asked_at = millrace_now(), due_at = v_due WHERE d.state = 'waiting'
  RETURNING slug INTO v_slug;
  IF v_slug IS NOT NULL THEN
    PERFORM tenant_set_state(p_tenant, 'deleting', 'it is about to be deleted, asked by ' || p_by);
  END IF;
  RETURN v_slug;
END
$$;

-- Takes the request back while it waits. Returns the state that the tenant had; null: too late.
CREATE FUNCTION deletion_withdraw(p_tenant int) RETURNS TABLE (state text, reason text)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  DELETE FROM tenant_deletion WHERE former_id = p_tenant AND state = 'waiting'
  RETURNING tenant_before ->> 'state', tenant_before ->> 'reason'
$$;

-- Takes one that is due (that of p_slug, or any), once nothing of it is at work: what runs is told to stop.
CREATE FUNCTION deletion_claim(p_slug text, p_lease_ms double precision)
RETURNS TABLE (slug text, former_id int, number int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_due tenant_deletion;
BEGIN
  FOR v_due IN
    SELECT * FROM tenant_deletion d
    WHERE d.state <> 'done' AND d.due_at <= v_now AND (d.lease_until IS NULL OR d.lease_until <= v_now)
      AND (p_slug IS NULL OR d.slug = p_slug)
    ORDER BY d.due_at FOR UPDATE SKIP LOCKED
  LOOP
    UPDATE task t SET cancel_requested = true
    WHERE t.tenant_id = v_due.former_id AND t.state = 'running' AND NOT t.cancel_requested;
    CONTINUE WHEN EXISTS (SELECT FROM task t
      WHERE t.tenant_id = v_due.former_id AND t.state = 'running' AND t.lease_until > v_now);
    RETURN QUERY
      UPDATE tenant_deletion d
      SET state = 'removing', number = d.number + 1, begun_at = coalesce(d.begun_at, v_now),
        lease_until = v_now + p_lease_ms * interval '1 millisecond',
        rows_before = coalesce(d.rows_before, archive_count(d.former_id)),
        audit_seq = coalesce(d.audit_seq,
          (SELECT a.seq FROM audit_head a WHERE a.tenant_id = v_due.former_id)),
        audit_hash = coalesce(d.audit_hash,
          (SELECT encode(a.hash, 'hex') FROM audit_head a WHERE a.tenant_id = v_due.former_id))
      WHERE d.slug = v_due.slug RETURNING d.slug, d.former_id, d.number;
    RETURN;
  END LOOP;
END
$$;

-- Keeps the lease, and notes what lay in the lake where nobody has yet; false: another process has taken over.
CREATE FUNCTION deletion_keep(
  p_slug text, p_number int, p_lease_ms double precision, p_files bigint, p_bytes bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE tenant_deletion SET files = coalesce(files, p_files), bytes = coalesce(bytes, p_bytes),
    lease_until = millrace_now() + p_lease_ms * interval '1 millisecond'
  WHERE slug = p_slug AND number = p_number AND state = 'removing';
  RETURN FOUND;
END
$$;

-- The tenant's own row goes last, with the proof in its place. Returns the rows that came meanwhile, by
-- table, and changes nothing then; null: it is not ours.
CREATE FUNCTION deletion_finish(p_slug text, p_number int) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_id int;
  v_left jsonb;
BEGIN
  SELECT former_id INTO v_id FROM tenant_deletion
  WHERE slug = p_slug AND number = p_number AND state = 'removing' FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_left := archive_count(v_id);
  IF v_left = '{}' THEN
    DELETE FROM tenant WHERE id = v_id;
    UPDATE tenant_deletion
    SET state = 'done', rows_after = v_left, ended_at = millrace_now(), lease_until = NULL
    WHERE slug = p_slug;
  END IF;
  RETURN v_left;
END
$$;

-- Deletions by slug after p_after, or that of one slug.
CREATE FUNCTION deletion_list(p_slug text, p_after text, p_most int) RETURNS SETOF tenant_deletion
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT * FROM tenant_deletion
  WHERE (p_slug IS NULL OR slug = p_slug) AND slug > p_after ORDER BY slug LIMIT p_most
$$;

GRANT EXECUTE ON FUNCTION
  archive_remove(int, int, text, int), archive_count(int), deletion_ask(int, text, double precision),
  deletion_withdraw(int), deletion_claim(text, double precision),
  deletion_keep(text, int, double precision, bigint, bigint), deletion_finish(text, int),
  deletion_list(text, text, int)
TO millrace_system;
