import type { TenantSession } from '#catalog/session.ts'
import type { Tenant } from '#model/tenant.ts'
import { findQueueFaults } from '../support/check-queue.ts'
import type { Actor } from './schedule.ts'
import type { Store } from './store.ts'
import { describe, type World } from './world.ts'

interface TaskRow {
  readonly id: number
  readonly tenantId: number
  readonly state: string
  readonly fence: number | null
  readonly owner: string | null
  readonly leaseMs: number | null
  readonly deadlineMs: number | null
  readonly beforeMs: number | null
  readonly runId: string
  readonly dataset: string
}

/** At most so many batches (of builds) or tasks (of others) at a time, in a tenant or of a name. */
export interface KnownLimit {
  readonly tenantId: number | null
  readonly dataset: string | null
  readonly running: number
}

export interface Inspector {
  /** Looks at all tasks after a transaction of this actor; what may not be is a fault. */
  inspect(actor: Actor, about: string): Promise<void>
  /** What must hold of the catalog at any moment, apart from how it came about. */
  sweep(): Promise<void>
  /** Tasks that have not ended. */
  open(): number
  readonly faults: string[]
}

const ENDED = ['done', 'unchanged', 'held', 'failed', 'skipped', 'cancelled']
const TASKS = `
  SELECT id, tenant_id AS "tenantId", state, fence, lease_owner AS owner, run_id AS "runId", dataset,
    (extract(epoch FROM lease_until) * 1000)::double precision AS "leaseMs",
    (extract(epoch FROM deadline_at) * 1000)::double precision AS "deadlineMs",
    (extract(epoch FROM start_before) * 1000)::double precision AS "beforeMs"
  FROM task ORDER BY id`
const VERSIONS = `
  SELECT format('task %s wrote %s versions', task_id, count(*)) AS fault FROM version
  GROUP BY tenant_id, task_id HAVING count(*) > 1
  UNION ALL
  SELECT format('version %s was written by fence %s, its task was last claimed by %s', v.id, v.fence, t.fence)
  FROM version v JOIN task t ON t.tenant_id = v.tenant_id AND t.id = v.task_id
  WHERE v.fence IS DISTINCT FROM t.fence OR t.state <> 'done'
  UNION ALL
  SELECT format('run %s published %s %s %s times', run_id, dataset, partition, count(*)) FROM version
  WHERE state = 'published' GROUP BY tenant_id, run_id, dataset, partition HAVING count(*) > 1`

/**
 * Judges every change of every task by who made it: a task is begun by a claim alone and with a
 * higher fencing number than any before; it is ended by whoever holds its lease, or by time; and
 * what has ended stays so.
 */
export function createInspector(
  store: Store<Actor>,
  world: World,
  tenants: readonly Tenant[],
  limits: readonly KnownLimit[],
  nowMs: () => number,
): Inspector {
  const faults: string[] = []
  let known = new Map<number, TaskRow>()
  let highestFence = 0

  function judge(before: TaskRow | undefined, after: TaskRow, actor: Actor, about: string): void {
    if (before?.state === after.state && before.fence === after.fence) return
    const change = `task ${after.id} (${after.dataset}) went from ${before?.state ?? 'nothing'} to ${after.state}`
    const fault = wrongWith(before, after, actor, about)
    if (fault) faults.push(`${change} by ${actor.name} (${about}): ${fault}`)
  }

  function wrongWith(
    before: TaskRow | undefined,
    after: TaskRow,
    actor: Actor,
    about: string,
  ): string | null {
    const { state } = after
    if (!before)
      return ['waiting', 'ready'].includes(state) ? null : 'it must begin waiting or ready'
    if (ENDED.includes(before.state)) return 'it had ended'
    if (state === 'running') {
      if (before.state !== 'ready') return 'only what is ready can be claimed'
      if (after.owner !== actor.name) return `it was claimed for ${after.owner}`
      return (after.fence ?? 0) > highestFence ? null : 'its fencing number is not a new one'
    }
    if (before.state === 'running') {
      const over = isOver(before)
      if (about === 'renew') return over ? null : 'its lease had not run out'
      if (before.owner === actor.name) return null
      return `${before.owner} holds its lease`
    }
    if (state === 'done' || state === 'unchanged' || state === 'held') return 'nobody had begun it'
    if (state === 'failed') return about === 'renew' ? null : 'nobody had begun it'
    return null
  }

  function isOver(task: TaskRow): boolean {
    const now = nowMs()
    return (task.leaseMs ?? 0) < now || (task.deadlineMs !== null && task.deadlineMs < now)
  }

  function checkLimits(tasks: readonly TaskRow[]): void {
    const running = tasks.filter(({ state }) => state === 'running')
    for (const { tenantId, dataset, running: most } of limits) {
      const concerned = running.filter(
        (task) =>
          (tenantId === null || task.tenantId === tenantId) &&
          (dataset === null || task.dataset === dataset),
      )
      const units = new Set(
        concerned.map(({ id, runId, fence }) => (runId ? `b${fence}` : `t${id}`)),
      )
      if (units.size > most) {
        faults.push(
          `${units.size} run at the same time where ${dataset ?? tenantId} allows ${most}`,
        )
      }
    }
  }

  async function look(actor: Actor, about: string): Promise<void> {
    const rows = await store.admin<TaskRow>(TASKS)
    for (const row of rows) judge(known.get(row.id), row, actor, about)
    const next = new Map(rows.map((row) => [row.id, row]))
    for (const id of known.keys()) if (!next.has(id)) faults.push(`task ${id} is gone`)
    highestFence = rows.reduce((most, { fence }) => Math.max(most, fence ?? 0), highestFence)
    known = next
    if (about === 'claim') checkLimits(rows)
    if (about === 'publish') await checkFiles()
  }

  async function checkFiles(): Promise<void> {
    const rows = await store.admin<{ path: string; sha256: string }>(
      'SELECT path, sha256 FROM file',
    )
    for (const { path, sha256 } of rows) {
      const file = world.files.get(path)
      if (!file) faults.push(`file ${path} is in the catalog and not in the lake`)
      else if (file.sha256 !== sha256 || describe(file.rows).sha256 !== sha256)
        faults.push(`file ${path} has other bytes than the catalog says`)
    }
  }

  return {
    faults,
    open: () => [...known.values()].filter(({ state }) => !ENDED.includes(state)).length,
    inspect: look,
    async sweep() {
      for (const tenant of tenants) {
        const query: TenantSession['query'] = (text, params) => store.admin(text, params)
        faults.push(...(await findQueueFaults({ tenant, query })))
      }
      const rows = await store.admin<{ fault: string }>(VERSIONS)
      faults.push(...rows.map(({ fault }) => fault))
      await checkFiles()
    },
  }
}
