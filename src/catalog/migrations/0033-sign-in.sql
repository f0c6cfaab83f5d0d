-- 0033: links that work once, and slowed guessing. Breaks nothing.

-- The hash of a link's token; a link is gone once it has been used.
CREATE TABLE account_link (
  hash bytea PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('setup', 'reset')),
  user_id text COLLATE "C" REFERENCES user_account (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  CHECK ((purpose = 'setup') = (user_id IS NULL))
);
-- The newest link replaces the former one.
CREATE UNIQUE INDEX account_link_of ON account_link (purpose, coalesce(user_id, ''));

-- Failures to prove who one is: of an account (a hash of its address) or of a network address.
CREATE TABLE sign_in_throttle (
  subject text COLLATE "C" PRIMARY KEY,
  -- Becomes less by itself as time goes by.
  failures double precision NOT NULL,
  counted_at timestamptz NOT NULL,
  closed_until timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX sign_in_throttle_old ON sign_in_throttle (counted_at);

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['account_link', 'sign_in_throttle']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', v_table);
    EXECUTE format('CREATE POLICY owner ON %s TO millrace_owner USING (true) WITH CHECK (true)', v_table);
  END LOOP;
END
$$;

-- p_user is null for purposes that are nobody's.
CREATE FUNCTION link_make(p_purpose text, p_user text, p_hash bytea, p_life interval)
RETURNS timestamptz LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  INSERT INTO account_link (hash, purpose, user_id, expires_at)
  VALUES (p_hash, p_purpose, p_user, millrace_now() + p_life)
  ON CONFLICT (purpose, coalesce(user_id, '')) DO UPDATE
  SET hash = excluded.hash, expires_at = excluded.expires_at
  RETURNING expires_at
$$;

-- Whose it is, as long as it works.
CREATE FUNCTION link_owner(p_purpose text, p_hash bytea) RETURNS TABLE (user_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT l.user_id FROM account_link l
  WHERE l.hash = p_hash AND l.purpose = p_purpose AND l.expires_at > millrace_now()
$$;

-- The same, once.
CREATE FUNCTION link_use(p_purpose text, p_hash bytea) RETURNS TABLE (user_id text)
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH used AS (
    DELETE FROM account_link l WHERE l.hash = p_hash AND l.purpose = p_purpose
    RETURNING l.user_id, l.expires_at
  )
  SELECT u.user_id FROM used u WHERE u.expires_at > millrace_now()
$$;

-- An account of an operator. The first account of all owns the tenant that is there from the
-- beginning, too. False where the address has an account.
CREATE FUNCTION operator_create(p_id text, p_email text, p_name text, p_password text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_is_first boolean := NOT EXISTS (SELECT FROM user_account);
BEGIN
  IF NOT user_create(p_id, p_email, p_name, p_password, true) THEN
    RETURN false;
  END IF;
  INSERT INTO membership (tenant_id, user_id, role)
  SELECT t.id, p_id, 'owner' FROM tenant t WHERE t.slug = 'default' AND v_is_first;
  RETURN true;
END
$$;

-- Milliseconds for which a subject is closed; 0: it is open.
CREATE FUNCTION throttle_wait(p_subject text) RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT coalesce(max(greatest(0, extract(epoch FROM t.closed_until - millrace_now()) * 1000)), 0)
  FROM sign_in_throttle t WHERE t.subject = p_subject
$$;

-- Counts a failure, unless the subject is closed: then nothing, and for how many milliseconds still.
-- The first p_free cost nothing, then it is closed for p_delay, twice that, ... up to p_longest; one is
-- forgotten in each p_forget.
CREATE FUNCTION throttle_count(
  p_subject text, p_free int, p_delay interval, p_longest interval, p_forget interval
) RETURNS double precision
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_now timestamptz := millrace_now();
  v_row sign_in_throttle;
BEGIN
  -- What is forgotten leaves a few at a time.
  DELETE FROM sign_in_throttle t WHERE t.subject IN (
    SELECT o.subject FROM sign_in_throttle o
    WHERE o.counted_at < v_now - interval '1 day' AND o.subject <> p_subject
    ORDER BY o.counted_at LIMIT 5 FOR UPDATE SKIP LOCKED);
  INSERT INTO sign_in_throttle (subject, failures, counted_at, closed_until)
  VALUES (p_subject, 0, v_now, v_now) ON CONFLICT DO NOTHING;
  SELECT * INTO v_row FROM sign_in_throttle t WHERE t.subject = p_subject FOR UPDATE;
  IF v_row.closed_until > v_now THEN
    RETURN extract(epoch FROM v_row.closed_until - v_now) * 1000;
  END IF;
  v_row.failures := 1 + greatest(0, v_row.failures
    - extract(epoch FROM v_now - v_row.counted_at) / extract(epoch FROM p_forget));
  UPDATE sign_in_throttle t SET failures = v_row.failures, counted_at = v_now,
    closed_until = v_now + CASE WHEN v_row.failures <= p_free THEN interval '0'
      ELSE least(p_longest, p_delay * 2 ^ least(30, ceil(v_row.failures) - p_free - 1)) END
  WHERE t.subject = p_subject;
  RETURN 0;
END
$$;

-- What was counted was none.
CREATE FUNCTION throttle_undo(p_subject text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE sign_in_throttle t SET failures = greatest(0, t.failures - 1), closed_until = millrace_now()
  WHERE t.subject = p_subject
$$;

CREATE FUNCTION throttle_clear(p_subject text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  DELETE FROM sign_in_throttle t WHERE t.subject = p_subject
$$;

GRANT EXECUTE ON FUNCTION
  link_make(text, text, bytea, interval), link_owner(text, bytea), link_use(text, bytea),
  operator_create(text, text, text, text), throttle_wait(text),
  throttle_count(text, int, interval, interval, interval), throttle_undo(text), throttle_clear(text)
TO millrace_system;
