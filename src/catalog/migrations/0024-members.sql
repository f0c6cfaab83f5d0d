-- 0024: what a tenant sees of its members, invitations, operators, single sign-on. Breaks nothing.

-- A tenant sees its members' accounts and when they were last at work for it, never a password.
CREATE POLICY member ON user_account FOR SELECT TO millrace_app USING (EXISTS (
  SELECT FROM membership m
  WHERE m.tenant_id = (SELECT millrace_tenant()) AND m.user_id = user_account.id));
CREATE POLICY member ON user_session FOR SELECT TO millrace_app
USING (last_tenant = (SELECT millrace_tenant()));
GRANT SELECT (user_id, last_tenant, seen_at) ON user_session TO millrace_app;
-- When a member was seen: not by way of all sessions of the tenant.
DROP INDEX user_session_tenant;
CREATE INDEX user_session_tenant ON user_session (last_tenant, user_id);

-- Null: an account of the deployment. Else of this tenant alone, whose provider signs the person in. A
-- tenant's administrators decide what their provider says, so an address that it vouches for proves
-- nothing to anybody else: such an account shares no address, no password and no other tenant.
ALTER TABLE user_account
  ADD COLUMN home_tenant int REFERENCES tenant (id) ON DELETE CASCADE,
  ADD CHECK (home_tenant IS NULL OR (password IS NULL AND NOT is_operator)),
  DROP CONSTRAINT user_account_email_key;
CREATE UNIQUE INDEX user_account_email ON user_account (email) WHERE home_tenant IS NULL;
-- Of accounts of tenants, too.
CREATE INDEX user_account_address ON user_account (email);
CREATE INDEX user_account_home ON user_account (home_tenant) WHERE home_tenant IS NOT NULL;
GRANT SELECT (id, email, name, totp_at, disabled_at, home_tenant) ON user_account TO millrace_app;

CREATE FUNCTION membership_at_home() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM user_account u
    WHERE u.id = NEW.user_id AND coalesce(u.home_tenant, NEW.tenant_id) <> NEW.tenant_id)
  THEN
    RAISE EXCEPTION 'account % belongs to another tenant', NEW.user_id;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER at_home BEFORE INSERT ON membership FOR EACH ROW EXECUTE FUNCTION membership_at_home();

