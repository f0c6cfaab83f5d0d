-- 0021: the audit log, a chain of hashes for each tenant. Breaks nothing.

-- Where a tenant's chain ends; its row lock orders what is appended.
CREATE TABLE audit_head (
  tenant_id int PRIMARY KEY REFERENCES tenant (id),
  seq bigint NOT NULL,
  hash bytea NOT NULL
) WITH (fillfactor = 70);
SELECT protect_tenant_table('audit_head');
GRANT SELECT ON audit_head TO millrace_app;

CREATE TABLE audit (
  tenant_id int NOT NULL REFERENCES tenant (id),
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text COLLATE "C" NOT NULL,
  -- JSON as it was hashed.
  detail text NOT NULL,
  request_id text,
  hash bytea NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
SELECT protect_tenant_table('audit');
-- Nobody may change or remove a row: a tenant's log goes with the tenant.
GRANT SELECT, INSERT (tenant_id, actor, action, detail, request_id) ON audit TO millrace_app;

-- A time as it is hashed.
CREATE FUNCTION audit_time(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
GRANT EXECUTE ON FUNCTION audit_time(timestamptz) TO millrace_app;

-- The hash of a row: of the one before it, then `<length in bytes>:<text>,` for each field. It holds
-- neither the tenant's number nor its name, so that a chain stays whole when a tenant moves.
CREATE FUNCTION audit_hash(p_former bytea, p_fields text[]) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT sha256(p_former || convert_to((
    SELECT string_agg(octet_length(convert_to(field, 'UTF8')) || ':' || field || ',', '' ORDER BY place)
    FROM unnest(p_fields) WITH ORDINALITY AS f (field, place)), 'UTF8'))
$$;

CREATE FUNCTION audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_head audit_head;
BEGIN
  INSERT INTO audit_head (tenant_id, seq, hash)
  VALUES (NEW.tenant_id, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  SELECT * INTO v_head FROM audit_head h WHERE h.tenant_id = NEW.tenant_id FOR UPDATE;
  NEW.seq := v_head.seq + 1;
  NEW.at := millrace_now();
  NEW.hash := audit_hash(v_head.hash, ARRAY[NEW.seq::text, audit_time(NEW.at), NEW.actor, NEW.action,
    NEW.detail, coalesce(NEW.request_id, '')]);
  UPDATE audit_head h SET seq = NEW.seq, hash = NEW.hash WHERE h.tenant_id = NEW.tenant_id;
  RETURN NEW;
END
$$;
-- A row that comes with its hash is one that is brought back; only functions of the owner can.
CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW WHEN (NEW.hash IS NULL)
EXECUTE FUNCTION audit_chain();

-- For changes that are made for all tenants: the log is that of the tenant they were asked for.
CREATE FUNCTION audit_append(p_tenant int, p_actor text, p_action text, p_detail text, p_request_id text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO audit (tenant_id, actor, action, detail, request_id)
  VALUES (p_tenant, p_actor, p_action, p_detail, p_request_id)
$$;
GRANT EXECUTE ON FUNCTION audit_append(int, text, text, text, text) TO millrace_system;
