import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { lakeFolder, type Config } from '#app/config.ts'
import { openCatalogCodeVersions } from '#app/catalog-code-versions.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { acquireLock, type EmbeddedLock } from '#catalog/embedded-lock.ts'
import { openCatalog } from '#catalog/open.ts'
import { sourceOptions } from '#catalog/options.ts'
import { lanesOf, requeueAbandoned } from '#catalog/queue.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import { openEngine, type Engine } from '#engine/engine.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import { createFactory } from '#factory/create-factory.ts'
import { startDispatcher, type Dispatcher } from '#factory/dispatcher.ts'
import type { Factory } from '#factory/factory.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { openSources } from '#factory/sources.ts'
import { createWorker } from '#factory/worker.ts'
import type { Clock } from '#kernel/clock.ts'
import { createIds, type Ids } from '#kernel/ids.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { openDiskLake } from '#lake/disk-lake.ts'
import type { Lake } from '#lake/lake.ts'
import type { Pack } from '#model/definition.ts'

/** The parts of one running Millrace, handed to each other as values here and nowhere else. */
export interface OpenParts {
  readonly config: Config
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  readonly packs: readonly Pack[]
  readonly factory: Factory
  /** Null where the catalog is a PostgreSQL that others may use at the same time. */
  readonly lock: EmbeddedLock | null
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
  /** Starts to claim tasks; a second call changes nothing. */
  startWorking(): void
  /** Stops claiming, gives running work `graceMs`, then closes everything in reverse order. */
  close(graceMs?: number): Promise<void>
}

export interface Surroundings {
  /** True: work is about to start, so what takes long to start is started first. */
  readonly working?: boolean
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Stands between the factory and its stores: how tests kill, delay and plant faults. */
  readonly wrap?: Wrap
}

export interface Wrap {
  lake?(lake: Lake): Lake
  catalog?(catalog: Catalog): Catalog
}

const SHIPPED_PACKS = ['events']
const LEASE_MS = 30_000
const MAINTAIN_EVERY_MS = 300_000

export async function openParts(config: Config, surroundings: Surroundings): Promise<OpenParts> {
  const { clock, random, log, wrap } = surroundings
  const ids = createIds(clock, random)
  const closers: (() => Promise<void>)[] = []
  const opened = <T>(part: T, close: (part: T) => Promise<void>): T => {
    closers.push(() => close(part))
    return part
  }
  const closeAll = async () => {
    for (const close of closers.reverse()) await close()
  }
  try {
    await prepareHome(config.home)
    const lock = config.databaseUrl
      ? null
      : opened(await acquireLock(config.home, { address: null, clock }), (held) => held.release())
    const engine = opened(
      openEngine({ slots: config.slots, log: log.with({ part: 'engine' }), clock }),
      (part) => part.close(),
    )
    if (surroundings.working) engine.warm()
    const diskLake = await openDiskLake({ folder: lakeFolder(config), clock })
    const lake = wrap?.lake?.(diskLake) ?? diskLake
    const ownCatalog = opened(
      await openCatalog(placeOf(config), { clock, random, log: log.with({ part: 'catalog' }) }),
      (part) => part.close(),
    )
    const catalog = wrap?.catalog?.(ownCatalog) ?? ownCatalog
    await ensureTenants(catalog)
    if (lock) await resumeAbandoned(catalog, log)
    const packs = await readPacks(config, catalog)
    const datasets = packs.flatMap((pack) => pack.datasets)
    const sources = opened(
      openSources(
        (tenant, dataset) => catalog.asTenant(tenant, (session) => sourceOptions(session, dataset)),
        (source) => folderOf(packs, source.pack),
        { clock, random, log: log.with({ part: 'connectors' }), baseFolder: process.cwd() },
      ),
      (part) => part.close(),
    )
    const board = createActiveWorkBoard()
    const limits = limitsOf(config)
    const factoryParts: FactoryParts = {
      catalog,
      lake,
      engine,
      sources,
      datasets,
      board,
      limits,
      clock,
      random,
      ids,
      log: log.with({ part: 'factory' }),
    }
    let dispatcher: Dispatcher | null = null
    const factory = createFactory(factoryParts, async () => dispatcher?.checkLeases())
    const maintenance = new AbortController()
    void maintainRegularly(catalog, clock, log, maintenance.signal)

    return {
      config,
      catalog,
      lake,
      engine,
      packs,
      factory,
      lock,
      clock,
      random,
      ids,
      log,
      startWorking() {
        dispatcher ??= startDispatcher(
          catalog,
          {
            worker: `${process.pid}`,
            slots: config.slots,
            leaseMs: LEASE_MS,
            lanes: lanesOf.slot,
            tags: [],
          },
          createWorker(factoryParts),
          { clock, log: log.with({ part: 'dispatcher' }) },
        )
      },
      async close(graceMs = 0) {
        maintenance.abort()
        await dispatcher?.stop(graceMs)
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function placeOf(config: Config) {
  return config.databaseUrl
    ? { url: config.databaseUrl }
    : { folder: join(config.home, 'catalog'), cacheFolder: config.cacheFolder }
}

/** The home is nobody else's to read, and never part of a repository. */
async function prepareHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  await writeFile(join(home, '.gitignore'), '*\n')
}

const FIRST_TENANTS = ['default', 'demo']

async function ensureTenants(catalog: Catalog): Promise<void> {
  for (const slug of FIRST_TENANTS) {
    if (!(await tenantBySlug(catalog, slug))) await createTenant(catalog, slug)
  }
}

/** Tasks that the home's former owner was at work on when it died run again now, not a lease later. */
async function resumeAbandoned(catalog: Catalog, log: Logger): Promise<void> {
  const resumed = await catalog.asSystem((session) => requeueAbandoned(session))
  if (resumed.length > 0)
    log.info('took back tasks of a process that died', { tasks: resumed.length })
}

async function readPacks(config: Config, catalog: Catalog): Promise<Pack[]> {
  const parser = openDuckdbParser()
  try {
    const shipped = SHIPPED_PACKS.map((name) =>
      fileURLToPath(new URL(`../../packs/${name}`, import.meta.url)),
    )
    const deps = {
      serializeSql: parser.serializeSql,
      codeVersions: openCatalogCodeVersions(catalog),
    }
    const packs: Pack[] = []
    for (const folder of [...shipped, ...config.packs]) packs.push(await readPack(folder, deps))
    return packs
  } finally {
    parser.close()
  }
}

function folderOf(packs: readonly Pack[], name: string): string {
  const pack = packs.find((candidate) => candidate.name === name)
  if (!pack) throw new MillraceError('internal', { message: `no pack is named ${name}` })
  return pack.folder
}

/** Slots share the memory; reading a source takes all threads, so it gets more than one share. */
function limitsOf(config: Config): FactoryParts['limits'] {
  return {
    slots: config.slots,
    buildMemoryBytes: Math.floor(config.memoryBytes / config.slots),
    convertMemoryBytes: Math.floor(config.memoryBytes / 2),
    convertThreads: config.slots,
    deadlineMs: 600_000,
  }
}

async function maintainRegularly(
  catalog: Catalog,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(MAINTAIN_EVERY_MS, signal).catch(() => {})
    if (signal.aborted) return
    await catalog
      .maintain()
      .catch((error: unknown) => log.warn('maintaining the catalog', { error }))
  }
}
