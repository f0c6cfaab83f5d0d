-- 0048: SQL that analysts keep under a name, with typed parameters. Breaks nothing.

CREATE TABLE saved_query (
  tenant_id int NOT NULL REFERENCES tenant (id),
  name text COLLATE "C" NOT NULL,
  description text NOT NULL,
  sql text NOT NULL,
  -- [{name, type, description, default, choices, min, max}] as in model/endpoint.ts.
  parameters jsonb NOT NULL,
  -- [{dataset, partitions}]: of those that are not named, every published partition is read.
  inputs jsonb NOT NULL,
  -- Of whoever wrote the text last: that of customers runs in the jail, whoever asks for it.
  trust text NOT NULL DEFAULT 'customer' CHECK (trust IN ('company', 'customer')),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, name)
);
SELECT protect_tenant_table('saved_query');
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_query TO millrace_app;