CREATE OR REPLACE FUNCTION user_find(p_id text, p_email text) RETURNS TABLE (
  id text, email text, name text, password text, totp text, totp_at timestamptz, recovery_left int,
  is_operator boolean, created_at timestamptz, disabled_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT u.id, u.email, u.name, u.password, u.totp, u.totp_at, cardinality(u.recovery),
    u.is_operator, u.created_at, u.disabled_at
  FROM user_account u WHERE u.id = p_id OR (u.email = p_email AND u.home_tenant IS NULL)
$$;

CREATE OR REPLACE FUNCTION user_create(
  p_id text, p_email text, p_name text, p_password text, p_is_operator boolean
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO user_account (id, email, name, password, is_operator)
  VALUES (p_id, p_email, p_name, p_password, p_is_operator)
  ON CONFLICT (email) WHERE home_tenant IS NULL DO NOTHING;
  RETURN FOUND;
END
$$;

-- Operators of the deployment.

CREATE FUNCTION operator_list() RETURNS TABLE (id text, email text, name text, has_totp boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT u.id, u.email, u.name, u.totp_at IS NOT NULL FROM user_account u
  WHERE u.is_operator AND u.disabled_at IS NULL ORDER BY u.id LIMIT 1000
$$;

-- `set`, `unknown`, or `last`: whoever would be left could name no other.
CREATE FUNCTION operator_set(p_email text, p_is_operator boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_id text;
BEGIN
  -- Of two who remove each other, the second sees what the first has done.
  PERFORM FROM user_account u WHERE u.is_operator ORDER BY u.id FOR UPDATE;
  SELECT u.id INTO v_id FROM user_account u
  WHERE u.email = p_email AND u.home_tenant IS NULL AND (p_is_operator OR u.is_operator) FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'unknown';
  END IF;
  IF NOT p_is_operator AND NOT EXISTS (SELECT FROM user_account u
    WHERE u.is_operator AND u.disabled_at IS NULL AND u.id <> v_id)
  THEN
    RETURN 'last';
  END IF;
  UPDATE user_account u SET is_operator = p_is_operator WHERE u.id = v_id;
  RETURN 'set';
END
$$;

GRANT EXECUTE ON FUNCTION operator_list(), operator_set(text, boolean) TO millrace_system;

-- Single sign-on as a rule.

-- Tenants that let members in through their own providers only; owners come in with a password, too.
CREATE TABLE sign_on_rule (
  tenant_id int PRIMARY KEY REFERENCES tenant (id),
  required_by text NOT NULL,
  required_at timestamptz NOT NULL DEFAULT millrace_now()
);
SELECT protect_tenant_table('sign_on_rule');
GRANT SELECT, INSERT, DELETE ON sign_on_rule TO millrace_app;

-- p_home: the tenant that an account belongs to.
CREATE FUNCTION sign_on_lets_in(p_tenant int, p_home int, p_role text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = millrace, pg_temp AS $$
  SELECT p_home IS NOT DISTINCT FROM p_tenant OR p_role = 'owner'
    OR NOT EXISTS (SELECT FROM sign_on_rule r WHERE r.tenant_id = p_tenant)
$$;

-- Invitations.

CREATE TABLE invitation (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  -- SHA-256 of the token in the link; the token itself is nowhere.
  token_hash bytea NOT NULL,
  invited_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('accepted', 'withdrawn')),
  PRIMARY KEY (tenant_id, id),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
-- The one look-up that comes before the tenant is known.
CREATE UNIQUE INDEX invitation_hash ON invitation (token_hash);
CREATE UNIQUE INDEX invitation_open ON invitation (tenant_id, email) WHERE ended_at IS NULL;
SELECT protect_tenant_table('invitation');
GRANT SELECT, INSERT, UPDATE (token_hash, expires_at, ended_at, outcome) ON invitation TO millrace_app;

-- An invitation that can be accepted, and whether its address has an account already.
CREATE FUNCTION invitation_find(p_hash bytea) RETURNS TABLE (
  tenant_id int, slug text, tenant_name text, id text, email text, role text, expires_at timestamptz,
  has_account boolean, needs_sign_on boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT i.tenant_id, t.slug, coalesce(t.name, t.slug), i.id, i.email, i.role, i.expires_at,
    EXISTS (SELECT FROM user_account u WHERE u.email = i.email AND u.home_tenant IS NULL),
    NOT sign_on_lets_in(i.tenant_id, NULL, i.role)
  FROM invitation i JOIN tenant t ON t.id = i.tenant_id AND t.state = 'active'
  WHERE i.token_hash = p_hash AND i.ended_at IS NULL AND i.expires_at > millrace_now()
$$;

-- Takes the person in, once, provided that the account has the address that was invited.
CREATE FUNCTION invitation_accept(p_hash bytea, p_user text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_taken invitation;
BEGIN
  UPDATE invitation i SET ended_at = millrace_now(), outcome = 'accepted'
  FROM tenant t, user_account u
  WHERE i.token_hash = p_hash AND i.ended_at IS NULL AND i.expires_at > millrace_now()
    AND t.id = i.tenant_id AND t.state = 'active' AND u.id = p_user AND u.email = i.email
    AND u.disabled_at IS NULL AND coalesce(u.home_tenant, i.tenant_id) = i.tenant_id
  RETURNING i.* INTO v_taken;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO membership (tenant_id, user_id, role, invited_by)
  VALUES (v_taken.tenant_id, p_user, v_taken.role, v_taken.invited_by) ON CONFLICT DO NOTHING;
  RETURN true;
END
$$;

-- Providers of identities.

CREATE TABLE identity_provider (
  id text COLLATE "C" PRIMARY KEY,
  -- Null: of the deployment.
  tenant_id int REFERENCES tenant (id),
  name text NOT NULL,
  issuer text COLLATE "C" NOT NULL,
  client_id text NOT NULL,
  -- Null: a public client.
  client_secret text,
  -- The part of addresses after the @, in lower case.
  domains text[] NOT NULL CHECK (cardinality(domains) > 0),
  -- Null: nobody joins but by invitation.
  default_role text COLLATE "C",
  -- Another one for each change, so that no process goes on with what it remembers.
  revision text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  CHECK (tenant_id IS NOT NULL OR default_role IS NULL)
);
COMMENT ON COLUMN identity_provider.client_secret IS 'sealed by id';
CREATE INDEX identity_provider_tenant ON identity_provider (tenant_id, id);
SELECT protect_tenant_table('identity_provider');
GRANT SELECT, INSERT, DELETE, UPDATE (name, issuer, client_id, client_secret, domains, default_role, revision)
ON identity_provider TO millrace_app;

-- Who somebody is for a provider: issuer and subject never change, an address may.
CREATE TABLE user_identity (
  provider_id text COLLATE "C" NOT NULL REFERENCES identity_provider (id) ON DELETE CASCADE,
  issuer text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  tenant_id int REFERENCES tenant (id),
  user_id text COLLATE "C" NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (provider_id, issuer, subject)
);
CREATE INDEX user_identity_user ON user_identity (user_id, provider_id);
CREATE INDEX user_identity_tenant ON user_identity (tenant_id);
SELECT protect_tenant_table('user_identity');
GRANT SELECT ON user_identity TO millrace_app;
