-- 0040: versions of endpoints, tenants' pins, and who asks for them. Breaks nothing.

-- What an endpoint has been so far: a number for each code that was ever deployed under its name. Code
-- that comes back (rollback) has the number that it had. Belongs to the deployment, not to a tenant.
-- current (ends_at null) → replaced, answered to those who pin it → ended
CREATE TABLE endpoint_version (
  name text COLLATE "C" NOT NULL,
  number int NOT NULL CHECK (number > 0),
  code_version text COLLATE "C" NOT NULL,
  -- As in model/endpoint.ts; what its author says of it is as it was deployed last.
  definition jsonb NOT NULL,
  -- Of the deployment that brought it first.
  deployment_id int NOT NULL REFERENCES deployment (id),
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  replaced_at timestamptz,
  ends_at timestamptz,
  -- [{name, type}] of the result, as the engine told it first; null: nobody has asked yet.
  columns jsonb,
  PRIMARY KEY (name, number),
  UNIQUE (name, code_version),
  CHECK ((replaced_at IS NULL) = (ends_at IS NULL))
);
ALTER TABLE endpoint_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE endpoint_version FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON endpoint_version TO millrace_owner USING (true) WITH CHECK (true);

-- Makes these endpoints the current ones, in the transaction of the deployment that brings them:
-- [{name, codeVersion, definition}]. Those that were current before, and are not among them, are
-- answered for so long to those who pin them.
CREATE FUNCTION endpoint_versions_take(p_deployment int, p_endpoints jsonb, p_keep_ms double precision)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_now timestamptz := millrace_now();
BEGIN
  UPDATE endpoint_version v
  SET replaced_at = v_now, ends_at = v_now + p_keep_ms * interval '1 millisecond'
  WHERE v.ends_at IS NULL AND NOT EXISTS (
    SELECT FROM jsonb_to_recordset(p_endpoints) AS e (name text, "codeVersion" text)
    WHERE e.name = v.name AND e."codeVersion" = v.code_version);
  INSERT INTO endpoint_version AS v (name, number, code_version, definition, deployment_id, created_at)
  SELECT e.name, 1 + coalesce((SELECT max(o.number) FROM endpoint_version o WHERE o.name = e.name), 0),
    e."codeVersion", e.definition, p_deployment, v_now
  FROM jsonb_to_recordset(p_endpoints) AS e (name text, "codeVersion" text, definition jsonb)
  ORDER BY e.name
  ON CONFLICT (name, code_version) DO UPDATE
  SET definition = excluded.definition, replaced_at = NULL, ends_at = NULL;
END
$$;

