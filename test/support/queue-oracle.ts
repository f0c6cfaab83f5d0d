import type { TestCatalog } from './database.ts'

export interface OracleTask {
  readonly id: number
  readonly tenant: number
  readonly state: string
  readonly class: string
  readonly dataset: string
  readonly run: string
  readonly priority: number
  readonly tags: readonly string[]
  readonly key: string | null
  readonly keyLimit: number
  readonly fence: number | null
  readonly due: boolean
  readonly startedMs: number | null
}

export interface Rule {
  readonly tenant: number | null
  readonly scope: string
  readonly value: string
}

export interface OracleLimit extends Rule {
  readonly id: number
  readonly running: number | null
  readonly rateMax: number | null
  readonly rateMs: number | null
}

/** The queue as it is, and what may be claimed of it: told from the tables alone, the slow and plain way. */
export interface Oracle {
  readonly tasks: readonly OracleTask[]
  readonly limits: readonly OracleLimit[]
  readonly pauses: readonly Rule[]
  running(limit: Rule): number
  claimable(task: OracleTask, tags: readonly string[]): boolean
}

/** `starts`: when tasks began under each limit, by its id. */
export async function readQueue(
  { admin }: TestCatalog,
  nowMs: number,
  starts: ReadonlyMap<number, readonly number[]>,
): Promise<Oracle> {
  const tasks = await admin<OracleTask>(
    `SELECT id::int, tenant_id AS tenant, state, class, dataset, run_id AS run, priority, tags,
       concurrency_key AS key, key_limit AS "keyLimit", fence::int,
       coalesce(run_after <= millrace_now(), true) AS due,
       extract(epoch FROM claimed_at)::double precision * 1000 AS "startedMs"
     FROM task ORDER BY id`,
  )
  const limits = await admin<OracleLimit>(
    `SELECT id, tenant_id AS tenant, scope, value, running_max AS running, rate_max AS "rateMax",
       rate_ms AS "rateMs" FROM queue_limit`,
  )
  const pauses = await admin<Rule>(`SELECT tenant_id AS tenant, scope, value FROM queue_pause`)
  const underWay = tasks.filter(({ state }) => state === 'running')

  /** Background tasks count each, batches of builds once. */
  function running(limit: Rule): number {
    const under = underWay.filter((task) => concerns(limit, task))
    const builds = new Set(under.filter(({ run }) => run !== '').map(({ fence }) => fence))
    return under.filter(({ run }) => run === '').length + builds.size
  }

  function claimable(task: OracleTask, tags: readonly string[]): boolean {
    if (task.state !== 'ready' || !task.due) return false
    if (!task.tags.every((tag) => tags.includes(tag))) return false
    if (pauses.some((pause) => concerns(pause, task))) return false
    if (task.key !== null) {
      const same = underWay.filter(({ tenant, key }) => tenant === task.tenant && key === task.key)
      if (same.length >= task.keyLimit) return false
    }
    return limits.every((limit) => {
      if (!concerns(limit, task)) return true
      if (limit.running !== null && running(limit) >= limit.running) return false
      if (limit.rateMax === null || limit.rateMs === null) return true
      // Starts are counted by 64ths of the time, so one may count a 64th longer.
      const fromMs = nowMs - limit.rateMs * (1 + 2 / 64)
      return (starts.get(limit.id) ?? []).filter((ms) => ms > fromMs).length < limit.rateMax
    })
  }

  return { tasks, limits, pauses, running, claimable }
}

export function concerns(rule: Rule, task: OracleTask): boolean {
  if (rule.tenant !== null && rule.tenant !== task.tenant) return false
  switch (rule.scope) {
    case 'dataset':
      return rule.value === task.dataset
    case 'tag':
      return task.tags.includes(rule.value)
    case 'run':
      return rule.value === task.run
    default:
      return true
  }
}
