-- 0025: what a key may see, its rotation and its rate; rate limits; usage and quotas. Breaks nothing.

-- Keys.

ALTER TABLE api_key
  -- As in model/access.ts; null: all of it.
  ADD COLUMN access jsonb,
  -- Who made it, as in the audit log; null: made by Millrace itself.
  ADD COLUMN made_by text,
  ADD COLUMN made_by_user text COLLATE "C",
  -- Requests; null: as rate_default says.
  ADD COLUMN rate_per_minute int CHECK (rate_per_minute > 0),
  ADD COLUMN rate_burst int CHECK (rate_burst > 0),
  ADD COLUMN rotated_at timestamptz,
  -- The secret before the newest rotation works until then.
  ADD COLUMN former_hash bytea,
  ADD COLUMN former_until timestamptz,
  ADD CHECK ((former_hash IS NULL) = (former_until IS NULL)),
  ADD CHECK ((rate_per_minute IS NULL) = (rate_burst IS NULL)),
  ADD CHECK (rate_burst <= rate_per_minute::bigint * 60);
CREATE UNIQUE INDEX api_key_former ON api_key (former_hash) WHERE former_hash IS NOT NULL;
GRANT UPDATE (hash, rotated_at, former_hash, former_until, rate_per_minute, rate_burst)
ON api_key TO millrace_app;

-- Whose key it is, in one way and with the same work for every hash that there might be.
DROP FUNCTION key_owner(bytea);
CREATE FUNCTION key_owner(p_hash bytea)
RETURNS TABLE (id int, slug text, key_id text, permissions text[], access jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_now timestamptz := millrace_now();
BEGIN
  -- Noted once a minute, so that reading stays reading.
  UPDATE api_key SET last_used_at = v_now
  WHERE (hash = p_hash OR (former_hash = p_hash AND former_until > v_now))
    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > v_now)
    AND (last_used_at IS NULL OR last_used_at < v_now - interval '1 minute');
  RETURN QUERY
    SELECT t.id, t.slug, k.id, k.permissions, k.access
    FROM api_key k JOIN tenant t ON t.id = k.tenant_id
    WHERE (k.hash = p_hash OR (k.former_hash = p_hash AND k.former_until > v_now))
      AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > v_now);
END
$$;

-- Rates of requests: a bucket holds `burst` tokens, is filled with `per_minute` of them, and a
-- request takes one. All processes take out of the same buckets, some tokens ahead where there are many.

-- Where operators have changed what rate_defaults() begins with.
CREATE TABLE rate_default (
  kind text COLLATE "C" PRIMARY KEY CHECK (kind IN ('tenant', 'key', 'user', 'address')),
  per_minute int NOT NULL CHECK (per_minute > 0),
  burst int NOT NULL CHECK (burst > 0 AND burst <= per_minute::bigint * 60)
);

ALTER TABLE tenant
  -- Set by operators; null: as rate_default says.
  ADD COLUMN rate_per_minute int CHECK (rate_per_minute > 0),
  ADD COLUMN rate_burst int CHECK (rate_burst > 0),
  ADD CHECK ((rate_per_minute IS NULL) = (rate_burst IS NULL)),
  ADD CHECK (rate_burst <= rate_per_minute::bigint * 60);

-- Not logged: after a crash of the database every bucket is full.
CREATE UNLOGGED TABLE rate_bucket (
  -- `<kind> <whose>`
  id text COLLATE "C" PRIMARY KEY,
  tokens double precision NOT NULL,
  filled_at timestamptz NOT NULL
) WITH (fillfactor = 50);

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['rate_default', 'rate_bucket']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY owner ON %s TO millrace_owner USING (true) WITH CHECK (true)', v_table);
  END LOOP;
END
$$;

