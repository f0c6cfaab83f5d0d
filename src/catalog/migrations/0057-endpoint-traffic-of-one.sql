-- 0057: the requests of one endpoint are found without those of the others. Breaks nothing.

CREATE INDEX endpoint_traffic_of_one ON endpoint_traffic (tenant_id, endpoint, hour);
