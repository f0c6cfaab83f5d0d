-- 0056: figures that a tenant has chosen for its home page; what arrived by day. Breaks nothing.

CREATE TABLE home_figures (
  tenant_id int PRIMARY KEY REFERENCES tenant (id),
  -- [{dataset, column, aggregate}], in the order in which they are shown.
  figures jsonb NOT NULL,
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT millrace_now()
);
SELECT protect_tenant_table('home_figures');
GRANT SELECT, INSERT, UPDATE, DELETE ON home_figures TO millrace_app;

-- What became visible of one dataset on one day.
CREATE INDEX pointer_move_dataset ON pointer_move (tenant_id, dataset, at);
