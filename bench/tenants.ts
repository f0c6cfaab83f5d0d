// What is asked again and again must not cost by the number of tenants: the same calls with a hundred
// and with ten thousand of them, all but a few idle, each with a limit, a rate and a key.
//
//   node bench/tenants.ts --rounds 20

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
import {
  runAlone,
  skipped,
  type Benchmark,
  type BenchmarkOptions,
  type Figure,
} from './benchmark.ts'
import { loadTenants } from './load-tenants.ts'
import { median, timed } from './measure.ts'

const FEW = 100
const MANY = 10_000
const ONBOARDED = 100
const ONBOARD_MOST_MS = 1_000
const GROWS_MOST = 2
/** Below this, a ratio tells of noise. */
const NOISE_MS = 2

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
type Measured = ReadonlyMap<string, number>

async function compare(
  engine: string,
  options: BenchmarkOptions,
  environment: (size: number) => Environment,
): Promise<Figure[]> {
  const few = await measure(engine, FEW, options, environment(FEW))
  const many = await measure(engine, MANY, options, environment(MANY))
  return [...many].map(([work, manyMs]): Figure => {
    const fewMs = few.get(work) ?? 0
    const ratio = manyMs / Math.max(fewMs, 0.001)
    const isOnboarding = work.startsWith('onboard')
    return {
      work: `${work}, ${engine}`,
      millrace: formatDuration(manyMs),
      peer: formatDuration(fewMs),
      ratio: `${ratio.toFixed(1)} x`,
      hold: isOnboarding ? `<= ${formatDuration(ONBOARD_MOST_MS)}` : `<= ${GROWS_MOST} x`,
      held: isOnboarding
        ? manyMs <= ONBOARD_MOST_MS
        : ratio <= GROWS_MOST || manyMs - fewMs <= NOISE_MS,
    }
  })
}

async function measure(
  engine: string,
  size: number,
  { rounds, say }: BenchmarkOptions,
  environment: Environment,
): Promise<Measured> {
  const config = parseConfig({ MILLRACE_SLOTS: '2', MILLRACE_MEMORY: '1GiB', ...environment })
  const surroundings = {
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    working: false,
  }
  // Once, so that migrations and the first deployment are not what is measured.
  await (await openParts(config, surroundings)).close()
  const loadMs = await timed(() => loadTenants(placeOf(config), size))
  say(`${engine}: loaded ${size} tenants in ${formatDuration(loadMs)}`)
  const found = new Map<string, number>()
  let open: OpenParts | undefined
  found.set(
    'open everything until it could serve',
    await timed(async () => {
      open = await openParts(config, surroundings)
    }),
  )
  if (!open) throw new Error('it did not open')
  const parts = open
  try {
    const door = await openLocalDoor(parts, 'default')
    const each = async (work: string, call: () => Promise<unknown>) => {
      const times: number[] = []
      for (let round = 0; round < Math.max(rounds, 5); round++) times.push(await timed(call))
      found.set(work, median(times))
      say(`${engine}, ${size} tenants: ${work} in ${formatDuration(median(times))}`)
    }
    const { catalog } = parts
    await each('claim where nothing is ready', () => catalog.asSystem((s) => claim(s, slot)))
    await each('when to look again', () =>
      catalog.asSystem(async (s) => [await nextReadyMs(s), await nextWakeMs(s)]),
    )
    await each('tidy the queue', () => catalog.asSystem(tidyQueue))
    await each('tick of the scheduler', async () => {
      await tick({ catalog, datasets: () => [] }, 200)
      await catalog.asSystem(async (s) => {
        await startQueuedFirings(s)
        await settleBackfills(s)
        await nextTriggerMs(s)
      })
    })
    await each('find a tenant by its slug', () => tenantBySlug(catalog, `t-${size / 2}`))
    await each('a page of 100 tenants', () =>
      door.invoke(listTenantsOperation, { after: 't-5', limit: 100 }),
    )
    await each('state of one tenant', () => door.invoke(showStatus, {}))
    await each('the queue, of all tenants', () => door.invoke(showQueue, {}))
    await each('limits of one tenant', () => limitsOf(parts, `t-${size / 2}`))
    await each('sweep the lake', () => sweepLake(parts, 86_400_000))
    await each('health', () => door.invoke(healthCheck, {}))
    const onboarded = await onboard(door, `${size}`)
    found.set('onboard the next hundred, each', median(onboarded))
    found.set('onboard the next hundred, the slowest', Math.max(...onboarded))
    say(`${engine}, ${size} tenants: onboarded in ${formatDuration(median(onboarded))} each`)
  } finally {
    await parts.close()
  }
  return found
}

const slot = { worker: 'bench', leaseMs: 30_000, maxTasks: 10, lanes: lanesOf.slot }

async function limitsOf(parts: OpenParts, slug: string): Promise<void> {
  const tenant = await tenantBySlug(parts.catalog, slug)
  if (!tenant) throw new Error(`no tenant ${slug}`)
  await parts.catalog.asSystem((session) => listLimits(session, tenant.id))
}

async function onboard(door: Door, mark: string): Promise<number[]> {
  const times: number[] = []
  for (let next = 0; next < ONBOARDED; next++) {
    const slug = `new-${mark}-${next}`
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