CREATE FUNCTION rate_defaults() RETURNS TABLE (kind text, per_minute int, burst int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT b.kind, coalesce(d.per_minute, b.per_minute), coalesce(d.burst, b.burst)
  FROM (VALUES ('tenant', 12000, 2000), ('key', 6000, 1000), ('user', 1200, 300), ('address', 120, 60))
    AS b (kind, per_minute, burst)
  LEFT JOIN rate_default d ON d.kind = b.kind
$$;

-- The rate of a bucket's owner; that of its kind for one that nobody knows.
CREATE FUNCTION rate_of(p_kind text, p_tenant int, p_subject text, OUT per_minute int, OUT burst int)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF p_kind = 'tenant' THEN
    SELECT t.rate_per_minute, t.rate_burst INTO per_minute, burst FROM tenant t WHERE t.id = p_tenant;
  ELSIF p_kind = 'key' THEN
    SELECT k.rate_per_minute, k.rate_burst INTO per_minute, burst
    FROM api_key k WHERE k.tenant_id = p_tenant AND k.id = p_subject;
  END IF;
  IF per_minute IS NULL THEN
    SELECT d.per_minute, d.burst INTO STRICT per_minute, burst FROM rate_defaults() d WHERE d.kind = p_kind;
  END IF;
END
$$;

-- Takes tokens. p_asked: [{place, kind, tenant, subject, need, back}]: `need` requests wait, `back`
-- tokens were taken and not used. Grants what is needed as far as it is there, and where the rate is
-- high the tokens of the next half second, at most a twentieth of the burst.
-- wait_ms: until there is a token again, for those that got less than they needed.
CREATE FUNCTION rate_take(p_asked jsonb)
RETURNS TABLE (place int, granted int, per_minute int, burst int, tokens double precision, wait_ms double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_ask record;
  v_now timestamptz;
  v_per_ms double precision;
  v_filled_at timestamptz;
BEGIN
  -- In one order everywhere, so that two processes never wait for each other.
  FOR v_ask IN
    SELECT a.*, a.kind || ' ' || a.subject AS id
    FROM jsonb_to_recordset(p_asked)
      AS a (place int, kind text, tenant int, subject text, need int, back int)
    ORDER BY (a.kind || ' ' || a.subject) COLLATE "C"
  LOOP
    SELECT r.per_minute, r.burst INTO per_minute, burst
    FROM rate_of(v_ask.kind, v_ask.tenant, v_ask.subject) AS r;
    v_per_ms := per_minute / 60000.0;
    SELECT b.tokens, b.filled_at INTO tokens, v_filled_at
    FROM rate_bucket b WHERE b.id = v_ask.id FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO rate_bucket AS b (id, tokens, filled_at) VALUES (v_ask.id, burst, millrace_now())
      ON CONFLICT (id) DO NOTHING;
      SELECT b.tokens, b.filled_at INTO STRICT tokens, v_filled_at
      FROM rate_bucket b WHERE b.id = v_ask.id FOR UPDATE;
    END IF;
    -- Of the moment at which the bucket is ours.
    v_now := millrace_now();
    tokens := least(burst, tokens + v_ask.back
      + greatest(0, extract(epoch FROM v_now - v_filled_at) * 1000) * v_per_ms);
    place := v_ask.place;
    granted := least(floor(tokens), greatest(v_ask.need, least(burst / 20, per_minute / 120)))::int;
    tokens := tokens - granted;
    wait_ms := CASE WHEN granted < v_ask.need THEN ceil((1 - least(1, tokens)) / v_per_ms) ELSE 0 END;
    UPDATE rate_bucket b SET tokens = rate_take.tokens, filled_at = v_now WHERE b.id = v_ask.id;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Forgets buckets that are full again: each is after an hour.
CREATE FUNCTION rate_sweep() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH gone AS (
    DELETE FROM rate_bucket WHERE filled_at < millrace_now() - interval '1 hour' RETURNING id
  )
  SELECT count(*) FROM gone
$$;

CREATE FUNCTION rate_set_default(p_kind text, p_per_minute int, p_burst int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO rate_default VALUES (p_kind, p_per_minute, p_burst)
  ON CONFLICT (kind) DO UPDATE SET per_minute = excluded.per_minute, burst = excluded.burst
$$;
-- Nulls: as rate_default says.
CREATE FUNCTION rate_set_tenant(p_tenant int, p_per_minute int, p_burst int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE tenant SET rate_per_minute = p_per_minute, rate_burst = p_burst WHERE id = p_tenant
$$;

GRANT EXECUTE ON FUNCTION key_owner(bytea), rate_take(jsonb), rate_sweep(), rate_defaults(),
  rate_set_default(text, int, int), rate_set_tenant(int, int, int)
TO millrace_system;

-- Usage: what is counted by day (UTC), and what a tenant has stored at this moment.

CREATE TABLE usage_day (
  tenant_id int NOT NULL REFERENCES tenant (id),
  day date NOT NULL,
  kind text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  PRIMARY KEY (tenant_id, day, kind)
) WITH (fillfactor = 50);
SELECT protect_tenant_table('usage_day');
GRANT SELECT, INSERT, UPDATE (amount) ON usage_day TO millrace_app;

ALTER TABLE tenant
  -- Most of each kind: {storage: bytes, runs, exports, mails: of a day}; what is not named has no end.
  ADD COLUMN quotas jsonb NOT NULL DEFAULT '{}',
  -- Size of all files that have not been swept.
  ADD COLUMN stored_bytes bigint NOT NULL DEFAULT 0,
  -- Rows that can be read, as they were counted last, and at which commit that was.
  ADD COLUMN published_rows bigint,
  ADD COLUMN published_rows_commit bigint,
  ADD COLUMN published_rows_at timestamptz;
GRANT UPDATE (published_rows, published_rows_commit, published_rows_at) ON tenant TO millrace_app;
UPDATE tenant t SET stored_bytes = s.bytes
FROM (SELECT tenant_id, sum(size_bytes) AS bytes FROM file WHERE swept_at IS NULL GROUP BY 1) AS s
WHERE s.tenant_id = t.id;

CREATE FUNCTION usage_today() RETURNS date
LANGUAGE sql STABLE AS $$ SELECT (millrace_now() AT TIME ZONE 'UTC')::date $$;

-- A quota of which four fifths, or all, were reached just now is an event. Returns how many hundredths.
CREATE FUNCTION quota_note(p_tenant int, p_kind text, p_before bigint, p_after bigint, p_most bigint)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_reached int := CASE
    WHEN p_most <= p_after AND p_before < p_most THEN 100
    WHEN p_most * 0.8 <= p_after AND p_before < p_most * 0.8 THEN 80 END;
BEGIN
  IF v_reached IS NOT NULL THEN
    INSERT INTO outbox (tenant_id, kind, payload) VALUES (p_tenant, 'quota.reached',
      jsonb_build_object('kind', p_kind, 'percent', v_reached, 'used', p_after, 'most', p_most));
  END IF;
  RETURN v_reached;
END
$$;

-- Counts for the tenant of this transaction, unless that is more than its quota of the day.
-- reached: 80 or 100 where this has brought it to that many hundredths of the quota.
CREATE FUNCTION usage_spend(p_kind text, p_amount bigint)
RETURNS TABLE (refused boolean, used bigint, most bigint, reached int)
LANGUAGE plpgsql AS $$
DECLARE
  v_tenant int := millrace_tenant();
BEGIN
  SELECT (t.quotas ->> p_kind)::bigint INTO most FROM tenant t WHERE t.id = v_tenant;
  INSERT INTO usage_day AS u (tenant_id, day, kind, amount)
  SELECT v_tenant, usage_today(), p_kind, p_amount WHERE most IS NULL OR p_amount <= most
  ON CONFLICT (tenant_id, day, kind) DO UPDATE SET amount = u.amount + excluded.amount
  WHERE most IS NULL OR u.amount + excluded.amount <= most
  RETURNING u.amount INTO used;
  refused := used IS NULL;
  IF refused THEN
    SELECT coalesce(sum(u.amount), 0) INTO used
    FROM usage_day u WHERE u.tenant_id = v_tenant AND u.day = usage_today() AND u.kind = p_kind;
  ELSE
    reached := quota_note(v_tenant, p_kind, used - p_amount, used, most);
  END IF;
  RETURN NEXT;
END
$$;

-- Counts of several tenants that have happened already. p_counts: [{tenant, kind, amount}].
CREATE FUNCTION usage_add(p_counts jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO usage_day AS u (tenant_id, day, kind, amount)
  SELECT t.id, usage_today(), c.kind, sum(c.amount)
  FROM jsonb_to_recordset(p_counts) AS c (tenant int, kind text, amount bigint)
  JOIN tenant t ON t.id = c.tenant
  GROUP BY t.id, c.kind ORDER BY t.id, c.kind
  ON CONFLICT (tenant_id, day, kind) DO UPDATE SET amount = u.amount + excluded.amount
$$;

-- What it has stored, with the number of its rows: counted again after publishes, once a minute at most.
CREATE FUNCTION usage_stored() RETURNS TABLE (bytes bigint, rows bigint, quotas jsonb)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_tenant int := millrace_tenant();
  v_at tenant;
  v_rows bigint;
BEGIN
  SELECT * INTO STRICT v_at FROM tenant t WHERE t.id = v_tenant;
  IF v_at.published_rows_commit IS DISTINCT FROM v_at.last_commit
    AND (v_at.published_rows_at IS NULL OR v_at.published_rows_at < millrace_now() - interval '1 minute')
  THEN
    SELECT coalesce(sum(v.rows), 0) INTO v_rows
    FROM partition_pointer p JOIN version v ON v.tenant_id = v_tenant AND v.id = p.version_id
    WHERE p.tenant_id = v_tenant AND p.environment = 'main';
    UPDATE tenant t SET published_rows = v_rows, published_rows_commit = v_at.last_commit,
      published_rows_at = millrace_now()
    WHERE t.id = v_tenant;
    v_at.published_rows := v_rows;
  END IF;
  RETURN QUERY SELECT v_at.stored_bytes, v_at.published_rows, v_at.quotas;
END
$$;

CREATE FUNCTION usage_file() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_noted int;
BEGIN
  IF TG_OP = 'INSERT' THEN
    WITH changed AS (
      UPDATE tenant t SET stored_bytes = t.stored_bytes + c.bytes
      FROM (
        SELECT tenant_id, sum(size_bytes)::bigint AS bytes FROM after_rows
        WHERE swept_at IS NULL GROUP BY 1
      ) AS c
      WHERE t.id = c.tenant_id
      RETURNING t.id, t.stored_bytes, c.bytes, (t.quotas ->> 'storage')::bigint AS most
    )
    SELECT max(quota_note(id, 'storage', stored_bytes - bytes, stored_bytes, most)) INTO v_noted
    FROM changed WHERE most IS NOT NULL;
  ELSIF TG_OP = 'DELETE' THEN
    UPDATE tenant t SET stored_bytes = t.stored_bytes - c.bytes
    FROM (SELECT tenant_id, sum(size_bytes) AS bytes FROM before_rows WHERE swept_at IS NULL GROUP BY 1) AS c
    WHERE t.id = c.tenant_id;
  ELSE
    UPDATE tenant t SET stored_bytes = t.stored_bytes + c.bytes
    FROM (
      SELECT tenant_id, sum(bytes) AS bytes FROM (
        SELECT tenant_id, size_bytes AS bytes FROM after_rows WHERE swept_at IS NULL
        UNION ALL SELECT tenant_id, -size_bytes FROM before_rows WHERE swept_at IS NULL
      ) AS change GROUP BY 1 HAVING sum(bytes) <> 0
    ) AS c
    WHERE t.id = c.tenant_id;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER usage_file_in AFTER INSERT ON file REFERENCING NEW TABLE AS after_rows
FOR EACH STATEMENT EXECUTE FUNCTION usage_file();
CREATE TRIGGER usage_file_out AFTER DELETE ON file REFERENCING OLD TABLE AS before_rows
FOR EACH STATEMENT EXECUTE FUNCTION usage_file();
CREATE TRIGGER usage_file_change AFTER UPDATE ON file
REFERENCING OLD TABLE AS before_rows NEW TABLE AS after_rows
FOR EACH STATEMENT EXECUTE FUNCTION usage_file();

-- Null: no end to it.
CREATE FUNCTION quota_set(p_tenant int, p_kind text, p_most bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE tenant SET quotas = CASE WHEN p_most IS NULL THEN quotas - p_kind
    ELSE quotas || jsonb_build_object(p_kind, p_most) END
  WHERE id = p_tenant
$$;

GRANT EXECUTE ON FUNCTION usage_spend(text, bigint), usage_stored(),
  quota_note(int, text, bigint, bigint, bigint) TO millrace_app;
GRANT EXECUTE ON FUNCTION usage_today() TO millrace_app, millrace_system;
GRANT EXECUTE ON FUNCTION usage_add(jsonb), quota_set(int, text, bigint) TO millrace_system;
