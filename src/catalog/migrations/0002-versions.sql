-- 0002: versions of partitions, their files, the pointers that make them visible. Breaks nothing.

CREATE TABLE version (
  tenant_id int NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  code_version text COLLATE "C" NOT NULL,
  data_version text COLLATE "C" NOT NULL,
  rows bigint NOT NULL,
  columns jsonb NOT NULL,
  -- Sources: what each observed period holds, and where the rows came from.
  observed jsonb,
  origin jsonb,
  inputs jsonb NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  task_id bigint NOT NULL,
  fence bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('published', 'held')),
  -- What the pointer named before; undo goes back to it.
  previous_version_id bigint,
  commit_number bigint,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  published_at timestamptz,
  -- Since when no pointer names it: its files are kept for a time from here on.
  retired_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX version_run ON version (tenant_id, run_id);

CREATE TABLE partition_pointer (
  environment text COLLATE "C" NOT NULL DEFAULT 'main',
  tenant_id int NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  -- Null: nothing is published (an undo went back to nothing, or the first attempt failed).
  version_id bigint,
  commit_number bigint,
  -- The run whose publish was undone, until something newer is published.
  undone_run text COLLATE "C",
  -- Copied from the version, so that planning reads this narrow table alone.
  fingerprint text COLLATE "C",
  code_version text COLLATE "C",
  data_version text COLLATE "C",
  has_observed boolean NOT NULL DEFAULT false,
  -- The newest attempt that failed or was held since the version was published.
  failed_task_id bigint,
  failed_state text CHECK (failed_state IN ('failed', 'held')),
  failed_error jsonb,
  PRIMARY KEY (tenant_id, environment, dataset, partition)
) WITH (fillfactor = 80);

CREATE TABLE file (
  tenant_id int NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  dataset text COLLATE "C" NOT NULL,
  -- Relative to the lake.
  path text COLLATE "C" NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  rows bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  swept_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, path)
);

CREATE TABLE extent (
  tenant_id int NOT NULL,
  version_id bigint NOT NULL,
  ordinal int NOT NULL,
  file_id bigint NOT NULL,
  role text NOT NULL CHECK (role IN ('data', 'quarantine')),
  rows bigint NOT NULL,
  PRIMARY KEY (tenant_id, version_id, ordinal)
);
CREATE INDEX extent_file ON extent (tenant_id, file_id);

CREATE TABLE check_result (
  tenant_id int NOT NULL,
  version_id bigint NOT NULL,
  ordinal int NOT NULL,
  name text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('blocking', 'warning')),
  passed boolean NOT NULL,
  failing_rows bigint,
  message text NOT NULL,
  PRIMARY KEY (tenant_id, version_id, ordinal)
);

-- Objects of sources as their systems described them last.
CREATE TABLE source_object (
  tenant_id int NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  location text NOT NULL,
  etag text NOT NULL,
  size_bytes bigint NOT NULL,
  modified_at timestamptz NOT NULL,
  sha256 text,
  checked_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, dataset, partition)
);

-- Domain events, written in the transaction that makes them true.
CREATE TABLE outbox (
  tenant_id int NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  sent_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);

SELECT protect_tenant_table(name) FROM unnest(ARRAY[
  'version', 'partition_pointer', 'file', 'extent', 'check_result', 'source_object', 'outbox'
]::regclass[]) AS name;

GRANT SELECT, INSERT ON version, extent, check_result, file, outbox TO millrace_app;
GRANT UPDATE (retired_at) ON version TO millrace_app;
GRANT UPDATE (swept_at) ON file TO millrace_app;
GRANT SELECT, INSERT, UPDATE ON partition_pointer, source_object TO millrace_app;
