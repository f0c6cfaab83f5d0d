-- 0026: columns that hold sealed secrets, and their rotation; the outbox of mail. Breaks nothing:
-- what lies open from before is sealed by the first process that has a key.

-- A column with secrets says so in its comment: `sealed by <columns that tell a tenant's rows apart>`,
-- or `sealed` where a tenant has one row. In a jsonb object the fields {"$secret": "…"} are sealed.
COMMENT ON COLUMN source_option.options IS 'sealed by dataset';
COMMENT ON COLUMN call_handler.secret IS 'sealed by name';
COMMENT ON COLUMN callback_secret.secret IS 'sealed';

-- A secret is shown once: when it is asked for the first time.
ALTER TABLE callback_secret ADD COLUMN shown_at timestamptz;

CREATE FUNCTION sealed_columns()
RETURNS TABLE (name text, rel regclass, col name, is_json boolean, has_tenant boolean, keys text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_catalog, pg_temp AS $$
  SELECT c.relname || '.' || a.attname, c.oid::regclass, a.attname, a.atttypid = 'jsonb'::regtype,
    EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id'),
    coalesce(regexp_split_to_array(substring(d.description FROM '^sealed by (.+)$'), ',\s*'), '{}')
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
  WHERE c.relnamespace = 'millrace'::regnamespace AND d.description ~ '^sealed( by .+)?$'
  ORDER BY 1
$$;

-- SQL for the parts of a row that the functions below speak of.
CREATE FUNCTION sealed_tenant(p_has boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN p_has THEN 't.tenant_id' ELSE 'NULL::int' END $$;
CREATE FUNCTION sealed_keys(p_keys text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT 'ARRAY[' || coalesce(string_agg(format('t.%I::text', key), ', ' ORDER BY place), '')
    || ']::text[]' FROM unnest(p_keys) WITH ORDINALITY AS k (key, place)
$$;

-- Rows of a sealed column whose secrets do not begin with p_done, after a row in order of tenant and
-- keys (nulls: from the first); p_fields: which fields of an object are secret.
CREATE FUNCTION secrets_page(
  p_name text, p_done text, p_fields text[], p_tenant int, p_keys text[], p_max int
) RETURNS TABLE (tenant_id int, keys text[], value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_at record;
  v_tenant text;
  v_keys text;
BEGIN
  SELECT * INTO STRICT v_at FROM sealed_columns() s WHERE s.name = p_name;
  v_tenant := sealed_tenant(v_at.has_tenant);
  v_keys := sealed_keys(v_at.keys);
  RETURN QUERY EXECUTE format(
    'SELECT %1$s, %2$s, t.%3$I::text FROM %4$s t
     WHERE t.%3$I IS NOT NULL AND (%5$s)
       AND ($3 IS NULL OR (coalesce(%1$s, 0), %2$s) > ($3, $4))
     ORDER BY coalesce(%1$s, 0), %2$s LIMIT $5',
    v_tenant, v_keys, v_at.col, v_at.rel,
    CASE WHEN v_at.is_json THEN format(
      'EXISTS (SELECT FROM unnest($2) f WHERE t.%1$I ? f
         AND NOT starts_with(coalesce(t.%1$I -> f ->> ''$secret'', ''''), $1))', v_at.col)
    ELSE format('NOT starts_with(t.%I, $1)', v_at.col) END)
  USING p_done, p_fields, p_tenant, p_keys, p_max;
END
$$;

-- Replaces values that are still what they were; p_rows: [{tenantId, keys, former, value}]. How many.
CREATE FUNCTION secrets_replace(p_name text, p_rows jsonb) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_at record;
  v_count int;
BEGIN
  SELECT * INTO STRICT v_at FROM sealed_columns() s WHERE s.name = p_name;
  EXECUTE format(
    'UPDATE %1$s t SET %2$I = r.value::%3$s
     FROM jsonb_to_recordset($1) AS r ("tenantId" int, keys text[], former text, value text)
     WHERE %4$s AND %5$s = r.keys AND t.%2$I = r.former::%3$s',
    v_at.rel, v_at.col, CASE WHEN v_at.is_json THEN 'jsonb' ELSE 'text' END,
    CASE WHEN v_at.has_tenant
      THEN '(t.tenant_id = r."tenantId" OR (r."tenantId" IS NULL AND t.tenant_id IS NULL))'
      ELSE 'true' END,
    sealed_keys(v_at.keys))
  USING p_rows;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  RETURN v_count;
END
$$;

-- How many secrets each key has sealed, by column; key null: they lie open. p_fields as above.
CREATE FUNCTION secrets_usage(p_fields text[])
RETURNS TABLE (name text, key_id text, secrets bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_at record;
BEGIN
  FOR v_at IN SELECT * FROM sealed_columns() LOOP
    RETURN QUERY EXECUTE format(
      'SELECT $1, substring(s.sealed FROM ''^enc:v1:([0-9a-f]{8}):''), count(*) FROM (%s) s GROUP BY 2',
      CASE WHEN v_at.is_json THEN format(
        'SELECT coalesce(t.%1$I -> f ->> ''$secret'', '''') AS sealed
         FROM %2$s t, unnest($2) f WHERE t.%1$I ? f', v_at.col, v_at.rel)
      ELSE format('SELECT t.%1$I AS sealed FROM %2$s t WHERE t.%1$I IS NOT NULL', v_at.col, v_at.rel)
      END)
    USING v_at.name, p_fields;
  END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION secrets_page(text, text, text[], int, text[], int),
  secrets_replace(text, jsonb), secrets_usage(text[])
TO millrace_system;
GRANT EXECUTE ON FUNCTION sealed_columns() TO millrace_system;

-- Mail that goes out: written in the transaction of its cause, sent afterwards.
CREATE TABLE mail (
  -- Null: of the deployment, such as the reset of a password.
  tenant_id int REFERENCES tenant (id),
  id text COLLATE "C" PRIMARY KEY,
  recipient text NOT NULL,
  recipient_name text,
  template text NOT NULL,
  data jsonb NOT NULL,
  -- JSON of what nobody but the recipient may see; gone when the mail is sent.
  sealed text,
  state text NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'bounced')),
  -- Number of the newest try, which names the claim.
  attempts int NOT NULL DEFAULT 0,
  -- Not before; while it is being sent, when another sender may take over.
  next_at timestamptz NOT NULL DEFAULT millrace_now(),
  -- Until when it is tried.
  until timestamptz NOT NULL DEFAULT millrace_now() + interval '2 days',
  -- The same for every try, so that a receiver knows it again.
  message_id text,
  error text,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  ended_at timestamptz
) WITH (fillfactor = 70);
COMMENT ON COLUMN mail.sealed IS 'sealed by id';
CREATE INDEX mail_of_tenant ON mail (tenant_id, id);
CREATE INDEX mail_due ON mail (next_at) WHERE state IN ('queued', 'sending');
CREATE INDEX mail_ended ON mail (ended_at) WHERE ended_at IS NOT NULL;
SELECT protect_tenant_table('mail');
GRANT SELECT, INSERT ON mail TO millrace_app;
GRANT UPDATE (state, next_at, until, error, ended_at) ON mail TO millrace_app;

CREATE FUNCTION mail_wake() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('millrace_ready', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER mail_wake AFTER INSERT ON mail FOR EACH STATEMENT EXECUTE FUNCTION mail_wake();

-- Mail of the deployment.
CREATE FUNCTION mail_queue(
  p_id text, p_recipient text, p_name text, p_template text, p_data jsonb, p_sealed text
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO mail (tenant_id, id, recipient, recipient_name, template, data, sealed)
  VALUES (NULL, p_id, p_recipient, p_name, p_template, p_data, p_sealed)
$$;

-- What is due, of any tenant, oldest first; another sender may have it after the lease.
CREATE FUNCTION mail_claim(p_max int, p_lease_ms double precision, p_domain text)
RETURNS TABLE (
  id text, tenant_id int, recipient text, recipient_name text, template text, data jsonb,
  sealed text, number int, message_id text
)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH due AS (
    SELECT m.id FROM mail m
    WHERE m.state IN ('queued', 'sending') AND m.next_at <= millrace_now()
    ORDER BY m.next_at LIMIT p_max FOR UPDATE SKIP LOCKED
  )
  UPDATE mail m
  SET state = 'sending', attempts = m.attempts + 1,
      next_at = millrace_now() + p_lease_ms * interval '1 millisecond',
      message_id = coalesce(m.message_id, m.id || '@' || p_domain)
  FROM due WHERE m.id = due.id
  RETURNING m.id, m.tenant_id, m.recipient, m.recipient_name, m.template, m.data, m.sealed,
    m.attempts, m.message_id
$$;

-- How a try came out, unless another sender has it by now. p_error null: it was sent. Else it bounced
-- (delay null), or is tried again after the delay, or fails when that is too late. The new state.
CREATE FUNCTION mail_settle(p_id text, p_number int, p_error text, p_delay_ms double precision)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_next timestamptz := millrace_now() + p_delay_ms * interval '1 millisecond';
  v_state text;
BEGIN
  UPDATE mail m
  SET state = CASE WHEN p_error IS NULL THEN 'sent' WHEN p_delay_ms IS NULL THEN 'bounced'
        WHEN v_next > m.until THEN 'failed' ELSE 'queued' END,
      next_at = coalesce(v_next, m.next_at), error = p_error,
      sealed = CASE WHEN p_error IS NULL THEN NULL ELSE m.sealed END
  WHERE m.id = p_id AND m.attempts = p_number AND m.state = 'sending'
  RETURNING m.state INTO v_state;
  IF v_state <> 'queued' THEN
    UPDATE mail m SET ended_at = millrace_now() WHERE m.id = p_id;
  END IF;
  RETURN v_state;
END
$$;

-- Milliseconds until some is due; null when there is none.
CREATE FUNCTION mail_next_wake() RETURNS double precision
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT greatest(0, extract(epoch FROM min(next_at) - millrace_now()) * 1000)::double precision
  FROM mail WHERE state IN ('queued', 'sending')
$$;

-- Removes mail that came to its end longer ago, however it ended; at most p_max. How many.
CREATE FUNCTION mail_sweep(p_keep_ms double precision, p_max int) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH gone AS (
    DELETE FROM mail WHERE id IN (
      SELECT m.id FROM mail m
      WHERE m.ended_at < millrace_now() - p_keep_ms * interval '1 millisecond'
      ORDER BY m.ended_at LIMIT p_max FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  )
  SELECT count(*)::int FROM gone
$$;

GRANT EXECUTE ON FUNCTION mail_queue(text, text, text, text, jsonb, text),
  mail_claim(int, double precision, text), mail_settle(text, int, text, double precision),
  mail_next_wake(), mail_sweep(double precision, int)
TO millrace_system;
