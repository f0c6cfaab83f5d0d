-- 0019: the pace of tasks from their own time, and batches claimed ahead. Breaks nothing.

-- Slot time that ended batches took, as their worker measured it: [{tenantId, name, slotMs, tasksMs,
-- tasks}].
CREATE OR REPLACE FUNCTION queue_settle(p_used jsonb) RETURNS void
LANGUAGE sql AS $$
  UPDATE tenant_turn t SET served_ms = t.served_ms + used.slot_ms / tenant.weight
  FROM (
    SELECT u."tenantId" AS id, sum(u."slotMs") AS slot_ms
    FROM jsonb_to_recordset(p_used) AS u ("tenantId" int, "slotMs" double precision) GROUP BY 1
  ) AS used JOIN tenant ON tenant.id = used.id
  WHERE t.tenant_id = used.id;

  INSERT INTO task_pace AS p (tenant_id, name, task_ms)
  SELECT u."tenantId", u.name, sum(coalesce(u."tasksMs", u."slotMs")) / sum(u.tasks)
  FROM jsonb_to_recordset(p_used)
    AS u ("tenantId" int, name text, "slotMs" double precision, "tasksMs" double precision, tasks int)
  WHERE u.name IS NOT NULL AND u.tasks > 0 GROUP BY 1, 2
  ON CONFLICT (tenant_id, name) DO UPDATE SET task_ms = (p.task_ms + excluded.task_ms) / 2
$$;

-- How many background tasks one slot takes at once: about a quarter of a second of them, one while
-- nobody knows how long they take, and never so many that other free slots find nothing. With a
-- share of 0, none but where there are two batches of short tasks.
CREATE OR REPLACE FUNCTION queue_batch(p_tenant int, p_name text, p_class text, p_lane text, p_share int)
RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_most int := coalesce((
    SELECT least(256, 250 / greatest(p.task_ms, 0.1)) FROM task_pace p
    WHERE p.tenant_id = p_tenant AND p.name = p_name), 1);
  v_ready int;
BEGIN
  IF v_most < 2 THEN
    RETURN CASE WHEN p_share > 0 THEN 1 ELSE 0 END;
  END IF;
  SELECT count(*) INTO v_ready FROM (
    SELECT FROM task t
    WHERE t.tenant_id = p_tenant AND t.class = p_class AND t.lane = p_lane
      AND t.state = 'ready' AND t.run_after IS NULL AND NOT t.parked
    LIMIT 2 * v_most
  ) AS first;
  RETURN CASE
    WHEN v_ready = 2 * v_most THEN v_most
    WHEN p_share > 0 THEN least(v_most, greatest(1, v_ready / p_share))
    ELSE 0 END;
END
$$;
