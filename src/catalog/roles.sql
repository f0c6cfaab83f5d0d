-- The three roles of Millrace. None can log in, none is a superuser, none may bypass row-level
-- security. Millrace runs this at its first start; where its database user may not create roles,
-- a database administrator runs it once, and then, for that user:
--
--   GRANT millrace_owner, millrace_app, millrace_system TO <user>;
--   GRANT CREATE ON DATABASE <database> TO <user>;
--
-- millrace_owner   owns every table and function; nobody works as it, but migrations
-- millrace_app     work for one tenant, under row-level security
-- millrace_system  scheduler and claim: no table, only named functions of the owner's

DO $$
DECLARE
  v_role text;
BEGIN
  FOREACH v_role IN ARRAY ARRAY['millrace_owner', 'millrace_app', 'millrace_system'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', v_role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database of this server was set up at the same moment
      END;
    END IF;
  END LOOP;
END
$$;
