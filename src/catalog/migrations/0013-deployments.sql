-- 0013: deployments. Which code is deployed, one row for each time that somebody deployed; the code
-- itself lies in the lake under its hash. Code belongs to the company, not to a tenant.

CREATE TABLE deployment (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- SHA-256 of the bundle.
  code_hash text COLLATE "C" NOT NULL CHECK (code_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  message text NOT NULL,
  deployed_by text NOT NULL,
  -- [{ name, datasets, tasks }]: names and counts, for lists.
  packs jsonb NOT NULL
);
ALTER TABLE deployment ENABLE ROW LEVEL SECURITY;
ALTER TABLE deployment FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON deployment TO millrace_owner USING (true) WITH CHECK (true);

-- Makes the code the current one; null when it is that already, or (p_first) when anything was ever
-- deployed. One at a time, so that two servers that start together deploy once.
CREATE FUNCTION deployment_add(
  p_code_hash text, p_message text, p_by text, p_packs jsonb, p_first boolean
) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_current text;
  v_id int;
BEGIN
  LOCK TABLE deployment IN EXCLUSIVE MODE;
  SELECT code_hash INTO v_current FROM deployment ORDER BY id DESC LIMIT 1;
  IF v_current = p_code_hash OR (p_first AND v_current IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  INSERT INTO deployment (code_hash, message, deployed_by, packs)
  VALUES (p_code_hash, p_message, p_by, p_packs) RETURNING id INTO v_id;
  RETURN v_id;
END
$$;

-- Newest first, the current one at the top; or one by its number.
CREATE FUNCTION deployment_list(p_id int, p_limit int)
RETURNS TABLE (id int, code_hash text, created_at timestamptz, message text, deployed_by text, packs jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT id, code_hash, created_at, message, deployed_by, packs FROM deployment
  WHERE p_id IS NULL OR id = p_id ORDER BY id DESC LIMIT p_limit
$$;

-- Tenants with their share of the slots, and how many batches they may run at the same time.
CREATE FUNCTION tenant_shares()
RETURNS TABLE (slug text, weight int, running_max int, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.slug, t.weight, l.running_max, t.created_at
  FROM tenant t LEFT JOIN queue_limit l ON l.subject = queue_subject(t.id, 'tenant', '')
  ORDER BY t.slug
$$;

GRANT EXECUTE ON FUNCTION deployment_add(text, text, text, jsonb, boolean),
  deployment_list(int, int), tenant_shares() TO millrace_system;
