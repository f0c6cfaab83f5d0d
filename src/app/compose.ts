import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config, PartName } from '#app/config.ts'
import { openCatalogCodeVersions } from '#app/catalog-code-versions.ts'
import { openDeployedCode, type DeployedCode } from '#app/deployed-code.ts'
import { lakeAccess, lakePlace } from '#app/lake-settings.ts'
import { packFolders, readPacks } from '#app/read-packs.ts'
import { openOwnSecrets } from '#app/secret-keys.ts'
import { openWork, type Work } from '#app/work.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { currentDeployment } from '#catalog/deployments.ts'
import { acquireLock, type EmbeddedLock } from '#catalog/embedded-lock.ts'
import { openCatalog } from '#catalog/open.ts'
import { sourceOptions } from '#catalog/options.ts'
import { requeueAbandoned } from '#catalog/queue.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { openEgress, type Egress } from '#egress/egress.ts'
import { openEngine, type Engine } from '#engine/engine.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import { bundlePacks } from '#factory/code-bundle.ts'
import { openCodeShelf, type LoadedCode } from '#factory/code-shelf.ts'
import type { Deployments } from '#factory/deployments.ts'
import type { Factory } from '#factory/factory.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { openSources } from '#factory/sources.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { createIds, type Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import { createMetrics, type Metrics } from '#kernel/metrics.ts'
import type { Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'
import { openLake } from '#lake/open-lake.ts'
import type { Secrets } from '#secrets/secrets.ts'
import type { TaskServices } from '#tasks/services.ts'

/** The parts of one running Millrace, handed to each other as values here and nowhere else. */
export interface OpenParts {
  readonly config: Config
  readonly catalog: Catalog
  readonly lake: Lake
  readonly engine: Engine
  /** Of the deployment that is current at each call. */
  readonly factory: Factory
  readonly deployed: DeployedCode
  readonly deployments: Deployments
  readonly egress: Egress
  readonly secrets: Secrets
  readonly tasks: TaskServices
  readonly metrics: Metrics
  /** Null where the catalog is a PostgreSQL that others may use at the same time. */
  readonly lock: EmbeddedLock | null
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
  /** Starts to claim tasks, or what else the parts do; a second call changes nothing. */
  startWorking(parts?: readonly PartName[]): void
  /** Stops claiming and gives running work `graceMs`; what has not ended then is given back. */
  stopWorking(graceMs: number): Promise<void>
  /** As `stopWorking`, then closes everything in reverse order. */
  close(graceMs?: number): Promise<void>
}

export interface Surroundings {
  /** True: work is about to start, so what takes long to start is started first. */
  readonly working?: boolean
  /** False: where nothing is deployed yet, nothing is. Default: the packs on this machine are. */
  readonly deploys?: boolean
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
    const secrets = await openOwnSecrets(config, { random, log: log.with({ part: 'secrets' }) })
    const engine = opened(
      openEngine({ slots: config.slots, log: log.with({ part: 'engine' }), clock }),
      (part) => part.close(),
    )
    if (surroundings.working) engine.warm()
    const ownLake = opened(
      await openLake({
        place: lakePlace(config),
        localFolder: config.lakeCache ?? join(config.home, 'lake-cache'),
        cacheMaxBytes: config.lakeCacheBytes,
        s3: lakeAccess(config),
        clock,
        random,
        log: log.with({ part: 'lake' }),
      }),
      (part) => part.close(),
    )
    const lake = wrap?.lake?.(ownLake) ?? ownLake
    const ownCatalog = opened(
      await openCatalog(placeOf(config), { clock, random, log: log.with({ part: 'catalog' }) }),
      (part) => part.close(),
    )
    const catalog = wrap?.catalog?.(ownCatalog) ?? ownCatalog
    await ensureTenants(catalog)
    if (lock) await resumeAbandoned(catalog, log)
    const egress = opened(openEgress({ allow: config.egressAllow, clock }), async (part) =>
      part.close(),
    )
    const board = createActiveWorkBoard()
    const limits = limitsOf(config)
    const partsFor = (code: LoadedCode): FactoryParts => ({
      catalog,
      lake,
      engine,
      sources: opened(
        openSources(
          (tenant, dataset) =>
            catalog.asTenant(tenant, (session) => sourceOptions(session, dataset)),
          code.fileOf,
          {
            clock,
            random,
            log: log.with({ part: 'connectors' }),
            baseFolder: process.cwd(),
            agents: { http: egress.httpAgent, https: egress.httpsAgent },
          },
        ),
        (part) => part.close(),
      ),
      datasets: code.datasets,
      codeHash: code.hash === '' ? null : code.hash,
      board,
      limits,
      clock,
      random,
      ids,
      log: log.with({ part: 'factory' }),
    })
    let work: Work | null = null
    const deployed = await openDeployedCode({
      catalog,
      lake,
      shelf: openCodeShelf({ lake, folder: join(config.home, 'code'), ids }),
      clock,
      log: log.with({ part: 'code' }),
      partsFor,
      onCancel: async () => work?.services.checkLeases(),
    })
    if (surroundings.deploys !== false) await deployHere(config, catalog, deployed, log)
    deployed.follow()
    const metrics = createMetrics()
    work = openWork({
      config,
      catalog,
      deployed,
      egress,
      secrets,
      lake,
      metrics,
      clock,
      random,
      ids,
      log,
    })
    const { services } = work
    const maintenance = new AbortController()
    void maintainRegularly(catalog, clock, log, maintenance.signal)

    return {
      config,
      catalog,
      lake,
      engine,
      factory: deployed.factory,
      deployed,
      deployments: deployed.deployments,
      egress,
      secrets,
      tasks: services,
      metrics,
      lock,
      clock,
      random,
      ids,
      log,
      startWorking: (parts = ['worker']) => work.start(parts),
      stopWorking: (graceMs) => work.stop(graceMs),
      async close(graceMs = 0) {
        maintenance.abort()
        deployed.stop()
        await work.stop(graceMs)
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
    if (await tenantBySlug(catalog, slug)) continue
    // Another process that starts at the same moment may have made it.
    await createTenant(catalog, slug).catch((error: unknown) => {
      if (!(error instanceof MillraceError) || error.code !== 'tenant-exists') throw error
    })
  }
}

/** Tasks that the home's former owner was at work on when it died run again now, not a lease later. */
async function resumeAbandoned(catalog: Catalog, log: Logger): Promise<void> {
  const resumed = await catalog.asSystem((session) => requeueAbandoned(session))
  if (resumed.length > 0)
    log.info('took back tasks of a process that died', { tasks: resumed.length })
}

/**
 * An embedded home runs what lies on its disk: that is deployed at each start, under its hash, so that
 * a run which an edit interrupted goes on with its own code. A shared one runs what was deployed,
 * and begins with what the first of its processes brings.
 */
async function deployHere(
  config: Config,
  catalog: Catalog,
  { deployments }: DeployedCode,
  log: Logger,
): Promise<void> {
  const isShared = config.databaseUrl !== null
  if (isShared && (await catalog.asSystem(currentDeployment))) return
  const packs = await readPacks(packFolders(config), openCatalogCodeVersions(catalog))
  const message = isShared ? 'the first start of this deployment' : 'the packs of this home'
  const { deployment, changed } = await deployments.deploy(await bundlePacks(packs), {
    message,
    by: 'start',
    onlyFirst: isShared,
  })
  if (!changed || !isShared) return
  const names = packs.map(({ name }) => name)
  log.warn('nothing was deployed yet: deployed the packs of this machine', {
    packs: names,
    deployment: deployment.id,
  })
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
