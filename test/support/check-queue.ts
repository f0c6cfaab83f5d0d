import type { TenantSession } from '#catalog/session.ts'

/** What must hold of runs, tasks, attempts and leases at every moment; one sentence for each breach. */
export async function findQueueFaults(session: TenantSession): Promise<string[]> {
  const faults: string[] = []
  for (const statement of RULES) {
    const rows = await session.query<{ fault: string }>(statement, [session.tenant.id])
    faults.push(...rows.map(({ fault }) => fault))
  }
  return faults
}

const RULES = [
  `SELECT format('run %s (%s) counts %s open tasks, it has %s', r.id, r.state, r.open, t.open) AS fault
   FROM run r
   CROSS JOIN LATERAL (
     SELECT count(*) AS open FROM task
     WHERE tenant_id = $1 AND run_id = r.id AND state IN ('waiting', 'ready', 'running')) AS t
   WHERE r.tenant_id = $1 AND (r.open <> t.open OR (r.state <> 'running') <> (t.open = 0))`,

  `SELECT format('task %s (%s %s, %s) waits for %s, but %s of its inputs have not ended', t.id,
     t.dataset, t.partition, t.state, t.waiting, u.open) AS fault
   FROM task t
   CROSS JOIN LATERAL (
     SELECT count(*) AS open FROM task_edge e
     JOIN task up ON up.tenant_id = $1 AND up.id = e.upstream_id
     WHERE e.tenant_id = $1 AND e.downstream_id = t.id
       AND up.state IN ('waiting', 'ready', 'running')) AS u
   WHERE t.tenant_id = $1 AND (
     (t.state = 'waiting' AND (t.waiting <> u.open OR u.open = 0))
     OR (t.state IN ('ready', 'running', 'done', 'unchanged', 'held') AND u.open > 0))`,

  `SELECT format('task %s is %s, its lease says otherwise', id, state) AS fault FROM task
   WHERE tenant_id = $1
     AND (state = 'running') <> (lease_owner IS NOT NULL AND lease_until IS NOT NULL)`,

  `SELECT format('task %s is %s, its last attempt %s', t.id, t.state, a.state) AS fault
   FROM task t JOIN attempt a
     ON a.tenant_id = $1 AND a.task_id = t.id AND a.number = t.attempts
   WHERE t.tenant_id = $1 AND (a.state = 'running') <> (t.state = 'running')`,

  `SELECT format('run %s counts other tasks of %s than it has', d.run_id, d.dataset) AS fault
   FROM run_dataset d
   CROSS JOIN LATERAL (
     SELECT count(*) AS total, count(*) FILTER (WHERE state = 'done') AS done,
       count(*) FILTER (WHERE state = 'unchanged') AS unchanged,
       count(*) FILTER (WHERE state = 'failed') AS failed,
       count(*) FILTER (WHERE state = 'skipped') AS skipped,
       coalesce(sum(rows) FILTER (WHERE state = 'done'), 0) AS rows
     FROM task t WHERE t.tenant_id = $1 AND t.run_id = d.run_id AND t.dataset = d.dataset) AS t
   WHERE d.tenant_id = $1 AND (d.total, d.done, d.unchanged, d.failed, d.skipped, d.rows)
     IS DISTINCT FROM (t.total, t.done, t.unchanged, t.failed, t.skipped, t.rows)`,
]
