-- 0023: people: accounts, sessions, memberships, roles. Breaks nothing.
--
-- Accounts and sessions belong to no tenant: no role sees the tables, millrace_system calls functions.

CREATE TABLE user_account (
  id text COLLATE "C" PRIMARY KEY,
  -- As model/email.ts writes it, so that one address is one account.
  email text COLLATE "C" NOT NULL UNIQUE,
  name text NOT NULL,
  -- PHC string; null: signs in by other means only.
  password text,
  -- Shared secret of the one-time codes, sealed; it counts from totp_at on.
  totp text,
  totp_at timestamptz,
  -- Step of the newest code that was used: none up to it works again.
  totp_step bigint NOT NULL DEFAULT 0,
  -- Hashes of the recovery codes that are left.
  recovery text[] NOT NULL DEFAULT '{}',
  is_operator boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  signed_in_at timestamptz,
  disabled_at timestamptz
) WITH (fillfactor = 80);
COMMENT ON COLUMN user_account.totp IS 'sealed by id';
CREATE INDEX user_account_operator ON user_account (id) WHERE is_operator;

CREATE TABLE user_session (
  id text COLLATE "C" PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  user_id text COLLATE "C" NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  -- Null: in every tenant of the user; else in this one only (its own sign-on has let them in).
  only_tenant int REFERENCES tenant (id) ON DELETE CASCADE,
  last_tenant int REFERENCES tenant (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- Exact to the minute.
  seen_at timestamptz NOT NULL DEFAULT millrace_now(),
  expires_at timestamptz NOT NULL,
  idle interval NOT NULL,
  address text,
  agent text,
  ended_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX user_session_user ON user_session (user_id, created_at);
CREATE INDEX user_session_tenant ON user_session (last_tenant);
CREATE INDEX user_session_only ON user_session (only_tenant) WHERE only_tenant IS NOT NULL;

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['user_account', 'user_session']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY owner ON %s TO millrace_owner USING (true) WITH CHECK (true)', v_table);
  END LOOP;
END
$$;

-- Roles that a tenant has made beside viewer, analyst, admin and owner.
CREATE TABLE role (
  tenant_id int NOT NULL REFERENCES tenant (id),
  name text COLLATE "C" NOT NULL CHECK (name NOT IN ('viewer', 'analyst', 'admin', 'owner')),
  permissions text[] NOT NULL
    CHECK (permissions <@ ARRAY['read', 'export', 'write', 'run', 'admin']),
  -- As in model/access.ts; null: all of it.
  access jsonb,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  created_by text NOT NULL,
  PRIMARY KEY (tenant_id, name)
);
SELECT protect_tenant_table('role');
GRANT SELECT, INSERT, UPDATE (permissions, access), DELETE ON role TO millrace_app;

CREATE TABLE membership (
  tenant_id int NOT NULL REFERENCES tenant (id),
  user_id text COLLATE "C" NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  role text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- Who asked them in, as in the audit log.
  invited_by text,
  PRIMARY KEY (tenant_id, user_id)
);
-- For functions of the owner: where somebody is a member.
CREATE INDEX membership_user ON membership (user_id, tenant_id);
SELECT protect_tenant_table('membership');
GRANT SELECT, INSERT, UPDATE (role), DELETE ON membership TO millrace_app;

-- Accounts.

CREATE FUNCTION user_find(p_id text, p_email text) RETURNS TABLE (
  id text, email text, name text, password text, totp text, totp_at timestamptz, recovery_left int,
  is_operator boolean, created_at timestamptz, disabled_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT u.id, u.email, u.name, u.password, u.totp, u.totp_at, cardinality(u.recovery),
    u.is_operator, u.created_at, u.disabled_at
  FROM user_account u WHERE u.id = p_id OR u.email = p_email
$$;

CREATE FUNCTION user_any() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT EXISTS (SELECT FROM user_account)
$$;

-- False where the address has an account.
CREATE FUNCTION user_create(p_id text, p_email text, p_name text, p_password text, p_is_operator boolean)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO user_account (id, email, name, password, is_operator)
  VALUES (p_id, p_email, p_name, p_password, p_is_operator) ON CONFLICT (email) DO NOTHING;
  RETURN FOUND;
END
$$;

-- Replaces the password where it still is the former one (null: whatever it is).
CREATE FUNCTION user_set_password(p_id text, p_former text, p_password text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u SET password = p_password
  WHERE u.id = p_id AND (p_former IS NULL OR u.password = p_former);
  RETURN FOUND;
END
$$;

-- A disabled account has no sessions, and cannot begin any.
CREATE FUNCTION user_set_disabled(p_id text, p_disabled boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u
  SET disabled_at = CASE WHEN p_disabled THEN coalesce(u.disabled_at, millrace_now()) END
  WHERE u.id = p_id;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF p_disabled THEN
    UPDATE user_session s SET ended_at = millrace_now() WHERE s.user_id = p_id AND s.ended_at IS NULL;
  END IF;
  RETURN true;
END
$$;

-- Keeps a secret for one-time codes that does not count yet. False where another one counts.
CREATE FUNCTION totp_begin(p_id text, p_totp text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u SET totp = p_totp WHERE u.id = p_id AND u.totp_at IS NULL;
  RETURN FOUND;
END
$$;

-- The secret counts from now on, provided that it is the one whose code was seen.
CREATE FUNCTION totp_confirm(p_id text, p_totp text, p_step bigint, p_recovery text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u SET totp_at = millrace_now(), totp_step = p_step, recovery = p_recovery
  WHERE u.id = p_id AND u.totp = p_totp AND u.totp_at IS NULL;
  RETURN FOUND;
END
$$;

CREATE FUNCTION totp_remove(p_id text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u SET totp = NULL, totp_at = NULL, recovery = '{}'
  WHERE u.id = p_id AND u.totp_at IS NOT NULL;
  RETURN FOUND;
END
$$;

-- True once for each step: of two who bring the same code one comes in.
CREATE FUNCTION totp_use(p_id text, p_step bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u SET totp_step = p_step WHERE u.id = p_id AND u.totp_step < p_step;
  RETURN FOUND;
END
$$;

-- True once for each recovery code.
CREATE FUNCTION recovery_use(p_id text, p_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  UPDATE user_account u SET recovery = array_remove(u.recovery, p_hash)
  WHERE u.id = p_id AND p_hash = ANY (u.recovery);
  RETURN FOUND;
END
$$;

-- Memberships of a user by slug; permissions and access of roles that the tenant has made.
CREATE FUNCTION membership_list(p_user text) RETURNS TABLE (
  tenant_id int, slug text, role text, permissions text[], access jsonb, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT m.tenant_id, t.slug, m.role, r.permissions, r.access, m.created_at
  FROM membership m
  JOIN tenant t ON t.id = m.tenant_id
  LEFT JOIN role r ON r.tenant_id = m.tenant_id AND r.name = m.role
  WHERE m.user_id = p_user ORDER BY t.slug
$$;

-- What somebody did to the own account stands in the log of each tenant that they are a member of.
CREATE FUNCTION user_audit(p_user text, p_actor text, p_action text, p_detail text, p_request_id text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO audit (tenant_id, actor, action, detail, request_id)
  SELECT m.tenant_id, p_actor, p_action, p_detail, p_request_id
  FROM membership m WHERE m.user_id = p_user
  -- In one order, so that no two wait for each other.
  ORDER BY m.tenant_id
$$;

GRANT EXECUTE ON FUNCTION
  user_find(text, text), user_any(), user_create(text, text, text, text, boolean),
  user_set_password(text, text, text), user_set_disabled(text, boolean), totp_begin(text, text),
  totp_confirm(text, text, bigint, text[]), totp_remove(text), totp_use(text, bigint),
  recovery_use(text, text), membership_list(text), user_audit(text, text, text, text, text)
TO millrace_system;

-- Sessions.

-- Ended sessions of the user leave after 30 days, so that the table stays small by itself.
CREATE FUNCTION session_begin(
  p_id text, p_hash bytea, p_user text, p_life interval, p_idle interval, p_address text, p_agent text,
  p_only_tenant int
) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_now timestamptz := millrace_now();
BEGIN
  -- Waits for whoever disables the account.
  UPDATE user_account u SET signed_in_at = v_now WHERE u.id = p_user AND u.disabled_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  DELETE FROM user_session s
  WHERE s.user_id = p_user AND least(s.ended_at, s.expires_at) < v_now - interval '30 days';
  INSERT INTO user_session
    (id, hash, user_id, only_tenant, last_tenant, expires_at, idle, address, agent)
  VALUES (p_id, p_hash, p_user, p_only_tenant,
    coalesce(p_only_tenant, (SELECT s.last_tenant FROM user_session s WHERE s.user_id = p_user
      AND s.last_tenant IS NOT NULL ORDER BY s.created_at DESC LIMIT 1)),
    v_now + p_life, p_idle, p_address, p_agent);
  RETURN v_now + p_life;
END
$$;

-- Whose session it is, and the tenant that it is at work for: the one of that slug, or the one that it
-- was in last, or the first; null without one. Operators may be at work for any.
CREATE FUNCTION session_owner(p_hash bytea, p_slug text) RETURNS TABLE (
  session_id text, user_id text, email text, is_operator boolean,
  tenant_id int, slug text, role text, permissions text[], access jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
  v_session user_session;
  v_user user_account;
  v_is_operator boolean;
  v_tenants int[];
BEGIN
  SELECT s.* INTO v_session FROM user_session s
  WHERE s.hash = p_hash AND s.ended_at IS NULL AND s.expires_at > v_now AND s.seen_at + s.idle > v_now;
  SELECT u.* INTO v_user FROM user_account u
  WHERE u.id = v_session.user_id AND u.disabled_at IS NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  v_is_operator := v_user.is_operator AND v_session.only_tenant IS NULL;
  v_tenants := CASE
    WHEN p_slug IS NULL THEN ARRAY(SELECT m.tenant_id FROM membership m WHERE m.user_id = v_user.id)
      || CASE WHEN v_is_operator THEN v_session.last_tenant
        || ARRAY(SELECT t.id FROM tenant t WHERE t.slug = 'default') END
    ELSE ARRAY(SELECT t.id FROM tenant t WHERE t.slug = p_slug) END;
  SELECT t.id, t.slug, m.role, r.permissions, r.access
  INTO tenant_id, slug, role, permissions, access
  FROM tenant t
  LEFT JOIN membership m ON m.tenant_id = t.id AND m.user_id = v_user.id
  LEFT JOIN role r ON r.tenant_id = m.tenant_id AND r.name = m.role
  WHERE t.id = ANY (v_tenants) AND t.id = coalesce(v_session.only_tenant, t.id)
    AND (m.role IS NOT NULL OR v_is_operator)
  ORDER BY (t.id = v_session.last_tenant) DESC NULLS LAST, (m.role IS NOT NULL) DESC, t.slug LIMIT 1;
  -- Noted once a minute, so that reading stays reading.
  IF v_session.seen_at < v_now - interval '1 minute'
    OR (tenant_id IS NOT NULL AND tenant_id IS DISTINCT FROM v_session.last_tenant)
  THEN
    UPDATE user_session s SET seen_at = v_now, last_tenant = coalesce(tenant_id, s.last_tenant)
    WHERE s.id = v_session.id;
  END IF;
  session_id := v_session.id;
  user_id := v_user.id;
  email := v_user.email;
  is_operator := v_is_operator;
  RETURN NEXT;
END
$$;

-- Those that can be used still, newest first.
CREATE FUNCTION session_list(p_user text) RETURNS TABLE (
  id text, created_at timestamptz, seen_at timestamptz, expires_at timestamptz, address text, agent text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT s.id, s.created_at, s.seen_at, least(s.expires_at, s.seen_at + s.idle), s.address, s.agent
  FROM user_session s
  WHERE s.user_id = p_user AND s.ended_at IS NULL AND s.expires_at > millrace_now()
    AND s.seen_at + s.idle > millrace_now()
  ORDER BY s.created_at DESC, s.id
$$;

-- Ends one session of the user, or all of them but one (both null: all); returns how many.
CREATE FUNCTION session_end(p_user text, p_id text, p_but text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_ended int;
BEGIN
  UPDATE user_session s SET ended_at = millrace_now()
  WHERE s.user_id = p_user AND s.ended_at IS NULL AND s.id = coalesce(p_id, s.id)
    AND s.id IS DISTINCT FROM p_but;
  GET DIAGNOSTICS v_ended = ROW_COUNT;
  RETURN v_ended;
END
$$;

GRANT EXECUTE ON FUNCTION
  session_begin(text, bytea, text, interval, interval, text, text, int), session_owner(bytea, text),
  session_list(text), session_end(text, text, text)
TO millrace_system;
