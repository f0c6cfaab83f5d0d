// One scenario on Millrace, in a process of its own; prints its figures as one JSON line.
//
//   node bench/queue-millrace.ts drain postgresql://… '{"jobs":20000,"slots":2}'
//
// The worker is the product's own: dispatcher, task service, and the functions of a pack in child
// processes. Chains and fan-in are what Millrace has runs for: tasks that wait for others.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openParts, type OpenParts } from '#app/compose.ts'
import { parseConfig } from '#app/config.ts'
import { postTasks } from '#catalog/background-post.ts'
import { createRun, type NewTask } from '#catalog/enqueue.ts'
import { lanesOf } from '#catalog/queue.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { startDispatcher } from '#factory/dispatcher.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'
import type { QueueFigures, ScenarioSize } from './queue-scenario.ts'

const SLEEPER = `import { defineTask } from 'millrace'
export default defineTask({
  description: 'Sleeps, and says when it began.',
  async run(payload) {
    const at = performance.timeOrigin + performance.now()
    const { ms } = (payload ?? {}) as { ms?: number }
    if (ms) await new Promise((resolve) => setTimeout(resolve, ms))
    return at
  },
})
`
const PACK = `import { definePack } from 'millrace'
export default definePack({ name: 'bench', description: 'Tasks for benchmarks.' })
`
const NAME = 'bench.sleep'
/** Whoever looks more often disturbs what it looks at. */
const LOOK_MS = 20
/** Between two requests of `latency`: what was posted has ended long ago. */
const PACE_MS = 100
const wallMs = () => performance.timeOrigin + performance.now()
const sleep = (ms: number) => systemClock.sleep(ms)

interface Bench {
  readonly parts: OpenParts
  readonly tenant: Tenant
  post(tenant: Tenant, count: number, ms?: number): Promise<void>
  /** Resolves when the tenant has no task left. */
  idle(tenant: Tenant): Promise<void>
  /** When each task of the tenant was posted and began, by the wall clock. */
  waitsMs(tenant: Tenant, postedMs: readonly number[]): Promise<number[]>
}

async function openBench(url: string, home: string, slots: number): Promise<Bench> {
  const pack = join(home, 'pack')
  await mkdir(join(pack, 'tasks'), { recursive: true })
  await writeFile(join(pack, 'pack.ts'), PACK)
  await writeFile(join(pack, 'tasks', `${NAME}.ts`), SLEEPER)
  const config = parseConfig({
    MILLRACE_HOME: home,
    MILLRACE_LAKE: join(home, 'lake'),
    MILLRACE_SLOTS: String(slots),
    MILLRACE_CALLS: '0',
    MILLRACE_PACKS: pack,
    DATABASE_URL: url,
  })
  const parts = await openParts(config, {
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    working: false,
  })
  const { catalog } = parts
  return {
    parts,
    tenant: await createTenant(catalog, 'acme'),
    post: (tenant, count, ms = 0) => {
      const item = {
        name: NAME,
        handler: 'code',
        payload: `{"ms":${ms}}`,
        askedBy: 'bench',
      } as const
      const items = Array.from({ length: count }, () => item)
      return catalog.asTenant(tenant, async (session) => void (await postTasks(session, items)))
    },
    async idle(tenant) {
      for (;;) {
        const open = await catalog.asTenant(tenant, (session) =>
          session.query(
            `SELECT 1 FROM task WHERE tenant_id = $1 AND state IN ('ready', 'running') LIMIT 1`,
            [tenant.id],
          ),
        )
        if (open.length === 0) return
        await sleep(LOOK_MS)
      }
    },
    async waitsMs(tenant, postedMs) {
      const rows = await catalog.asTenant(tenant, (session) =>
        session.query<{ result: string }>(
          `SELECT b.result FROM background_task b
           JOIN task t ON t.tenant_id = $1 AND t.id = b.task_id AND t.state = 'done'
           WHERE b.tenant_id = $1 ORDER BY b.task_id`,
          [tenant.id],
        ),
      )
      return rows.slice(-postedMs.length).map(({ result }, index) => {
        return Number(result) - (postedMs[index] ?? 0)
      })
    },
  }
}

async function drain(bench: Bench, { jobs }: ScenarioSize): Promise<QueueFigures> {
  const posting = performance.now()
  await bench.post(bench.tenant, jobs)
  const postMs = performance.now() - posting
  const startedMs = performance.now()
  bench.parts.startWorking(['worker'])
  await bench.idle(bench.tenant)
  return { wallMs: performance.now() - startedMs, postMs }
}

async function warmUp({ parts, tenant, post, idle }: Bench): Promise<void> {
  parts.startWorking(['worker'])
  await post(tenant, 8)
  await idle(tenant)
}

