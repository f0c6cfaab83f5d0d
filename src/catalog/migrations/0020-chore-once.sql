-- Whoever waited for another's turn at a chore found a time a moment later than the one it had
-- computed itself, took that for a clock that was set back, and did the chore a second time.

CREATE OR REPLACE FUNCTION chore_take(p_name text, p_every_ms double precision) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
DECLARE
  v_every interval := p_every_ms * interval '1 millisecond';
  v_next timestamptz := millrace_now() + v_every;
BEGIN
  INSERT INTO chore (name, next_at) VALUES (p_name, v_next) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN false;
  END IF;
  -- A clock that was set back must not put a chore off for much longer than its time.
  UPDATE chore SET next_at = v_next
  WHERE name = p_name AND (next_at <= millrace_now() OR next_at > v_next + v_every);
  RETURN FOUND;
END
$$;
