-- 0058: what came of versions by dataset and time, for pictures of data quality and of arrivals.
-- Breaks nothing.

CREATE INDEX version_made ON version (tenant_id, dataset, created_at, id);
CREATE INDEX version_newest ON version (tenant_id, dataset, partition, id);