async function latency(bench: Bench, { jobs }: ScenarioSize): Promise<QueueFigures> {
  await warmUp(bench)
  const postedMs: number[] = []
  for (let job = 0; job < jobs; job++) {
    postedMs.push(wallMs())
    await bench.post(bench.tenant, 1)
    await sleep(PACE_MS)
  }
  await bench.idle(bench.tenant)
  return { wallMs: 0, waitsMs: await bench.waitsMs(bench.tenant, postedMs) }
}

async function slots(bench: Bench, { jobs, jobMs = 0 }: ScenarioSize): Promise<QueueFigures> {
  await warmUp(bench)
  const startedMs = performance.now()
  await bench.post(bench.tenant, jobs, jobMs)
  await bench.idle(bench.tenant)
  return { wallMs: performance.now() - startedMs }
}

/** Tasks of a run; the dispatcher is the product's, the work is nothing but its end. */
async function runOf(
  { parts, tenant, idle }: Bench,
  size: ScenarioSize,
  tasks: readonly NewTask[],
): Promise<QueueFigures> {
  const { catalog, ids } = parts
  const dispatcher = startDispatcher(
    catalog,
    { worker: ids.next('w'), slots: size.slots, leaseMs: 30_000, lanes: lanesOf.slot, tags: [] },
    (batch) => {
      const own = brandTenant(batch[0]?.tenantId ?? 0, batch[0]?.tenantSlug ?? '')
      const ends = batch.map(({ id, fence }) => ({ taskId: id, fence, state: 'done' as const }))
      return catalog.asTenant(own, (session) => endTasks(session, batch[0]?.runId ?? '', ends))
    },
    { clock: systemClock, log: silentLogger },
  )
  const request = { datasets: [], partitions: null, mode: 'run' } as const
  const summary = { request, later: [], datasets: [], tasks: tasks.length }
  const plan = { ...summary, estimatedMs: null, estimatedBytes: null }
  await sleep(300)
  const startedMs = performance.now()
  await catalog.asTenant(tenant, (session) =>
    createRun(session, { id: ids.next('run'), cause: 'bench', title: 'bench', plan }, tasks),
  )
  await idle(tenant)
  for (;;) {
    const open = await catalog.asTenant(tenant, (session) =>
      session.query(`SELECT 1 FROM run WHERE tenant_id = $1 AND state = 'running'`, [tenant.id]),
    )
    if (open.length === 0) break
    await idle(tenant)
  }
  const wall = performance.now() - startedMs
  await dispatcher.stop(0)
  return { wallMs: wall }
}

function taskOf(dataset: string, partition: number, after: readonly number[]): NewTask {
  return {
    kind: 'build',
    dataset,
    partition: String(partition),
    conditional: false,
    forced: false,
    reason: 'bench',
    after,
  }
}

function chain(bench: Bench, size: ScenarioSize): Promise<QueueFigures> {
  const links = Array.from({ length: size.jobs }, (_, n) => taskOf('link', n, n > 0 ? [n - 1] : []))
  return runOf(bench, size, links)
}

function fanIn(bench: Bench, size: ScenarioSize): Promise<QueueFigures> {
  const parts = Array.from({ length: size.jobs }, (_, n) => taskOf('part', n, []))
  const all = parts.map((_, index) => index)
  return runOf(bench, size, [...parts, taskOf('last', 0, all)])
}

/** Twenty tenants with ten tasks each; beside them, where `jobs` says so, one with many. */
async function tenants(bench: Bench, { jobs, jobMs = 0, slots: own }: ScenarioSize) {
  const { catalog } = bench.parts
  await warmUp(bench)
  const small: Tenant[] = []
  for (let n = 0; n < 20; n++) small.push(await createTenant(catalog, `small-${n}`))
  if (jobs > 0) {
    await bench.post(bench.tenant, jobs, jobMs)
    await sleep(2_000)
  }
  const postedMs = wallMs()
  await Promise.all(small.map((tenant) => bench.post(tenant, 10, jobMs)))
  const startedMs = performance.now()
  for (const tenant of small) await bench.idle(tenant)
  const each = Array.from({ length: 10 }, () => postedMs)
  const waits: number[] = []
  for (const tenant of small) waits.push(...(await bench.waitsMs(tenant, each)))
  return { wallMs: performance.now() - startedMs, waitsMs: waits, slots: own }
}

const scenarios = { drain, latency, chain, fanIn, slots, tenants }
const [scenario = '', url = '', size = '{}'] = process.argv.slice(2)
const home = await mkdtemp(join(tmpdir(), 'millrace-bench-queue-'))
const parsed = JSON.parse(size) as ScenarioSize
const bench = await openBench(url, home, parsed.slots)
const figures = await scenarios[scenario as keyof typeof scenarios](bench, parsed)
process.stdout.write(`${JSON.stringify(figures)}\n`)
await Promise.race([bench.parts.close(), sleep(2_000)])
await rm(home, { recursive: true, force: true })
process.exit(0)
