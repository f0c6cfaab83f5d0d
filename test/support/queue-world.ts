import fc from 'fast-check'

import type { Catalog } from '#catalog/catalog.ts'
import { setGlobalLimit, setLimit, removeLimit, type LimitSetting } from '#catalog/limits.ts'
import { pauseEverywhere, pauseQueue, resumeEverywhere, resumeQueue } from '#catalog/pauses.ts'
import { expireTasks } from '#catalog/queue.ts'
import { cancelTask, endTasks, releaseTasks, retryTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { toErrorData, MillraceError } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { buildRun, buildTask, claimBatch } from './catalog-builders.ts'
import type { TestCatalog } from './database.ts'
import { concerns, readQueue, type Oracle, type OracleTask } from './queue-oracle.ts'

const names = ['mail', 'render', 'scan'] as const
const keyLimits = { one: 1, two: 2 } as const
const LEASE_MS = 60_000

const who = fc.integer({ min: 0, max: 2 })
const name = fc.constantFrom<string>(...names)
const scope = fc.oneof(
  fc.record({ scope: fc.constant('tenant' as const), value: fc.constant('') }),
  fc.record({ scope: fc.constant('dataset' as const), value: name }),
)
const limited = fc.oneof(
  scope,
  fc.record({ scope: fc.constant('tag' as const), value: fc.constant('gpu') }),
)
const bound = fc.oneof(
  fc.record({ runningMax: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    rate: fc.record({ max: fc.integer({ min: 1, max: 3 }), ms: fc.constantFrom(1_000, 60_000) }),
  }),
)
const kind = <Name extends string>(does: Name) => fc.constant(does)

/** What may happen to a queue. */
export const queueStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: kind('post'),
      who,
      name,
      count: fc.integer({ min: 1, max: 4 }),
      priority: fc.integer({ min: -1, max: 1 }),
      key: fc.option(fc.constantFrom('one' as const, 'two' as const)),
      gpu: fc.boolean(),
      backfill: fc.boolean(),
      delayMs: fc.constantFrom(0, 0, 0, 5_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: kind('run'), who, name, count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      does: kind('claim'),
      gpu: fc.boolean(),
      max: fc.integer({ min: 1, max: 3 }),
      together: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: kind('end'),
      pick: fc.nat(20),
      how: fc.constantFrom('done', 'done', 'fail', 'release', 'cancel'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: kind('cancel'), pick: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ does: kind('wait'), ms: fc.constantFrom(50, 900, 30_000) }) },
  { weight: 1, arbitrary: fc.record({ does: kind('expire'), ms: fc.constantFrom(0, 61_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: kind('limit'), who, all: fc.boolean(), limited, bound }),
  },
  { weight: 1, arbitrary: fc.record({ does: kind('unlimit'), who, limited }) },
  { weight: 1, arbitrary: fc.record({ does: kind('pause'), who, all: fc.boolean(), scope }) },
  { weight: 2, arbitrary: fc.record({ does: kind('resume'), who, all: fc.boolean(), scope }) },
)
export type QueueStep = typeof queueStep extends fc.Arbitrary<infer Step> ? Step : never

export interface QueueWorld {
  readonly faults: string[]
  readonly claimed: number
  readonly tenants: readonly Tenant[]
  nowMs(): number
  act(step: QueueStep): Promise<void>
  /** Claims until nothing comes any more, without ending anything. */
  drain(tags?: readonly string[]): Promise<void>
  look(): Promise<Oracle>
  claim(tags: readonly string[], max: number, together?: number): Promise<ClaimedTask[]>
  end(task: OracleTask): Promise<void>
  advance(ms: number): Promise<void>
}

