-- 0046: writes that are carried out once for each key. Breaks nothing.

-- claimed, leased to the process that carries it out → answered. Once the lease has run out, a row that
-- nothing was changed under is taken over; one that something was changed under tells so, and no more.
CREATE TABLE idempotent_request (
  tenant_id int NOT NULL REFERENCES tenant (id),
  -- Who asked, as in the audit log, and the key that came with the request.
  caller text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  operation text COLLATE "C" NOT NULL,
  -- SHA-256 of the key with the input.
  fingerprint bytea NOT NULL,
  -- Fences a process that was taken for dead.
  token text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'claimed' CHECK (state IN ('claimed', 'answered')),
  -- Set in the first transaction that changes something, so that both are committed or neither.
  changed boolean NOT NULL DEFAULT false,
  lease_until timestamptz NOT NULL,
  -- JSON; both are null where the answer is not kept.
  answer text,
  sealed_answer text,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  PRIMARY KEY (tenant_id, caller, key)
) WITH (fillfactor = 70);
SELECT protect_tenant_table('idempotent_request');
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotent_request TO millrace_app;
-- Like everything that may name somebody; sealed answers go with their day.
COMMENT ON COLUMN idempotent_request.answer IS 'quotes subjects';
COMMENT ON COLUMN idempotent_request.sealed_answer IS 'sealed by caller, key';

-- For the end of each transaction of the request, in whatever role it works. `idle`: it has written
-- nothing. `elsewhere`: the request was claimed in another database. `lost`: another process has taken
-- it over, and the transaction must not be committed.
CREATE FUNCTION idempotent_mark(p_tenant int, p_caller text, p_key text, p_token text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
BEGIN
  IF pg_current_xact_id_if_assigned() IS NULL THEN
    RETURN 'idle';
  END IF;
  UPDATE idempotent_request SET changed = true
  WHERE tenant_id = p_tenant AND caller = p_caller AND key = p_key AND token = p_token
    AND state = 'claimed';
  IF FOUND THEN
    RETURN 'marked';
  END IF;
  RETURN CASE WHEN EXISTS (SELECT FROM idempotent_request
    WHERE tenant_id = p_tenant AND caller = p_caller AND key = p_key) THEN 'lost' ELSE 'elsewhere' END;
END
$$;
GRANT EXECUTE ON FUNCTION idempotent_mark(int, text, text, text) TO millrace_app, millrace_system;

-- Forgets what is older; how many.
CREATE FUNCTION idempotent_sweep(p_keep_ms double precision) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  WITH gone AS (
    DELETE FROM idempotent_request
    WHERE created_at < millrace_now() - p_keep_ms * interval '1 millisecond' RETURNING 1
  )
  SELECT count(*) FROM gone
$$;
GRANT EXECUTE ON FUNCTION idempotent_sweep(double precision) TO millrace_system;
