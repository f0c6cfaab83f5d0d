-- 0060: the log of a run is read by time, whatever task wrote a line. Breaks nothing.

CREATE INDEX task_log_at ON task_log (tenant_id, at, id);
