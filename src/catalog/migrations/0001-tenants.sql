-- 0001: tenants, their keys and options; code. Breaks nothing: it is the first.
--
-- Every table has forced row-level security: millrace_app sees the rows of the tenant that its
-- transaction has set, millrace_owner (as which the functions for millrace_system run) sees all.
-- Indexes of tenant tables begin with the tenant. Names that are compared and sorted by
-- TypeScript, too, are COLLATE "C", which is its order.

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA millrace TO millrace_app, millrace_system;

-- The database's clock, which leases and schedules go by. Tests replace this function.
CREATE FUNCTION millrace_now() RETURNS timestamptz
LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- The tenant of this transaction; an error when none is set.
CREATE FUNCTION millrace_tenant() RETURNS int
LANGUAGE sql STABLE AS 'SELECT current_setting(''millrace.tenant'')::int';

GRANT EXECUTE ON FUNCTION millrace_now(), millrace_tenant() TO millrace_app, millrace_system;

CREATE FUNCTION protect_tenant_table(p_table regclass, p_column name DEFAULT 'tenant_id')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', p_table);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', p_table);
  EXECUTE format('CREATE POLICY owner ON %s TO millrace_owner USING (true) WITH CHECK (true)', p_table);
  EXECUTE format(
    'CREATE POLICY tenant ON %s TO millrace_app
       USING (%I = (SELECT millrace_tenant())) WITH CHECK (%I = (SELECT millrace_tenant()))',
    p_table, p_column, p_column);
END
$$;

CREATE TABLE tenant (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text COLLATE "C" NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- The newest commit number; its row lock is what orders a tenant's publishes.
  last_commit bigint NOT NULL DEFAULT 0,
  -- Share of the slots while others want them, too.
  weight int NOT NULL DEFAULT 100 CHECK (weight > 0)
);
SELECT protect_tenant_table('tenant', 'id');
GRANT SELECT, UPDATE (last_commit) ON tenant TO millrace_app;

-- When a tenant was served last (a fencing number), so that equals take turns.
CREATE TABLE tenant_turn (
  tenant_id int PRIMARY KEY REFERENCES tenant (id),
  turn bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
SELECT protect_tenant_table('tenant_turn');

CREATE TABLE api_key (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  hash bytea NOT NULL,
  permissions text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
-- The one look-up that comes before the tenant is known.
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);
SELECT protect_tenant_table('api_key');
GRANT SELECT, INSERT, UPDATE (revoked_at, name) ON api_key TO millrace_app;

CREATE TABLE source_option (
  tenant_id int NOT NULL REFERENCES tenant (id),
  dataset text COLLATE "C" NOT NULL,
  options jsonb NOT NULL,
  PRIMARY KEY (tenant_id, dataset)
);
SELECT protect_tenant_table('source_option');
GRANT SELECT, INSERT, UPDATE, DELETE ON source_option TO millrace_app;

-- Code belongs to the company, not to a tenant: millrace_app may read it, functions write it.
CREATE TABLE code_text (
  text_sha256 text COLLATE "C" PRIMARY KEY,
  code_version text COLLATE "C" NOT NULL,
  reads text[] NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now()
);
CREATE TABLE code (
  code_version text COLLATE "C" PRIMARY KEY,
  dataset text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('source', 'sql', 'typescript')),
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now()
);
ALTER TABLE code_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE code_text FORCE ROW LEVEL SECURITY;
ALTER TABLE code ENABLE ROW LEVEL SECURITY;
ALTER TABLE code FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON code_text TO millrace_owner USING (true) WITH CHECK (true);
CREATE POLICY owner ON code TO millrace_owner USING (true) WITH CHECK (true);
CREATE POLICY everyone ON code TO millrace_app USING (true);
GRANT SELECT ON code TO millrace_app;

-- Functions for millrace_system.

CREATE FUNCTION tenant_create(p_slug text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH made AS (INSERT INTO tenant (slug) VALUES (p_slug) ON CONFLICT (slug) DO NOTHING RETURNING id)
  INSERT INTO tenant_turn (tenant_id) SELECT id FROM made RETURNING tenant_id
$$;

-- One tenant by slug, or all of them.
CREATE FUNCTION tenant_list(p_slug text) RETURNS TABLE (id int, slug text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT id, slug FROM tenant WHERE p_slug IS NULL OR slug = p_slug ORDER BY slug
$$;

CREATE FUNCTION key_owner(p_hash bytea)
RETURNS TABLE (id int, slug text, key_id text, permissions text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
BEGIN
  -- Noted once a minute, so that reading stays reading.
  UPDATE api_key SET last_used_at = v_now
  WHERE hash = p_hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > v_now)
    AND (last_used_at IS NULL OR last_used_at < v_now - interval '1 minute');
  RETURN QUERY
    SELECT t.id, t.slug, k.id, k.permissions
    FROM api_key k JOIN tenant t ON t.id = k.tenant_id
    WHERE k.hash = p_hash AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > v_now);
END
$$;

CREATE FUNCTION code_known(p_text_sha256 text) RETURNS TABLE (code_version text, reads text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT code_version, reads FROM code_text WHERE text_sha256 = p_text_sha256
$$;

CREATE FUNCTION code_remember(p_texts jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO code_text (text_sha256, code_version, reads)
  SELECT t."textSha256", t."codeVersion", t.reads
  FROM jsonb_to_recordset(p_texts) AS t("textSha256" text, "codeVersion" text, reads text[])
  ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION code_store(p_codes jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO code (code_version, dataset, kind, text)
  SELECT c."codeVersion", c.dataset, c.kind, c.text
  FROM jsonb_to_recordset(p_codes) AS c("codeVersion" text, dataset text, kind text, text text)
  ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION code_load(p_code_versions text[])
RETURNS TABLE (code_version text, dataset text, kind text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT code_version, dataset, kind, text FROM code WHERE code_version = ANY (p_code_versions)
$$;

GRANT EXECUTE ON FUNCTION tenant_create(text), tenant_list(text), key_owner(bytea),
  code_known(text), code_remember(jsonb), code_store(jsonb), code_load(text[])
TO millrace_system;
