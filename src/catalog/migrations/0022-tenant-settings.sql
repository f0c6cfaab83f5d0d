-- 0022: settings of tenants, and their standing: active, suspended, about to be deleted. Breaks nothing.

ALTER TABLE tenant
  -- What people call it; null: its slug.
  ADD COLUMN name text,
  ADD COLUMN state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'deleting')),
  ADD COLUMN state_reason text,
  -- Null: since it exists.
  ADD COLUMN state_since timestamptz,
  -- Names of the packs that it has; null: all that are deployed.
  ADD COLUMN packs text[],
  ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC',
  ADD COLUMN locale text NOT NULL DEFAULT 'en',
  -- {colour, logo}
  ADD COLUMN branding jsonb NOT NULL DEFAULT '{}',
  -- Days that former versions, tasks of ended runs and their logs are kept. Null: versions as long as
  -- the deployment says, the others for good. keep_days_max: an operator's bound on all three.
  ADD COLUMN keep_versions_days int CHECK (keep_versions_days >= 0),
  ADD COLUMN keep_runs_days int CHECK (keep_runs_days >= 0),
  ADD COLUMN keep_logs_days int CHECK (keep_logs_days >= 0),
  ADD COLUMN keep_days_max int CHECK (keep_days_max >= 0),
  -- Of the request that made it, so that the same request finds what it made.
  ADD COLUMN request_key text COLLATE "C",
  ADD COLUMN request_hash text COLLATE "C";
GRANT UPDATE (name, time_zone, locale, branding, keep_versions_days, keep_runs_days, keep_logs_days)
ON tenant TO millrace_app;
CREATE INDEX tenant_halted ON tenant (state, slug) WHERE state <> 'active';
CREATE INDEX tenant_forgetful ON tenant (id)
WHERE keep_runs_days IS NOT NULL OR keep_logs_days IS NOT NULL OR keep_days_max IS NOT NULL;

