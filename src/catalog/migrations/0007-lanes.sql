-- 0007: one queue for every kind of task: lanes, tags, limits, pauses, background tasks, workers.
-- Breaks nothing: tasks that are there get their lane from what they say already.
--
-- A lane is a set of tasks of a tenant that are claimed together and stand under the same limits:
-- one dataset of one run, or the background tasks of one name. A claim looks at the first task of
-- each lane and no further, so its cost follows the number of lanes and not that of tasks.

CREATE FUNCTION tags_text(p_tags text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT array_to_string(p_tags, ',') $$;

GRANT EXECUTE ON FUNCTION tags_text(text[]) TO millrace_app;

ALTER TABLE task
  -- Who carries it out. factory, code: a slot of ours; call: an address of another service;
  -- pull: a worker of another service, which leases it over REST.
  ADD COLUMN handler text NOT NULL DEFAULT 'factory'
    CHECK (handler IN ('factory', 'code', 'call', 'pull')),
  -- Only workers that have them all may claim it. Sorted, without doubles.
  ADD COLUMN tags text[] COLLATE "C" NOT NULL DEFAULT '{}',
  -- At most key_limit tasks of a tenant run with the same key.
  ADD COLUMN concurrency_key text COLLATE "C",
  ADD COLUMN key_limit int NOT NULL DEFAULT 1 CHECK (key_limit > 0),
  -- Longest attempt; null: as long as its lease is renewed.
  ADD COLUMN timeout_ms double precision,
  -- When the attempt under way must have ended.
  ADD COLUMN deadline_at timestamptz,
  -- When its first attempt must have begun.
  ADD COLUMN start_before timestamptz,
  -- Begin of the attempt under way; all tasks of a batch share it.
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT millrace_now();
ALTER TABLE task ALTER COLUMN class SET DEFAULT 'normal';
UPDATE task SET class = 'normal';
ALTER TABLE task ADD CHECK (class IN ('normal', 'backfill'));
-- run_id is empty for a task that belongs to no run; dataset is then the name of the task.
ALTER TABLE task ADD COLUMN lane text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
  handler || '/' || CASE run_id WHEN '' THEN dataset ELSE run_id || '/' || rank::text || '/' || kind END
  || '/' || batch_max::text || '/' || tags_text(tags)
) STORED;

-- Ready and due: a task that is not due yet has run_after, and a claim clears it when it is.
DROP INDEX task_ready;
CREATE INDEX task_ready ON task (tenant_id, class, lane, priority DESC, id)
  WHERE state = 'ready' AND run_after IS NULL;
-- For the wake-ups and for what time alone ends, which ask over all tenants.
CREATE INDEX task_start_before ON task (start_before)
  WHERE start_before IS NOT NULL AND state IN ('waiting', 'ready') AND attempts = 0;
CREATE INDEX task_deadline ON task (deadline_at) WHERE state = 'running' AND deadline_at IS NOT NULL;
-- Background tasks by name, newest first, for lists; those that failed are the dead letters.
CREATE INDEX task_background ON task (tenant_id, dataset, id DESC) WHERE run_id = '';
CREATE INDEX task_dead ON task (tenant_id, id DESC) WHERE run_id = '' AND state = 'failed';

-- What a background task carries beside its place in the queue. JSON is kept as it was sent.
CREATE TABLE background_task (
  tenant_id int NOT NULL,
  task_id bigint NOT NULL,
  payload text NOT NULL,
  result text,
  progress jsonb,
  callback_url text,
  -- {firstMs, factor, ceilingMs}; null: the standard one.
  retry jsonb,
  -- Idempotency: the same key and the same hash are the same task.
  dedupe_key text COLLATE "C",
  request_hash text COLLATE "C",
  -- Which key, schedule or person asked for it.
  asked_by text NOT NULL,
  PRIMARY KEY (tenant_id, task_id)
);
CREATE UNIQUE INDEX background_task_dedupe ON background_task (tenant_id, dedupe_key)
  WHERE dedupe_key IS NOT NULL;

