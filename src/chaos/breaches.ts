import type { TenantSession } from '#catalog/session.ts'

/** What must hold of a tenant's runs, tasks, attempts and versions when nothing moves any more. */
export async function findBreaches(session: TenantSession): Promise<string[]> {
  const breaches: string[] = []
  for (const rule of RULES) {
    const rows = await session.query<{ breach: string }>(rule, [session.tenant.id])
    breaches.push(...rows.map(({ breach }) => breach))
  }
  return breaches
}

const RULES = [
  `SELECT format('run %s (%s) counts %s open tasks and has %s', r.id, r.state, r.open, t.open) AS breach
   FROM run r
   CROSS JOIN LATERAL (
     SELECT count(*) AS open FROM task
     WHERE tenant_id = $1 AND run_id = r.id AND state IN ('waiting', 'ready', 'running')) AS t
   WHERE r.tenant_id = $1 AND (r.open <> t.open OR (r.state = 'running') <> (t.open > 0))`,

  // Once: a task has at most one version, and at most one attempt that counted, its last one.
  `SELECT format('task %s wrote %s versions', task_id, count(*)) AS breach FROM version
   WHERE tenant_id = $1 GROUP BY task_id HAVING count(*) > 1`,
  `SELECT format('run %s published %s %s %s times', run_id, dataset, partition, count(*)) AS breach
   FROM version WHERE tenant_id = $1 AND state = 'published'
   GROUP BY run_id, dataset, partition HAVING count(*) > 1`,
  `SELECT format('task %s took effect %s times', task_id, count(*)) AS breach FROM attempt
   WHERE tenant_id = $1 AND state IN ('done', 'unchanged') GROUP BY task_id HAVING count(*) > 1`,

  // Stale: written by an attempt that was not the task's newest.
  `SELECT format('version %s of %s %s was written with fence %s, its task was last claimed with %s',
     v.id, v.dataset, v.partition, v.fence, t.fence) AS breach
   FROM version v LEFT JOIN task t ON t.tenant_id = $1 AND t.id = v.task_id
   WHERE v.tenant_id = $1 AND v.fence IS DISTINCT FROM t.fence`,
  `SELECT format('attempt %s of task %s counted, and attempt %s had begun after it', a.number, a.task_id,
     t.attempts) AS breach
   FROM attempt a JOIN task t ON t.tenant_id = $1 AND t.id = a.task_id
   WHERE a.tenant_id = $1 AND a.state IN ('done', 'unchanged') AND a.fence <> t.fence`,

  `SELECT format('version %s of %s %s: its task %s is %s', v.id, v.dataset, v.partition, v.task_id,
     coalesce(t.state, 'not there')) AS breach
   FROM version v LEFT JOIN task t ON t.tenant_id = $1 AND t.id = v.task_id
   WHERE v.tenant_id = $1 AND t.state IS DISTINCT FROM 'done'`,
  `SELECT format('task %s is %s and has a lease', id, state) AS breach FROM task
   WHERE tenant_id = $1 AND state <> 'running' AND lease_until IS NOT NULL`,
  `SELECT format('%s %s is served as version %s, which is %s', p.dataset, p.partition, p.version_id,
     coalesce(v.state, 'not there')) AS breach
   FROM partition_pointer p LEFT JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
   WHERE p.tenant_id = $1 AND p.version_id IS NOT NULL AND v.state IS DISTINCT FROM 'published'`,
]

export interface ServedPartition {
  readonly name: string
  readonly dataVersion: string
}

/** Data versions that are served, in order of their names. */
export function servedPartitions(session: TenantSession): Promise<ServedPartition[]> {
  return session.query<ServedPartition>(
    `SELECT dataset || ' ' || partition AS name, data_version AS "dataVersion"
     FROM partition_pointer WHERE tenant_id = $1 AND version_id IS NOT NULL
     ORDER BY dataset, partition`,
    [session.tenant.id],
  )
}

export interface CatalogFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** Files that the catalog says are there. */
export function knownFiles(session: TenantSession): Promise<CatalogFile[]> {
  return session.query<CatalogFile>(
    `SELECT path, size_bytes AS "sizeBytes", sha256 FROM file
     WHERE tenant_id = $1 AND swept_at IS NULL ORDER BY path`,
    [session.tenant.id],
  )
}

/** What a worker's process is at work on, by its process id: `build`, `expand`, `background`. */
export async function workOf(session: TenantSession, pid: number): Promise<string[]> {
  const rows = await session.query<{ kind: string }>(
    `SELECT DISTINCT kind FROM task
     WHERE tenant_id = $1 AND state = 'running' AND lease_owner LIKE '%-' || $2::text || '-%'
     ORDER BY kind`,
    [session.tenant.id, pid],
  )
  return rows.map(({ kind }) => kind)
}

/** Tasks of the tenant that have not ended. */
export async function openTasks(session: TenantSession): Promise<number> {
  const [row] = await session.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM task
     WHERE tenant_id = $1 AND state IN ('waiting', 'ready', 'running')`,
    [session.tenant.id],
  )
  return row?.open ?? 0
}