/** A queue with three tenants on a virtual clock, judged after every claim by an oracle of its own. */
export async function openQueueWorld(open: TestCatalog): Promise<QueueWorld> {
  const { catalog, admin, setClock } = open
  await admin(`TRUNCATE millrace.tenant, millrace.task, millrace.attempt, millrace.run_dataset,
    millrace.task_edge, millrace.queue_notice, millrace.queue_lane, millrace.queue_rate,
    millrace.queue_limit, millrace.queue_pause, millrace.task_pace, millrace.worker,
    millrace.background_task, millrace.partition_pointer CASCADE`)
  await admin(`UPDATE queue_state SET served_ms = 0`)
  let nowMs = 1_600_000_000_000
  await setClock(nowMs)
  const tenants: Tenant[] = []
  for (const slug of ['a', 'b', 'c']) tenants.push(await createTenant(catalog, slug))
  const faults: string[] = []
  const starts = new Map<number, number[]>()
  let claimed = 0
  const look = () => readQueue(open, nowMs, starts)
  const tenantAt = (index: number) => tenants[index] as Tenant

  async function advance(ms: number): Promise<void> {
    nowMs += ms
    await setClock(nowMs)
  }

  async function claim(tags: readonly string[], max: number, together = 1): Promise<ClaimedTask[]> {
    const before = await look()
    const batches = await Promise.all(
      Array.from({ length: together }, (_, index) =>
        claimBatch(catalog, { worker: `w${index}`, maxTasks: max, tags, leaseMs: LEASE_MS }),
      ),
    )
    const batch = batches.flat()
    claimed += batch.length
    const after = await look()
    const taken = after.tasks.filter(({ id }) => batch.some((task) => task.id === id))
    for (const limit of after.limits) {
      const fresh = taken.filter((task) => concerns(limit, task)).map(() => nowMs)
      starts.set(limit.id, [...(starts.get(limit.id) ?? []), ...fresh])
    }
    const judged = judge(before, after, taken, tags, together, starts, nowMs)
    faults.push(...judged)
    return batch
  }

  async function end(task: OracleTask, how = 'done'): Promise<void> {
    const tenant = tenants.find(({ id }) => id === task.tenant) as Tenant
    const lease = { taskId: task.id, fence: task.fence ?? 0 }
    const error = toErrorData(new MillraceError('worker-lost', { worker: 'w' }))
    await catalog.asTenant(tenant, async (session) => {
      if (how === 'fail') await retryTasks(session, task.run, [{ ...lease, error, alone: false }])
      else if (how === 'release') await releaseTasks(session, task.run, [lease])
      else {
        const state = how === 'cancel' ? 'cancelled' : 'done'
        await endTasks(session, task.run, [{ ...lease, state }])
      }
    })
  }

  async function act(step: QueueStep): Promise<void> {
    switch (step.does) {
      case 'post':
        return post(catalog, tenantAt(step.who), step)
      case 'run': {
        const tasks = Array.from({ length: step.count }, (_, at) =>
          buildTask(step.name, `${at}`, [], { batchMax: 2 }),
        )
        await buildRun(catalog, tenantAt(step.who), tasks)
        return
      }
      case 'claim':
        await claim(step.gpu ? ['gpu'] : [], step.max, step.together)
        return
      case 'end': {
        const running = (await look()).tasks.filter(({ state }) => state === 'running')
        const task = running[step.pick % Math.max(1, running.length)]
        return task && end(task, step.how)
      }
      case 'cancel': {
        const some = (await look()).tasks.filter(
          ({ run, state }) => run === '' && state === 'ready',
        )
        const task = some[step.pick % Math.max(1, some.length)]
        if (!task) return
        const tenant = tenants.find(({ id }) => id === task.tenant) as Tenant
        await catalog.asTenant(tenant, (session) => cancelTask(session, task.id))
        return
      }
      case 'wait':
        return advance(step.ms)
      case 'expire':
        await advance(step.ms)
        await catalog.asSystem(expireTasks)
        return
      case 'limit':
        return limit(step)
      case 'unlimit':
        await catalog.asTenant(tenantAt(step.who), (session) =>
          removeLimit(session, step.limited.scope, step.limited.value, 'tenant'),
        )
        return
      case 'pause':
      case 'resume':
        return pauseOrResume(step)
    }
  }

  async function limit(step: Extract<QueueStep, { does: 'limit' }>): Promise<void> {
    const setting: LimitSetting = { ...step.limited, ...step.bound }
    if (step.all && setting.scope !== 'tenant') {
      await catalog.asSystem((session) => setGlobalLimit(session, setting))
    } else {
      await catalog.asTenant(tenantAt(step.who), (session) => setLimit(session, setting, 'tenant'))
    }
  }

  async function pauseOrResume(
    step: Extract<QueueStep, { does: 'pause' | 'resume' }>,
  ): Promise<void> {
    const { all } = step
    const thing = all && step.scope.scope === 'tenant' ? { scope: 'all', value: '' } : step.scope
    const paused = { ...thing, reason: 'because' } as const
    if (step.does === 'pause') {
      if (all) await catalog.asSystem((session) => pauseEverywhere(session, paused as never))
      else {
        await catalog.asTenant(tenantAt(step.who), (session) =>
          pauseQueue(session, paused as never, 'tenant'),
        )
      }
    } else if (all) await catalog.asSystem((session) => resumeEverywhere(session, paused as never))
    else {
      await catalog.asTenant(tenantAt(step.who), (session) =>
        resumeQueue(session, paused as never, 'tenant'),
      )
    }
  }

  return {
    faults,
    get claimed() {
      return claimed
    },
    tenants,
    nowMs: () => nowMs,
    act,
    async drain(tags = ['gpu']) {
      while ((await claim(tags, 3)).length > 0);
    },
    look,
    claim,
    end,
    advance,
  }
}

