-- 0007: one queue for every kind of task: lanes, tags, limits, pauses, background tasks, workers.
-- Breaks nothing: tasks that are there get their lane from what they say already.
--
-- A lane is a set of tasks of a tenant that are claimed together and stand under the same limits:
-- one dataset of one run, or the background tasks of one name. A claim looks at the first task of
-- each lane and no further, so its cost follows the number of lanes and not that of tasks.
-- queue_lane lists the lanes that have something to do: whoever makes tasks ready leaves a notice,
-- the next claim makes rows of the notices, and takes away the row of a lane that it finds empty.
--
-- Tasks with a concurrency key are parked when they become ready: they are out of the index of ready
-- tasks, so that thousands that wait for one key are in nobody's way. A claim unparks as many of each
-- lane as their key has room for, when it is told (by a notice) that something about the key has
-- changed: of each lane, for the first one may wait for something else.

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
  -- Ready, but others with its key come first.
  ADD COLUMN parked boolean NOT NULL DEFAULT false,
  -- Attempts whose worker was lost; they do not use up max_attempts.
  ADD COLUMN losses int NOT NULL DEFAULT 0,
  -- Longest attempt; null: as long as its lease is renewed.
  ADD COLUMN timeout_ms double precision,
  -- When the attempt under way must have ended.
  ADD COLUMN deadline_at timestamptz,
  -- When its first attempt must have begun.
  ADD COLUMN start_before timestamptz,
  -- Begin of the attempt under way; all tasks of a batch share it.
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN created_at timestamptz NOT NULL DEFAULT millrace_now();
ALTER TABLE task ALTER COLUMN class TYPE text COLLATE "C", ALTER COLUMN class SET DEFAULT 'normal';
UPDATE task SET class = 'normal', claimed_at = CASE state WHEN 'running' THEN started_at END;
ALTER TABLE task ADD CHECK (class IN ('normal', 'backfill'));
-- run_id is empty for a task that belongs to no run; dataset is then the name of the task. Built-in
-- functions only: it is computed anew whenever a task moves.
ALTER TABLE task ADD COLUMN lane text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
  handler || '/' || CASE run_id WHEN '' THEN dataset ELSE run_id || '/' || rank::text || '/' || kind END
  || '/' || batch_max::text || '/' || hash_array_extended(tags, 0)::text
) STORED;

-- Ready and due: a task that is not due yet has run_after, and a claim clears it when it is.
DROP INDEX task_ready;
CREATE INDEX task_ready ON task (tenant_id, class, lane, priority DESC, id)
  WHERE state = 'ready' AND run_after IS NULL AND NOT parked;
CREATE INDEX task_key ON task (tenant_id, concurrency_key, class, lane, priority DESC, id)
  WHERE concurrency_key IS NOT NULL AND state = 'ready' AND run_after IS NULL;
CREATE INDEX task_key_running ON task (tenant_id, concurrency_key)
  WHERE concurrency_key IS NOT NULL AND state = 'running';
-- For the wake-ups and for what time alone ends, which ask over all tenants.
CREATE INDEX task_start_before ON task (start_before)
  WHERE start_before IS NOT NULL AND state = 'ready' AND attempts = 0;
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
ALTER TABLE tenant_turn
  ADD COLUMN served_ms double precision NOT NULL DEFAULT 0,
  -- It has rows in queue_lane.
  ADD COLUMN active boolean NOT NULL DEFAULT false;
CREATE INDEX tenant_turn_active ON tenant_turn (served_ms, turn) WHERE active;

-- How long tasks of a name take, which says how many of them make a batch.
CREATE TABLE task_pace (
  tenant_id int NOT NULL,
  name text COLLATE "C" NOT NULL,
  task_ms double precision NOT NULL,
  PRIMARY KEY (tenant_id, name)
) WITH (fillfactor = 50);

-- What a limit or a pause speaks of; without a tenant: of all of them together.
CREATE FUNCTION queue_subject(p_tenant int, p_scope text, p_value text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(p_tenant::text, '') || '/' || p_scope || '/' || p_value $$;

GRANT EXECUTE ON FUNCTION queue_subject(int, text, text) TO millrace_app;

CREATE TABLE queue_limit (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Null: counted over all tenants together.
  tenant_id int REFERENCES tenant (id),
  scope text NOT NULL CHECK (scope IN ('tenant', 'dataset', 'tag', 'run', 'backfill')),
  -- Dataset or name of background tasks, tag, run, backfill; empty for a tenant.
  value text COLLATE "C" NOT NULL,
  -- Batches of builds, or background tasks, that run at the same time.
  running_max int CHECK (running_max >= 0),
  -- Tasks that start within any rate_ms.
  rate_max int CHECK (rate_max > 0),
  rate_ms double precision CHECK (rate_ms >= 1),
  -- A key of the tenant may not change what an operator has set.
  by_operator boolean NOT NULL,
  subject text COLLATE "C" NOT NULL UNIQUE
    GENERATED ALWAYS AS (queue_subject(tenant_id, scope, value)) STORED,
  CHECK ((rate_max IS NULL) = (rate_ms IS NULL)),
  CHECK (running_max IS NOT NULL OR rate_max IS NOT NULL),
  CHECK (scope <> 'tenant' OR tenant_id IS NOT NULL)
);

-- Starts under a limit's rate, counted by 64ths of rate_ms: spans are their numbers since 1970.
CREATE TABLE queue_rate (
  limit_id int PRIMARY KEY,
  spans bigint[] NOT NULL,
  starts int[] NOT NULL
) WITH (fillfactor = 50);

-- Lanes that tasks became ready in, or keys that have changed; written with the change, taken by the
-- next claim. Without an index: it is nearly always empty.
CREATE TABLE queue_notice (
  tenant_id int NOT NULL,
  class text COLLATE "C" NOT NULL,
  lane text COLLATE "C" NOT NULL,
  concurrency_key text COLLATE "C"
);

-- Lanes that have ready tasks (or had a moment ago); written by claims only.
CREATE TABLE queue_lane (
  tenant_id int NOT NULL,
  class text COLLATE "C" NOT NULL,
  lane text COLLATE "C" NOT NULL,
  handler text NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  tags text[] NOT NULL,
  batch_max int NOT NULL,
  -- What limits and pauses may speak of that concern it.
  subjects text[] NOT NULL,
  PRIMARY KEY (class, tenant_id, lane)
);

-- What is paused is not claimed; what runs goes on.
CREATE TABLE queue_pause (
  tenant_id int REFERENCES tenant (id),
  scope text NOT NULL CHECK (scope IN ('all', 'tenant', 'dataset', 'run', 'backfill')),
  value text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  by_operator boolean NOT NULL,
  since timestamptz NOT NULL DEFAULT millrace_now(),
  subject text COLLATE "C" PRIMARY KEY
    GENERATED ALWAYS AS (queue_subject(tenant_id, scope, value)) STORED
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
  -- Unseen for three leases, it is gone.
  lease_ms double precision NOT NULL,
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
DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['queue_state', 'queue_rate', 'queue_notice', 'queue_lane', 'worker']::regclass[]
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY owner ON %s TO millrace_owner USING (true) WITH CHECK (true)', v_table);
  END LOOP;
END
$$;
