-- 0043: places that deliveries go to, under a name. Breaks nothing.

CREATE TABLE delivery_target (
  tenant_id int NOT NULL REFERENCES tenant (id),
  name text COLLATE "C" NOT NULL,
  kind text NOT NULL CHECK (kind IN ('s3', 'postgres', 'webhook')),
  -- Secrets are sealed each by itself.
  options jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  changed_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, name)
);
COMMENT ON COLUMN delivery_target.options IS 'sealed by name';
SELECT protect_tenant_table('delivery_target');
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_target TO millrace_app;
