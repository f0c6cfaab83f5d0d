-- 0054: links that show one answer in a page of another product. Breaks nothing.

CREATE TABLE embed (
  tenant_id int NOT NULL REFERENCES tenant (id),
  id text COLLATE "C" NOT NULL,
  title text NOT NULL,
  -- {endpoint, version, parameters, where, select, sort}: what it shows, and nothing else. Never changed:
  -- the link is signed over it.
  asked jsonb NOT NULL,
  -- Names of parameters and columns that each signed link says a value of.
  viewer_values text[] NOT NULL,
  chart jsonb,
  theme text NOT NULL CHECK (theme IN ('auto', 'light', 'dark')),
  -- Origins whose pages may frame it: {https://app.example.com}
  origins text[] NOT NULL CHECK (cardinality(origins) > 0),
  -- What whoever made it might see; viewers see no more.
  access jsonb NOT NULL,
  -- Of whoever signs links for viewers.
  secret text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT millrace_now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  -- Exact to the minute.
  last_seen_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
-- The one look-up that comes before the tenant is known.
CREATE UNIQUE INDEX embed_id ON embed (id);
COMMENT ON COLUMN embed.title IS 'quotes subjects in titles';
COMMENT ON COLUMN embed.asked IS 'quotes subjects in conditions and parameters';
COMMENT ON COLUMN embed.chart IS 'quotes subjects in titles';
COMMENT ON COLUMN embed.secret IS 'sealed by id';
SELECT protect_tenant_table('embed');
GRANT SELECT, INSERT, UPDATE (secret, revoked_at) ON embed TO millrace_app;

-- Whose it is: of one that has ended, too, for only what is asked for with a token of it is told apart.
CREATE FUNCTION embed_tenant(p_id text) RETURNS TABLE (id int, slug text, origins text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  SELECT t.id, t.slug, e.origins FROM embed e JOIN tenant t ON t.id = e.tenant_id WHERE e.id = p_id
$$;

-- Noted once a minute, so that looking stays looking.
CREATE FUNCTION embed_seen(p_tenant int, p_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = millrace, pg_temp AS $$
  UPDATE embed SET last_seen_at = millrace_now()
  WHERE tenant_id = p_tenant AND id = p_id
    AND (last_seen_at IS NULL OR last_seen_at < millrace_now() - interval '1 minute')
$$;

GRANT EXECUTE ON FUNCTION embed_tenant(text), embed_seen(int, text) TO millrace_system;