async function post(
  catalog: Catalog,
  tenant: Tenant,
  step: Extract<QueueStep, { does: 'post' }>,
): Promise<void> {
  await catalog.asTenant(tenant, (session) =>
    session.query(
      `INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, handler, class, priority, dataset,
         partition, conditional, forced, reason, batch_max, max_attempts, tags, concurrency_key,
         key_limit, state, waiting, run_after)
       SELECT $1, nextval('task_id'), '', 0, 0, 'background', 'code', $2, $3, $4, 'x', false, false, '',
         256, 3, $5, $6, $7, 'ready', 0, CASE WHEN $8 > 0 THEN millrace_now() + $8 * interval '1 ms' END
       FROM generate_series(1, $9)`,
      [
        tenant.id,
        step.backfill ? 'backfill' : 'normal',
        step.priority,
        step.name,
        step.gpu ? ['gpu'] : [],
        step.key,
        step.key ? keyLimits[step.key] : 1,
        step.delayMs,
        step.count,
      ],
    ),
  )
}

/** What is wrong about claims: too much was taken, the wrong thing, or nothing where something was. */
function judge(
  before: Oracle,
  after: Oracle,
  taken: readonly OracleTask[],
  tags: readonly string[],
  together: number,
  starts: ReadonlyMap<number, readonly number[]>,
  nowMs: number,
): string[] {
  const faults: string[] = []
  for (const task of taken) {
    const told = `task ${task.id}`
    if (before.pauses.some((pause) => concerns(pause, task))) faults.push(`${told} was paused`)
    if (!task.tags.every((tag) => tags.includes(tag))) faults.push(`${told} asks for other tags`)
    for (const limit of after.limits.filter((rule) => concerns(rule, task))) {
      const running = after.running(limit)
      if (limit.running !== null && running > limit.running) {
        faults.push(
          `${told} makes ${running} of ${limit.running} run (${limit.scope} ${limit.value})`,
        )
      }
      if (limit.rateMax === null || limit.rateMs === null) continue
      const fromMs = nowMs - limit.rateMs
      const begun = (starts.get(limit.id) ?? []).filter((ms) => ms > fromMs).length
      if (begun > limit.rateMax) faults.push(`${told} makes ${begun} of ${limit.rateMax} begin`)
    }
    const holders = after.tasks.filter(
      ({ tenant, key, state }) => state === 'running' && tenant === task.tenant && key === task.key,
    )
    if (task.key !== null && holders.length > task.keyLimit)
      faults.push(`${told}: its key was busy`)
  }
  if (together === 1) {
    const could = before.tasks.filter((task) => before.claimable(task, tags))
    if (taken.length === 0 && could.length > 0) {
      faults.push(`nothing was taken, but ${could.map(({ id }) => id).join(', ')} could be`)
    }
    const [first] = taken
    if (first?.class === 'backfill' && could.some((task) => task.class === 'normal')) {
      faults.push(`backfill task ${first.id} was taken before normal ones`)
    }
    const better = could.find(
      ({ tenant, class: ofClass, priority }) =>
        first && tenant === first.tenant && ofClass === first.class && priority > first.priority,
    )
    if (better) faults.push(`task ${first?.id} was taken before ${better.id}, of higher priority`)
  }
  return faults
}
