-- 0045: what is to be done with records that were held back. Fixes of single records, and repairs of
-- columns, which are rules. Breaks nothing.

-- A record is known by the hash of its text, so that a fix finds it in a file that came anew. `pending`:
-- written down, shown by previews; `applied`: part of what the partition is read from. There may be one
-- of each: the pending one takes the other's place when it is applied.
CREATE TABLE fix (
  tenant_id int NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  record text COLLATE "C" NOT NULL CHECK (record ~ '^[0-9a-f]{32}$'),
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'applied')),
  -- Where the record stood and why it was held back, when somebody looked.
  line bigint NOT NULL,
  reason text NOT NULL,
  -- {kind: replace, record} | {kind: set, values} | {kind: drop, reason} | {kind: withdraw}; null: it
  -- spoke of somebody who is erased. The digest stays, so that nothing becomes stale by that.
  action jsonb,
  digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{32}$'),
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  created_by text NOT NULL,
  applied_at timestamptz,
  PRIMARY KEY (tenant_id, dataset, partition, record, state)
);

-- A transformation of one column of a source, before its rows are judged; in the order of ids, which is
-- that in which they were made. `ending`: applied, and taken away with the next replay.
CREATE TABLE repair (
  tenant_id int NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  column_name text NOT NULL,
  rule jsonb NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'applied', 'ending')),
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  created_by text NOT NULL,
  applied_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX repair_name ON repair (tenant_id, name);
CREATE INDEX repair_dataset ON repair (tenant_id, dataset, id);

SELECT protect_tenant_table(name) FROM unnest(ARRAY['fix', 'repair']::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE, DELETE ON fix, repair TO millrace_app;