-- How many tenants there are, by state; counted when a transaction commits, so that nobody waits long.
CREATE TABLE tenant_count (
  state text PRIMARY KEY,
  tenants int NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE tenant_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_count FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON tenant_count TO millrace_owner USING (true) WITH CHECK (true);
INSERT INTO tenant_count SELECT state, count(*) FROM tenant GROUP BY state;

CREATE FUNCTION tenant_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  INSERT INTO tenant_count AS c (state, tenants)
  SELECT change.state, sum(change.by) FROM (VALUES
    (CASE WHEN TG_OP <> 'INSERT' THEN OLD.state END, -1),
    (CASE WHEN TG_OP <> 'DELETE' THEN NEW.state END, 1)) AS change (state, by)
  WHERE change.state IS NOT NULL GROUP BY change.state HAVING sum(change.by) <> 0 ORDER BY change.state
  ON CONFLICT (state) DO UPDATE SET tenants = c.tenants + excluded.tenants;
  RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER tenant_tally AFTER INSERT OR DELETE OR UPDATE OF state ON tenant
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tenant_tally();

-- One tenant by its slug, which is what most look-ups want.
CREATE FUNCTION tenant_find(p_slugs text[]) RETURNS TABLE (id int, slug text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT id, slug FROM tenant WHERE slug = ANY (p_slugs)
$$;

CREATE FUNCTION tenant_standing(p_tenant int) RETURNS TABLE (state text, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT state, state_reason FROM tenant WHERE id = p_tenant
$$;

-- Tenants by slug, after p_after; with a prefix, in a state, or all.
DROP FUNCTION tenant_shares();
CREATE FUNCTION tenant_page(p_after text, p_prefix text, p_state text, p_most int)
RETURNS TABLE (id int, slug text, name text, state text, weight int, running_max int, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT page.id, page.slug, coalesce(page.name, page.slug), page.state, page.weight, l.running_max,
      page.created_at
    FROM (
      -- A slug holds nothing that sorts after `z`.
      SELECT * FROM tenant t
      WHERE t.slug > p_after AND t.slug >= p_prefix AND t.slug < p_prefix || '~'
        AND (p_state IS NULL OR t.state = p_state)
      ORDER BY t.slug LIMIT p_most
    ) AS page
    LEFT JOIN queue_limit l ON l.subject = queue_subject(page.id, 'tenant', '')
    ORDER BY page.slug;
END
$$;

CREATE FUNCTION tenant_counts() RETURNS TABLE (state text, tenants int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT state, tenants FROM tenant_count WHERE tenants > 0 ORDER BY state
$$;

-- What only operators may say of a tenant: {packs, weight, keepDaysMax, requestKey, requestHash}; what
-- is not named stays.
CREATE FUNCTION tenant_provide(p_tenant int, p_given jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE tenant t SET
    packs = CASE WHEN NOT jsonb_exists(p_given, 'packs') THEN t.packs
      WHEN jsonb_typeof(p_given -> 'packs') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(p_given -> 'packs')) END,
    weight = coalesce((p_given ->> 'weight')::int, t.weight),
    keep_days_max = CASE WHEN jsonb_exists(p_given, 'keepDaysMax')
      THEN (p_given ->> 'keepDaysMax')::int ELSE t.keep_days_max END,
    request_key = coalesce(p_given ->> 'requestKey', t.request_key),
    request_hash = coalesce(p_given ->> 'requestHash', t.request_hash)
  WHERE t.id = p_tenant
$$;

-- While a tenant is not active nothing of it is claimed and none of its triggers is looked at.
ALTER TABLE tenant_turn ADD COLUMN halted boolean NOT NULL DEFAULT false;
DROP INDEX tenant_turn_active;
CREATE INDEX tenant_turn_active ON tenant_turn (served_ms, turn) WHERE active AND NOT halted;

-- Moves a tenant into a state; of an active one, sensors and rules are looked at again at once.
-- Schedules get their next times from whoever calls this. Null: no such tenant; else the former state.
CREATE FUNCTION tenant_set_state(p_tenant int, p_state text, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_former text;
BEGIN
  -- tenant_turn is changed under this lock only.
  PERFORM FROM queue_state FOR UPDATE;
  SELECT state INTO v_former FROM tenant WHERE id = p_tenant FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE tenant SET state = p_state, state_reason = p_reason,
    state_since = CASE WHEN state = p_state THEN state_since ELSE millrace_now() END
  WHERE id = p_tenant;
  UPDATE tenant_turn SET halted = p_state <> 'active' WHERE tenant_id = p_tenant;
  IF p_state <> 'active' THEN
    UPDATE trigger SET next_at = NULL WHERE tenant_id = p_tenant AND next_at IS NOT NULL;
  ELSIF v_former <> 'active' THEN
    UPDATE trigger SET next_at = millrace_now()
    WHERE tenant_id = p_tenant AND kind <> 'schedule' AND paused_at IS NULL;
  END IF;
  PERFORM pg_notify('millrace_ready', '');
  RETURN v_former;
END
$$;

-- Whatever gives a trigger of a halted tenant a time (a look that ends, a rule that is declared)
-- gives it none.
CREATE FUNCTION trigger_halt() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  IF (SELECT t.state <> 'active' FROM tenant t WHERE t.id = NEW.tenant_id) THEN
    NEW.next_at := NULL;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER trigger_halt BEFORE INSERT OR UPDATE OF next_at ON trigger FOR EACH ROW
  WHEN (NEW.next_at IS NOT NULL) EXECUTE FUNCTION trigger_halt();

-- Tenants with files, by number after p_after, and for how many days their former versions are kept.
CREATE FUNCTION sweep_tenants(p_after int, p_most int, p_days double precision)
RETURNS TABLE (id int, slug text, keep_days double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH RECURSIVE stocked AS (
    SELECT (SELECT min(f.tenant_id) FROM file f WHERE f.tenant_id > p_after) AS id, 1 AS place
    UNION ALL
    SELECT (SELECT min(f.tenant_id) FROM file f WHERE f.tenant_id > stocked.id), stocked.place + 1
    FROM stocked WHERE stocked.id IS NOT NULL AND stocked.place < p_most
  )
  SELECT t.id, t.slug, least(coalesce(t.keep_versions_days, p_days), t.keep_days_max)
  FROM stocked JOIN tenant t ON t.id = stocked.id ORDER BY t.id
$$;

ALTER TABLE run
  -- Since when its logs, and its tasks with their attempts, are gone; the run and its counts stay.
  ADD COLUMN logs_swept_at timestamptz,
  ADD COLUMN tasks_swept_at timestamptz;
CREATE INDEX run_logged ON run (tenant_id, ended_at) WHERE ended_at IS NOT NULL AND logs_swept_at IS NULL;
CREATE INDEX run_tasked ON run (tenant_id, ended_at) WHERE ended_at IS NOT NULL AND tasks_swept_at IS NULL;
CREATE INDEX run_open ON run (tenant_id, id) WHERE state = 'running';

-- Forgets what tenants that say so want to keep no longer, of at most p_most runs; returns of how many.
CREATE FUNCTION history_sweep(p_most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_run record;
  v_tasks bigint[];
  v_swept int := 0;
BEGIN
  FOR v_run IN
    SELECT old.* FROM tenant t
    CROSS JOIN LATERAL (
      SELECT least(t.keep_runs_days, t.keep_days_max) AS runs,
        least(t.keep_logs_days, t.keep_runs_days, t.keep_days_max) AS logs
    ) AS keep
    CROSS JOIN LATERAL (
      (SELECT r.tenant_id, r.id, true AS whole FROM run r
       WHERE r.tenant_id = t.id AND r.ended_at IS NOT NULL AND r.tasks_swept_at IS NULL
         AND r.ended_at < v_now - keep.runs * interval '1 day'
       ORDER BY r.ended_at LIMIT p_most)
      UNION ALL
      (SELECT r.tenant_id, r.id, false FROM run r
       WHERE r.tenant_id = t.id AND r.ended_at IS NOT NULL AND r.logs_swept_at IS NULL
         AND r.ended_at < v_now - keep.logs * interval '1 day'
         AND (keep.runs IS NULL OR r.ended_at >= v_now - keep.runs * interval '1 day')
       ORDER BY r.ended_at LIMIT p_most)
    ) AS old
    WHERE t.keep_runs_days IS NOT NULL OR t.keep_logs_days IS NOT NULL OR t.keep_days_max IS NOT NULL
    LIMIT p_most
  LOOP
    v_tasks := ARRAY(SELECT k.id FROM task k WHERE k.tenant_id = v_run.tenant_id AND k.run_id = v_run.id);
    DELETE FROM task_log l WHERE l.tenant_id = v_run.tenant_id AND l.task_id = ANY (v_tasks);
    IF v_run.whole THEN
      DELETE FROM task_edge e WHERE e.tenant_id = v_run.tenant_id AND e.upstream_id = ANY (v_tasks);
      DELETE FROM attempt a WHERE a.tenant_id = v_run.tenant_id AND a.task_id = ANY (v_tasks);
      DELETE FROM task k WHERE k.tenant_id = v_run.tenant_id AND k.id = ANY (v_tasks);
    END IF;
    UPDATE run r SET logs_swept_at = coalesce(r.logs_swept_at, v_now),
      tasks_swept_at = CASE WHEN v_run.whole THEN v_now END
    WHERE r.tenant_id = v_run.tenant_id AND r.id = v_run.id;
    v_swept := v_swept + 1;
  END LOOP;
  RETURN v_swept;
END
$$;

GRANT EXECUTE ON FUNCTION
  tenant_find(text[]), tenant_standing(int), tenant_page(text, text, text, int), tenant_counts(),
  tenant_provide(int, jsonb), tenant_set_state(int, text, text),
  sweep_tenants(int, int, double precision), history_sweep(int)
TO millrace_system;
