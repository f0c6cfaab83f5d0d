import { join } from 'node:path'

import type { Catalog } from '#catalog/catalog.ts'
import { openCatalog, type CatalogPlace } from '#catalog/open.ts'
import { publish } from '#catalog/publish.ts'
import { claim, lanesOf } from '#catalog/queue.ts'
import { createRun } from '#catalog/enqueue.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import { createFactory } from '#factory/create-factory.ts'
import { ENVIRONMENT, type FactoryParts } from '#factory/parts.ts'
import { systemClock } from '#kernel/clock.ts'
import { createIds } from '#kernel/ids.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import type { PlanRequest } from '#model/plan.ts'
import type { PublishedPartition } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts'
import { runAlone, type Benchmark, type BenchmarkOptions } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { buildCubes, buildGrid, type Grid } from './grid.ts'
import { median, timed } from './measure.ts'
import { inEmptyFolder } from './sample-files.ts'

const NOTHING_MOST_MS = 1_000
const ENQUEUE_MOST_MS = 5_000
const BATCH = 500
const ids = createIds(systemClock, systemRandom)
const everything: PlanRequest = { datasets: [], partitions: null, mode: 'run' }

/**
 * A tenant with 100,000 partitions (hours of a source, a chain of three analyses over them, and days
 * rolled up; then the same of days × keys × shards): the plan that finds nothing to do, and the plan of all of them with its tasks queued.
 * Through the factory and a real catalog; looking at the objects of the source costs nothing here.
 */
export const plan: Benchmark = {
  name: 'plan',
  title: 'plan over 100,000 partitions',
  async run(options) {
    const embedded: Figure[] = []
    for (const grid of grids()) {
      const figures = await inEmptyFolder((folder) =>
        measure('PGlite', { folder: join(folder, 'catalog') }, grid, options),
      )
      embedded.push(...figures)
    }
    const bin = findPostgres()
    if (bin === null) {
      const hold = `<= ${formatDuration(NOTHING_MOST_MS)}`
      return [...embedded, skipped('plan on PostgreSQL', 'PostgreSQL is not installed', hold)]
    }
    const server = await startPostgres(bin)
    try {
      const shared: Figure[] = []
      for (const grid of grids()) {
        const place = { url: server.url('postgres') }
        shared.push(...(await measure('PostgreSQL', place, grid, options)))
      }
      return [...embedded, ...shared]
    } finally {
      await server.stop('orderly')
    }
  },
}

function* grids(): Generator<Grid> {
  yield buildGrid()
  yield buildCubes()
}

async function measure(
  engine: string,
  place: CatalogPlace,
  grid: Grid,
  { rounds, say }: BenchmarkOptions,
): Promise<Figure[]> {
  const slug = grid.cut.replaceAll(' ', '-')
  const surroundings = { clock: systemClock, random: systemRandom, log: silentLogger }
  const catalog = await openCatalog(place, surroundings)
  try {
    const factory = createFactory(partsOver(catalog, grid), async () => {})
    const queued: number[] = []
    for (let round = 0; round < rounds; round++) {
      const tenant = await createTenant(catalog, `bench-${slug}-${round}`)
      const why = { cause: 'manual', title: 'bench' }
      let runId = ''
      queued.push(
        await timed(async () => {
          const { plan, run } = await factory.start(tenant, everything, why)
          if (plan.tasks.length !== grid.partitions || !run) throw new Error('not all were planned')
          runId = run.id
        }),
      )
      say(
        `${engine}, round ${round + 1}: planned and queued in ${formatDuration(queued.at(-1) ?? 0)}`,
      )
      await factory.cancel(tenant, runId)
    }
    const tenant = await createTenant(catalog, `bench-${slug}-published`)
    const fillMs = await timed(() => publishAll(catalog, tenant, grid))
    say(
      `${engine}: published ${formatCount(grid.partitions)} partitions in ${formatDuration(fillMs)}`,
    )
    await catalog.maintain()
    const nothing: number[] = []
    for (let round = 0; round < rounds; round++) {
      nothing.push(
        await timed(async () => {
          const { tasks } = await factory.plan(tenant, everything)
          if (tasks.length > 0) throw new Error(`${tasks.length} tasks where nothing is to be done`)
        }),
      )
      say(`${engine}, round ${round + 1}: nothing to do in ${formatDuration(nothing.at(-1) ?? 0)}`)
    }
    const count = `${formatCount(grid.partitions)} partitions (${grid.cut})`
    return [
      figureOf(`plan over ${count}, nothing to do, ${engine}`, nothing, NOTHING_MOST_MS),
      figureOf(`plan and queue ${count}, ${engine}`, queued, ENQUEUE_MOST_MS),
    ]
  } finally {
    await catalog.close()
  }
}

function figureOf(work: string, times: readonly number[], mostMs: number): Figure {
  const ms = median(times)
  return {
    work,
    millrace: formatDuration(ms),
    peer: '',
    ratio: '',
    hold: `<= ${formatDuration(mostMs)}`,
    held: ms <= mostMs,
  }
}

/** The factory over a real catalog; what planning never touches is not there. */
export function partsOver(catalog: Catalog, grid: Grid): FactoryParts {
  const never = (): never => {
    throw new Error('planning does not compute')
  }
  return {
    catalog,
    datasets: grid.definitions,
    codeHash: null,
    sources: {
      survey: async () =>
        new Map(
          [...grid.objects].map(([key, object]) => [key, { ...object, modifiedAt: new Date(0) }]),
        ),
      stat: never,
      fetch: never,
      tryOut: never,
      close: async () => {},
    },
    lake: { localPath: never } as never,
    engine: { run: never } as never,
    board: createActiveWorkBoard(),
    limits: {
      slots: 1,
      buildMemoryBytes: 0,
      convertMemoryBytes: 0,
      convertThreads: 1,
      deadlineMs: 0,
    },
    clock: systemClock,
    random: systemRandom,
    ids,
    log: silentLogger,
  }
}

/** Publishes every partition as if it had been computed: in large batches, without files. */
export async function publishAll(catalog: Catalog, tenant: Tenant, grid: Grid): Promise<void> {
  for (const { dataset, partitions } of grid.batches(BATCH)) {
    const id = ids.next('run')
    const summary = { request: everything, later: [], datasets: [], tasks: partitions.length }
    const plan = { ...summary, estimatedMs: null, estimatedBytes: null }
    const tasks = partitions.map((partition) => ({
      kind: 'build' as const,
      dataset,
      partition,
      conditional: false,
      forced: false,
      reason: 'bench',
      after: [],
      batchMax: BATCH,
    }))
    await catalog.asTenant(tenant, (session) =>
      createRun(session, { id, cause: 'manual', title: 'bench', plan }, tasks),
    )
    const claimed = await catalog.asSystem((session) =>
      claim(session, {
        worker: 'bench',
        leaseMs: 600_000,
        maxTasks: BATCH,
        lanes: lanesOf.slot,
      }),
    )
    const published = claimed.map((task): PublishedPartition => ({
      taskId: task.id,
      fence: task.fence,
      partition: task.partition,
      ...grid.versionOf(dataset, task.partition),
      rows: 1,
      columns: [],
      checks: [],
      held: false,
      observed: null,
      inputs: [],
      origin: null,
      cost: { wallMs: 1, cpuMs: 1, peakMemoryBytes: 0, readBytes: 0, writtenBytes: 0 },
    }))
    const request = { environment: ENVIRONMENT, dataset, runId: id, files: [] }
    await catalog.asTenant(tenant, (session) =>
      publish(session, { ...request, partitions: published }),
    )
  }
}

if (import.meta.main) await runAlone(plan)
