import { postTasks } from '#catalog/background-post.ts'
import { readSets } from '#catalog/files.ts'
import { listRuns } from '#catalog/runs.ts'
import { createFactory } from '#factory/create-factory.ts'
import type { Factory } from '#factory/factory.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PlanRequest } from '#model/plan.ts'
import type { Tenant } from '#model/tenant.ts'
import { dataVersionOf } from '../support/observed-rows.ts'
import type { Surroundings } from './surroundings.ts'
import { openProcess, type Process } from './worker.ts'

/** What the client was told is done, and may never be lost. */
export interface Acknowledged {
  readonly runs: string[]
  readonly tasks: number[]
}

export interface Client {
  readonly process: Process
  readonly factory: Factory
  readonly acknowledged: Acknowledged
  /** Asks for things until it is told to stop. */
  live(): Promise<void>
  stop(): void
}

const DAYS = ['2021-04-01', '2021-04-02', '2021-04-30', '2021-05-01', '2021-05-02']
const MONTHS = ['2021-04', '2021-05']

/** Somebody who starts runs, posts tasks, replaces objects, cancels, and reads what is served. */
export function openClient(name: string, around: Surroundings): Client {
  const process = openProcess(name, false, around)
  const { parts } = process
  const factory = createFactory(parts, async () => {})
  const acknowledged: Acknowledged = { runs: [], tasks: [] }
  const { random, tenants, world, schedule } = around
  let stopped = false
  let posts = 0
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T

  const deeds: readonly (readonly [weight: number, (tenant: Tenant) => Promise<void>])[] = [
    [8, start],
    [4, post],
    [2, replace],
    [1, cancel],
    [3, read],
  ]

  async function start(tenant: Tenant): Promise<void> {
    const { run } = await factory.start(tenant, somePlan(), { cause: 'simulated', title: 'run' })
    if (run) acknowledged.runs.push(run.id)
  }

  function somePlan(): PlanRequest {
    const chance = random.next()
    if (chance < 0.6) return { datasets: ['events'], partitions: null, mode: 'run' }
    if (chance < 0.8) return { datasets: ['events'], partitions: [pick(MONTHS)], mode: 'run' }
    return { datasets: ['daily'], partitions: null, mode: 'rerun' }
  }

  async function post(tenant: Tenant): Promise<void> {
    const count = 1 + Math.floor(random.next() * 4)
    const name = pick(['mail', 'resize'])
    const first = ++posts
    // Under one key it may be asked for as often as it takes: it is one task.
    const items = Array.from({ length: count }, (_, place) => ({
      name,
      handler: 'code' as const,
      payload: '{}',
      askedBy: 'simulation',
      retry: { attempts: 20 },
      idempotencyKey: `${first}-${place}`,
    }))
    for (let tries = 0; tries < 10; tries++) {
      try {
        const posted = await parts.catalog.asTenant(tenant, (session) => postTasks(session, items))
        acknowledged.tasks.push(...posted.map(({ id }) => id))
        return
      } catch {
        await schedule.wait(process.actor, 'asks again', schedule.nowMs() + 100)
      }
    }
  }

  async function replace(tenant: Tenant): Promise<void> {
    const month = pick(MONTHS)
    world.put(tenant.slug, month, someRows(month))
  }

  /** A few days of the month, sometimes one of the next. */
  function someRows(month: string): string[] {
    const days = DAYS.filter((day) => day.startsWith(month) || random.next() < 0.2)
    return days.flatMap((day) =>
      random.next() < 0.7 ? [`${day} ${Math.floor(random.next() * 1_000)}`] : [],
    )
  }

  async function cancel(tenant: Tenant): Promise<void> {
    const runs = await parts.catalog.asTenant(tenant, (session) => listRuns(session, { limit: 5 }))
    const running = runs.filter(({ state }) => state === 'running')
    if (running.length > 0) await factory.cancel(tenant, pick(running).id)
  }

  /** Every served partition must have its file, with the rows that its data version speaks of. */
  async function read(tenant: Tenant): Promise<void> {
    const datasets = ['events', 'daily', 'monthly'].map((dataset) => ({
      dataset,
      partitions: null,
    }))
    const { sets, versions } = await parts.catalog.asTenant(tenant, async (session) => {
      const rows = await session.query<{ id: number; version: string }>(
        'SELECT id, data_version AS version FROM version WHERE tenant_id = $1',
        [tenant.id],
      )
      return {
        sets: await readSets(session, datasets),
        versions: new Map(rows.map(({ id, version }) => [id, version])),
      }
    })
    for (const { dataset, partitions } of sets) {
      for (const { partition, versionId, files } of partitions) {
        const rows = files.flatMap(({ path }) => world.files.get(path)?.rows.get(partition) ?? [])
        if (dataVersionOf(rows) === versions.get(versionId)) continue
        around.breach(`${tenant.slug} reads ${dataset} ${partition}: not the rows of its version`)
      }
    }
    const [run] = await parts.catalog.asTenant(tenant, (session) => listRuns(session, { limit: 1 }))
    if (run) await factory.view(tenant, run.id)
  }

  for (const { slug } of tenants)
    for (const month of MONTHS) world.put(slug, month, someRows(month))

  return {
    process,
    factory,
    acknowledged,
    async live() {
      const all = deeds.flatMap(([weight, deed]) => Array.from({ length: weight }, () => deed))
      while (!stopped) {
        try {
          await pick(all)(pick(tenants))
        } catch (error) {
          // Not acknowledged: it may have happened or not.
          around.note(`client: ${error instanceof MillraceError ? error.code : String(error)}`)
        }
        await schedule.wait(process.actor, 'thinks', schedule.nowMs() + random.next() * 1_000)
      }
    },
    stop() {
      stopped = true
    },
  }
}