-- The virtual clock of fair shares (see queue_claim); its row lock is what orders claims.
CREATE TABLE queue_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  served_ms double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO queue_state DEFAULT VALUES;
-- Slot time that a tenant has had, divided by its weight.
ALTER TABLE tenant_turn ADD COLUMN served_ms double precision NOT NULL DEFAULT 0;

-- How long tasks of a name take, which says how many of them make a batch.
CREATE TABLE task_pace (
  tenant_id int NOT NULL,
  name text COLLATE "C" NOT NULL,
  task_ms double precision NOT NULL,
  PRIMARY KEY (tenant_id, name)
) WITH (fillfactor = 50);

CREATE TABLE queue_limit (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: counted over all tenants together.
  tenant_id int REFERENCES tenant (id),
  scope text NOT NULL CHECK (scope IN ('tenant', 'dataset', 'tag', 'run', 'backfill')),
  -- Dataset or name of background tasks, tag, run, backfill; empty for a tenant.
  value text COLLATE "C" NOT NULL,
  -- Batches of builds, or background tasks, that run at the same time.
  running_max int CHECK (running_max >= 0),
  -- Tasks that start within rate_ms: a bucket that fills steadily and holds rate_max at most.
  rate_max int CHECK (rate_max > 0),
  rate_ms double precision CHECK (rate_ms > 0),
  tokens double precision NOT NULL DEFAULT 0,
  refilled_at timestamptz NOT NULL DEFAULT millrace_now(),
  CHECK ((rate_max IS NULL) = (rate_ms IS NULL)),
  CHECK (running_max IS NOT NULL OR rate_max IS NOT NULL),
  CHECK (scope <> 'tenant' OR tenant_id IS NOT NULL),
  UNIQUE NULLS NOT DISTINCT (tenant_id, scope, value)
);

-- What is paused is not claimed; what runs goes on.
CREATE TABLE queue_pause (
  tenant_id int REFERENCES tenant (id),
  scope text NOT NULL CHECK (scope IN ('all', 'tenant', 'dataset', 'run', 'backfill')),
  value text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  since timestamptz NOT NULL DEFAULT millrace_now(),
  UNIQUE NULLS NOT DISTINCT (tenant_id, scope, value)
);

-- Runs over many tenants or past partitions are started as one backfill and steered as one.
ALTER TABLE run
  ADD COLUMN backfill_id text COLLATE "C",
  ADD COLUMN class text NOT NULL DEFAULT 'normal' CHECK (class IN ('normal', 'backfill')),
  -- Hash of the deployed code that it was planned with, and runs with to its end.
  ADD COLUMN code_hash text COLLATE "C";
CREATE INDEX run_backfill ON run (backfill_id, tenant_id) WHERE backfill_id IS NOT NULL;

-- Processes that claim tasks, as they were heard of last.
CREATE TABLE worker (
  id text COLLATE "C" PRIMARY KEY,
  host text NOT NULL,
  version text NOT NULL,
  parts text[] NOT NULL,
  lanes text[] NOT NULL,
  tags text[] NOT NULL,
  slots int NOT NULL,
  busy int NOT NULL,
  started_at timestamptz NOT NULL DEFAULT millrace_now(),
  seen_at timestamptz NOT NULL DEFAULT millrace_now(),
  stopping boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);

SELECT protect_tenant_table(name) FROM unnest(ARRAY[
  'background_task', 'task_pace', 'queue_limit', 'queue_pause'
]::regclass[]) AS name;
GRANT SELECT, INSERT, UPDATE ON background_task TO millrace_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue_limit, queue_pause TO millrace_app;

-- These belong to nobody: functions of the owner alone reach them.
ALTER TABLE queue_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_state FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON queue_state TO millrace_owner USING (true) WITH CHECK (true);
ALTER TABLE worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE worker FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON worker TO millrace_owner USING (true) WITH CHECK (true);