-- Every version, or those of one name. What has ended comes without its definition.
CREATE FUNCTION endpoint_version_list(p_name text)
RETURNS TABLE (
  name text, number int, code_version text, pack text, definition jsonb, deployment_id int,
  created_at timestamptz, replaced_at timestamptz, ends_at timestamptz, columns jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT v.name, v.number, v.code_version, v.definition ->> 'pack',
    CASE WHEN p_name IS NOT NULL OR v.ends_at IS NULL OR v.ends_at > millrace_now() THEN v.definition END,
    v.deployment_id, v.created_at, v.replaced_at, v.ends_at, v.columns
  FROM endpoint_version v WHERE p_name IS NULL OR v.name = p_name
  ORDER BY v.name, v.number DESC
$$;

-- What the engine said of its result, unless it is known.
CREATE FUNCTION endpoint_columns_set(p_name text, p_number int, p_columns jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE endpoint_version SET columns = p_columns
  WHERE name = p_name AND number = p_number AND columns IS NULL
$$;

GRANT EXECUTE ON FUNCTION endpoint_versions_take(int, jsonb, double precision),
  endpoint_version_list(text), endpoint_columns_set(text, int, jsonb)
TO millrace_system;

-- The version that a tenant's callers are answered with unless they name another.
CREATE TABLE endpoint_pin (
  tenant_id int NOT NULL REFERENCES tenant (id),
  endpoint text COLLATE "C" NOT NULL,
  version int NOT NULL,
  pinned_by text NOT NULL,
  pinned_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, endpoint)
);
SELECT protect_tenant_table('endpoint_pin');
GRANT SELECT, INSERT, UPDATE, DELETE ON endpoint_pin TO millrace_app;

-- Requests for rows of endpoints by hour (UTC), version and whoever asked: `key mk_…`, `user usr_…`,
-- `others` beyond what a process counts one by one.
CREATE TABLE endpoint_traffic (
  tenant_id int NOT NULL REFERENCES tenant (id),
  hour timestamptz NOT NULL,
  endpoint text COLLATE "C" NOT NULL,
  version int NOT NULL,
  caller text COLLATE "C" NOT NULL,
  requests bigint NOT NULL,
  -- Of those, by whose move it was: the caller's, the world's, ours.
  refused bigint NOT NULL,
  unavailable bigint NOT NULL,
  broken bigint NOT NULL,
  cached bigint NOT NULL,
  rows bigint NOT NULL,
  bytes bigint NOT NULL,
  total_ms double precision NOT NULL,
  -- Requests by how long they took; the bounds are in src/catalog/endpoint-traffic.ts.
  latency bigint[] NOT NULL,
  PRIMARY KEY (tenant_id, hour, endpoint, version, caller)
) WITH (fillfactor = 50);
SELECT protect_tenant_table('endpoint_traffic');
GRANT SELECT ON endpoint_traffic TO millrace_app;

CREATE FUNCTION endpoint_latency_sum(a bigint[], b bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
  SELECT array_agg(coalesce(x.n, 0) + coalesce(y.n, 0) ORDER BY place)
  FROM unnest(a) WITH ORDINALITY AS x (n, place) FULL JOIN unnest(b) WITH ORDINALITY AS y (n, place)
  USING (place)
$$;

-- Adds counts of several tenants; those of tenants that are gone are left out. What is older than
-- p_keep_days goes, for the tenants that something is added to.
CREATE FUNCTION endpoint_traffic_add(p_counts jsonb, p_keep_days int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_hour timestamptz := date_trunc('hour', millrace_now(), 'UTC');
BEGIN
  INSERT INTO endpoint_traffic AS o (tenant_id, hour, endpoint, version, caller, requests, refused,
    unavailable, broken, cached, rows, bytes, total_ms, latency)
  SELECT t.id, v_hour, c.endpoint, c.version, c.caller, c.requests, c.refused, c.unavailable, c.broken,
    c.cached, c.rows, c.bytes, c."totalMs", c.latency
  FROM jsonb_to_recordset(p_counts) AS c (tenant int, endpoint text, version int, caller text,
    requests bigint, refused bigint, unavailable bigint, broken bigint, cached bigint, rows bigint,
    bytes bigint, "totalMs" double precision, latency bigint[])
  JOIN tenant t ON t.id = c.tenant
  -- In one order everywhere, so that two processes never wait for each other.
  ORDER BY t.id, c.endpoint COLLATE "C", c.version, c.caller COLLATE "C"
  ON CONFLICT (tenant_id, hour, endpoint, version, caller) DO UPDATE SET
    requests = o.requests + excluded.requests, refused = o.refused + excluded.refused,
    unavailable = o.unavailable + excluded.unavailable, broken = o.broken + excluded.broken,
    cached = o.cached + excluded.cached, rows = o.rows + excluded.rows, bytes = o.bytes + excluded.bytes,
    total_ms = o.total_ms + excluded.total_ms,
    latency = endpoint_latency_sum(o.latency, excluded.latency);
  DELETE FROM endpoint_traffic o
  USING (SELECT DISTINCT c.tenant FROM jsonb_to_recordset(p_counts) AS c (tenant int)) AS own
  WHERE o.tenant_id = own.tenant AND o.hour < v_hour - p_keep_days * interval '1 day';
END
$$;
GRANT EXECUTE ON FUNCTION endpoint_traffic_add(jsonb, int) TO millrace_system;
