// What is asked again and again must not cost by the number of tenants: the same calls with a hundred
// and with ten thousand of them, all but a few idle, each with a limit, a rate and a key.
//
//   node bench/tenants.ts --rounds 21

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openParts, type OpenParts } from '#app/compose.ts'
import { parseConfig } from '#app/config.ts'
import { listLimits } from '#catalog/limits.ts'
import type { CatalogPlace } from '#catalog/open.ts'
import { claim, lanesOf, nextReadyMs, nextWakeMs, tidyQueue } from '#catalog/queue.ts'
import { startQueuedFirings, nextTriggerMs } from '#catalog/trigger-queue.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { settleBackfills } from '#catalog/backfills.ts'
import { openLocalDoor } from '#cli/door/local-door.ts'
import type { Door } from '#cli/door/door.ts'
import { sweepLake } from '#factory/sweep-lake.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { formatDuration } from '#kernel/units.ts'
import { healthCheck } from '#operations/health/check.ts'
import { showQueue } from '#operations/queue/show.ts'
import { showStatus } from '#operations/status/show.ts'
import { createTenantOperation } from '#operations/tenants/create.ts'
import { listTenantsOperation } from '#operations/tenants/list.ts'
import { tick } from '#triggers/tick.ts'
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts'
import { runAlone, type Benchmark, type BenchmarkOptions } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { loadTenants } from './load-tenants.ts'
import { interleaved, median, timed } from './measure.ts'

const FEW = 100
const MANY = 10_000
const ONBOARDED = 100
const ONBOARD_MOST_MS = 1_000
const GROWS_MOST = 2
/** Below this, a ratio tells of noise. */
const NOISE_MS = 2
const LEAST_ROUNDS = 9

