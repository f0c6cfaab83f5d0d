-- 0003: runs, tasks and what happens when tasks end. Breaks nothing.
--
-- waiting → ready → running → done | unchanged | held | failed | cancelled
--                      ↓ ↑ (retry, or the lease ran out)
-- waiting → skipped, when something that it needs failed, was held, cancelled or skipped.

CREATE TABLE run (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL DEFAULT 'main',
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
  cause text NOT NULL,
  title text NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  ended_at timestamptz,
  cancel_requested_at timestamptz,
  undone_at timestamptz,
  -- Tasks that have not ended; with the last one the run ends.
  open int NOT NULL,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);

-- Counts that progress is read from, kept by whoever holds the run's row. Running tasks are counted
-- in the index of running tasks; ready = released - running - those that ended after their release.
CREATE TABLE run_dataset (
  tenant_id int NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  -- Place in the plan: inputs first.
  rank int NOT NULL,
  total int NOT NULL,
  released int NOT NULL,
  done int NOT NULL DEFAULT 0,
  unchanged int NOT NULL DEFAULT 0,
  held int NOT NULL DEFAULT 0,
  failed int NOT NULL DEFAULT 0,
  skipped int NOT NULL DEFAULT 0,
  cancelled int NOT NULL DEFAULT 0,
  -- Of the cancelled: those that were still waiting.
  cancelled_waiting int NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0,
  wall_ms double precision NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, run_id, dataset)
) WITH (fillfactor = 50);

CREATE SEQUENCE task_id;
-- Fencing numbers: every claim takes the next one.
CREATE SEQUENCE fence;

CREATE TABLE task (
  tenant_id int NOT NULL,
  id bigint NOT NULL,
  run_id text COLLATE "C" NOT NULL,
  -- Place of its dataset in the plan, and its own.
  rank int NOT NULL,
  ordinal int NOT NULL,
  kind text NOT NULL,
  class text NOT NULL DEFAULT 'build',
  priority int NOT NULL DEFAULT 0,
  dataset text COLLATE "C" NOT NULL,
  partition text COLLATE "C" NOT NULL,
  conditional boolean NOT NULL,
  forced boolean NOT NULL,
  reason text NOT NULL,
  -- Tasks are claimed together with others of the same limit only.
  batch_max int NOT NULL,
  max_attempts int NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  state text NOT NULL,
  -- Upstream tasks that have not ended.
  waiting int NOT NULL,
  -- Not before; null: at once.
  run_after timestamptz,
  lease_owner text,
  lease_until timestamptz,
  fence bigint,
  cancel_requested boolean NOT NULL DEFAULT false,
  started_at timestamptz,
  ended_at timestamptz,
  error jsonb,
  rows bigint,
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX task_run ON task (tenant_id, run_id, ordinal);
CREATE INDEX task_ready ON task (tenant_id, priority DESC, run_id, rank, kind, ordinal) WHERE state = 'ready';
CREATE INDEX task_troubled ON task (tenant_id, run_id, ordinal) WHERE state IN ('failed', 'held', 'skipped');
CREATE INDEX task_running ON task (tenant_id, fence) WHERE state = 'running';
-- For the next wake-up, which asks over all tenants.
CREATE INDEX task_delayed ON task (run_after) WHERE state = 'ready' AND run_after IS NOT NULL;

CREATE TABLE task_edge (
  tenant_id int NOT NULL,
  upstream_id bigint NOT NULL,
  downstream_id bigint NOT NULL,
  -- success: skip downstream if upstream does not succeed. ended: wait for its end, whatever it is.
  kind text NOT NULL CHECK (kind IN ('success', 'ended')),
  PRIMARY KEY (tenant_id, upstream_id, downstream_id)
);

CREATE TABLE attempt (
  tenant_id int NOT NULL,
  task_id bigint NOT NULL,
  number int NOT NULL,
  dataset text COLLATE "C" NOT NULL,
  fence bigint NOT NULL,
  worker text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  state text NOT NULL DEFAULT 'running',
  error jsonb,
  cost jsonb,
  PRIMARY KEY (tenant_id, task_id, number)
) WITH (fillfactor = 70);
-- What tasks of a dataset have cost lately, for estimates.
CREATE INDEX attempt_cost ON attempt (tenant_id, dataset, ended_at) WHERE state = 'done';

CREATE TABLE task_log (
  tenant_id int NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  task_id bigint NOT NULL,
  attempt int NOT NULL,
  at timestamptz NOT NULL,
  level text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (tenant_id, task_id, id)
);

SELECT protect_tenant_table(name) FROM unnest(ARRAY[
  'run', 'run_dataset', 'task', 'task_edge', 'attempt', 'task_log'
]::regclass[]) AS name;

GRANT SELECT, INSERT, UPDATE ON run, run_dataset, task, attempt TO millrace_app;
GRANT SELECT, INSERT ON task_edge, task_log TO millrace_app;
GRANT USAGE ON SEQUENCE task_id TO millrace_app;

-- After many tasks came at once: without statistics the planner takes one tenant's tasks for few,
-- and reads all of them where it should look up some. A small sample is enough.
CREATE FUNCTION tasks_analyze() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = millrace, pg_temp SET default_statistics_target = 10 AS $$
BEGIN
  ANALYZE (SKIP_LOCKED) task;
  ANALYZE (SKIP_LOCKED) task_edge;
END
$$;
GRANT EXECUTE ON FUNCTION tasks_analyze() TO millrace_app;
