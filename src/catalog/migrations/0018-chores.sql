-- 0018: chores that one process of a deployment does for all, from time to time. Breaks nothing.

CREATE TABLE chore (
  name text COLLATE "C" PRIMARY KEY,
  next_at timestamptz NOT NULL
);
ALTER TABLE chore ENABLE ROW LEVEL SECURITY;
ALTER TABLE chore FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON chore TO millrace_owner USING (true) WITH CHECK (true);

-- True for one caller in p_every_ms: it is the one to do it. The first time comes after that time, too.
CREATE FUNCTION chore_take(p_name text, p_every_ms double precision) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_next timestamptz := millrace_now() + p_every_ms * interval '1 millisecond';
BEGIN
  INSERT INTO chore (name, next_at) VALUES (p_name, v_next) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN false;
  END IF;
  -- A clock that was set back must not put a chore off for longer than its time.
  UPDATE chore SET next_at = v_next
  WHERE name = p_name AND (next_at <= millrace_now() OR next_at > v_next);
  RETURN FOUND;
END
$$;
GRANT EXECUTE ON FUNCTION chore_take(text, double precision) TO millrace_system;