export const tenants: Benchmark = {
  name: 'tenants',
  title: `the same with ${FEW} and with ${MANY} tenants`,
  async run(options) {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-tenants-'))
    try {
      const embedded = await compare('embedded', options, (size) => ({
        MILLRACE_HOME: join(folder, `home-${size}`),
      }))
      const bin = findPostgres()
      if (bin === null) return [...embedded, skipped('PostgreSQL', 'none is installed', '')]
      const server = await startPostgres(bin)
      try {
        const shared = await compare('PostgreSQL', options, (size) => ({
          MILLRACE_HOME: join(folder, `shared-${size}`),
          MILLRACE_LAKE: join(folder, `lake-${size}`),
          DATABASE_URL: server.url(size === FEW ? 'postgres' : 'template1'),
        }))
        return [...embedded, ...shared]
      } finally {
        await server.stop('orderly')
      }
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}

type Environment = Readonly<Record<string, string>>

/** A Millrace with so many tenants, and what it is asked for. */
interface World {
  readonly size: number
  readonly openMs: number
  readonly parts: OpenParts
  readonly door: Door
}

/** The two take turns, so that a machine that gets busier meets both. */
async function compare(
  engine: string,
  { rounds, say }: BenchmarkOptions,
  environment: (size: number) => Environment,
): Promise<Figure[]> {
  const worlds: World[] = []
  try {
    for (const size of [FEW, MANY]) worlds.push(await openWorld(size, environment(size)))
    const [few, many] = worlds as [World, World]
    const figures: Figure[] = [
      grows('open everything until it could serve', few.openMs, many.openMs),
    ]
    for (const [work, call] of calls) {
      const pair = await interleaved(
        Math.max(rounds, LEAST_ROUNDS),
        () => timed(() => call(many)),
        () => timed(() => call(few)),
      )
      say(`${engine}: ${work}`)
      figures.push(grows(work, pair.peerMs, pair.millraceMs))
    }
    const times = [await onboard(few), await onboard(many)] as const
    figures.push(onboarded('onboard the next hundred, each', times.map(median)))
    figures.push(
      onboarded(
        'onboard the next hundred, the slowest',
        times.map((each) => Math.max(...each)),
      ),
    )
    return figures.map((figure) => ({ ...figure, work: `${figure.work}, ${engine}` }))
  } finally {
    for (const { parts } of worlds) await parts.close()
  }
}

function grows(work: string, fewMs: number, manyMs: number): Figure {
  const ratio = manyMs / Math.max(fewMs, 0.001)
  return {
    work,
    millrace: formatMs(manyMs),
    peer: formatMs(fewMs),
    ratio: `${ratio.toFixed(1)} x`,
    hold: `<= ${GROWS_MOST} x`,
    held: ratio <= GROWS_MOST || manyMs - fewMs <= NOISE_MS,
  }
}

function onboarded(work: string, [fewMs = 0, manyMs = 0]: readonly number[]): Figure {
  const hold = `<= ${formatDuration(ONBOARD_MOST_MS)}`
  return { ...grows(work, fewMs, manyMs), hold, held: manyMs <= ONBOARD_MOST_MS }
}

function formatMs(ms: number): string {
  return ms < 100 ? `${ms.toFixed(1)} ms` : formatDuration(ms)
}

async function openWorld(size: number, environment: Environment): Promise<World> {
  const config = parseConfig({ MILLRACE_SLOTS: '2', MILLRACE_MEMORY: '1GiB', ...environment })
  const surroundings = {
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    working: false,
  }
  // Twice, so that migrations and the first deployment are not what is measured.
  await (await openParts(config, surroundings)).close()
  await loadTenants(placeOf(config), size)
  const startedMs = performance.now()
  const parts = await openParts(config, surroundings)
  const openMs = performance.now() - startedMs
  return { size, openMs, parts, door: await openLocalDoor(parts, 'default') }
}

type Call = (world: World) => Promise<unknown>
const middle = ({ size }: World) => `t-${size / 2}`

const calls: readonly (readonly [string, Call])[] = [
  [
    'claim where nothing is ready',
    ({ parts: { catalog } }) => catalog.asSystem((session) => claim(session, slot)),
  ],
  [
    'when to look again',
    ({ parts: { catalog } }) =>
      catalog.asSystem(async (session) => [await nextReadyMs(session), await nextWakeMs(session)]),
  ],
  ['tidy the queue', ({ parts: { catalog } }) => catalog.asSystem(tidyQueue)],
  ['tick of the scheduler', ({ parts }) => lookAtTriggers(parts)],
  ['find a tenant by its slug', (world) => tenantBySlug(world.parts.catalog, middle(world))],
  [
    'a page of 100 tenants',
    ({ door }) => door.invoke(listTenantsOperation, { after: 't-5', limit: 100 }),
  ],
  ['state of one tenant', ({ door }) => door.invoke(showStatus, {})],
  ['the queue, of all tenants', ({ door }) => door.invoke(showQueue, {})],
  ['limits of one tenant', (world) => limitsOf(world.parts, middle(world))],
  ['sweep the lake', ({ parts }) => sweepLake(parts, 86_400_000)],
  ['health', ({ door }) => door.invoke(healthCheck, {})],
]

async function lookAtTriggers({ catalog }: OpenParts): Promise<void> {
  await tick({ catalog, datasets: () => [] }, 200)
  await catalog.asSystem(async (session) => {
    await startQueuedFirings(session)
    await settleBackfills(session)
    await nextTriggerMs(session)
  })
}

const slot = { worker: 'bench', leaseMs: 30_000, maxTasks: 10, lanes: lanesOf.slot }

async function limitsOf(parts: OpenParts, slug: string): Promise<void> {
  const tenant = await tenantBySlug(parts.catalog, slug)
  if (!tenant) throw new Error(`no tenant ${slug}`)
  await parts.catalog.asSystem((session) => listLimits(session, tenant.id))
}

async function onboard({ door, size }: World): Promise<number[]> {
  const times: number[] = []
  for (let next = 0; next < ONBOARDED; next++) {
    const slug = `new-${size}-${next}`
    times.push(
      await timed(() =>
        door.invoke(createTenantOperation, {
          slug,
          name: `Tenant ${next}`,
          timeZone: 'Europe/Berlin',
          packs: ['events'],
          limit: 4,
          rate: '100/1m',
          sources: { events: { location: `/data/${slug}/{yyyy}-{MM}.csv` } },
        }),
      ),
    )
  }
  return times
}

function placeOf(config: ReturnType<typeof parseConfig>): CatalogPlace {
  return config.databaseUrl ? { url: config.databaseUrl } : { folder: join(config.home, 'catalog') }
}

if (import.meta.main) await runAlone(tenants)
