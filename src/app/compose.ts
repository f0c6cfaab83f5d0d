import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '#app/config.ts'
import { openCatalogCodeVersions } from '#app/catalog-code-versions.ts'
import { startCellWork, type CellWork } from '#app/cell-work.ts'
import { openCells, type Cells } from '#app/cells.ts'
import type { DeployedCode } from '#app/deployed-code.ts'
import { lateDirectory } from '#app/directory-tools.ts'
import { lakePlace } from '#app/lake-settings.ts'
import { openPlace, type Wrap } from '#app/open-place.ts'
import { packFolders, readPacks } from '#app/read-packs.ts'
import { openOwnSecrets } from '#app/secret-keys.ts'
import type { PartName } from '#app/settings.ts'
import { openOwnReaders } from '#app/own-readers.ts'
import { openSlots } from '#app/slots.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { freeCells } from '#catalog/cell-turns.ts'
import { cellMark, cellPlace } from '#catalog/cells.ts'
import { currentDeployment } from '#catalog/deployments.ts'
import { acquireLock, type EmbeddedLock } from '#catalog/embedded-lock.ts'
import { requeueAbandoned } from '#catalog/queue.ts'
import { createTenant, tenantsBySlug } from '#catalog/tenants.ts'
import { openEgress, type Egress } from '#egress/egress.ts'
import { openEngine, type Engine } from '#engine/engine.ts'
import type { Readers } from '#engine/readers/query-job.ts'
import { bundlePacks } from '#factory/code-bundle.ts'
import type { Deployments } from '#factory/deployments.ts'
import type { Factory } from '#factory/factory.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { createIds, type Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import { createMetrics, type Metrics } from '#kernel/metrics.ts'
import type { Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'
import { createMailer, type Mailer } from '#mail/mailer.ts'
import type { Secrets } from '#secrets/secrets.ts'
import type { Answers } from '#serving/answer.ts'
import type { Receipts } from '#serving/receipt.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'
import { openEndpoints, type Endpoints } from '#serving/endpoints.ts'
import { openTraffic, type Traffic } from '#serving/traffic.ts'
import type { TaskServices } from '#tasks/services.ts'

export type { Wrap }

/** The parts of one running Millrace, handed to each other as values here and nowhere else. */
export interface OpenParts {
  readonly config: Config
  readonly catalog: Catalog
  readonly lake: Lake
  /** Other catalogs and lakes, with the data of tenants that are to be alone. */
  readonly cells: Cells
  readonly engine: Engine
  /** Warm processes for queries over published rows. */
  readonly readers: Readers
  /** Of the deployment that is current at each call. */
  readonly factory: Factory
  readonly deployed: DeployedCode
  readonly deployments: Deployments
  readonly egress: Egress
  readonly secrets: Secrets
  readonly mailer: Mailer
  readonly tasks: TaskServices
  readonly receipts: Receipts
  readonly answers: Answers
  readonly deliveries: Deliveries
  readonly endpoints: Endpoints
  /** Requests for rows of endpoints. */
  readonly traffic: Traffic
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
    const readers = opened(
      await openOwnReaders(config, { clock, ids, log: log.with({ part: 'readers' }) }),
      (part) => part.close(),
    )
    if (surroundings.working) {
      engine.warm()
      // Tried out while the catalog opens, so that whoever asks for it later need not wait.
      void readers.customerSqlProblem().catch(() => {})
    }
    const egress = opened(openEgress({ allow: config.egressAllow, clock }), async (part) =>
      part.close(),
    )
    const metrics = createMetrics()
    const counts = { slot: config.slots, call: config.calls, delivery: config.deliveries }
    const slots = openSlots(counts, { metrics, clock })
    const directory = lateDirectory(() => publicUrlOf(config, lock))
    const tools = {
      config,
      engine,
      readers,
      egress,
      secrets,
      slots,
      directory,
      clock,
      random,
      ids,
      log,
    }
    const place = await openPlace(tools, {
      catalog: placeOf(config),
      lake: lakePlace(config),
      lakeCache: config.lakeCache ?? join(config.home, 'lake-cache'),
      ...(wrap && { wrap }),
      async prepare({ catalog }) {
        await refuseCell(catalog)
        await ensureTenants(catalog)
        if (lock) await resumeAbandoned(catalog, log)
      },
    })
    const { catalog, lake, deployed } = opened(place, (open) => open.close(0))
    if (surroundings.deploys !== false) await deployHere(config, catalog, deployed, log)
    const endpoints = openEndpoints({
      catalog,
      clock,
      code: () => deployed.current().code,
      packsOf: (tenant) => deployed.tenantPacks.of(tenant),
      onError: (what, error) => log.warn(what, { error }),
    })
    directory.know({ catalog, endpoints })
    const traffic = opened(
      openTraffic({ catalog, clock, log: log.with({ part: 'traffic' }) }),
      (part) => part.close(),
    )
    const cells = opened(openCells(tools, place), (open) => open.close(0))
    if (config.cell !== null) await assertCell(catalog, config.cell)
    let cellWork: CellWork | null = null
    const startWorking = (parts: readonly PartName[] = ['worker']) => {
      if (config.cell === null) place.startWorking(parts)
      if (parts.includes('worker')) cellWork ??= startCellWork(tools, place, cells)
    }
    const stopWorking = async (graceMs: number) => {
      await Promise.all([place.stopWorking(graceMs), cellWork?.stop(graceMs)])
    }

    return {
      config,
      catalog,
      lake,
      cells,
      engine,
      readers,
      factory: deployed.factory,
      deployed,
      deployments: deployed.deployments,
      egress,
      secrets,
      mailer: createMailer({ isOn: config.smtpUrl !== null, secrets, ids }),
      tasks: place.tasks,
      receipts: place.receipts,
      answers: place.answers,
      deliveries: place.deliveries,
      endpoints,
      traffic,
      metrics,
      lock,
      clock,
      random,
      ids,
      log,
      startWorking,
      stopWorking,
      async close(graceMs = 0) {
        await stopWorking(graceMs)
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The address that is set; else where the server of this machine listens, or will. */
export function publicUrlOf(config: Config, lock: EmbeddedLock | null): string {
  return config.publicUrl ?? lock?.owner.address ?? `http://localhost:${config.port ?? 7420}`
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

export const FIRST_TENANTS = ['default', 'demo']

async function ensureTenants(catalog: Catalog): Promise<void> {
  const found = await tenantsBySlug(catalog, FIRST_TENANTS)
  for (const slug of FIRST_TENANTS) {
    if (found.some((tenant) => tenant.slug === slug)) continue
    // Another process that starts at the same moment may have made it.
    await createTenant(catalog, slug).catch((error: unknown) => {
      if (!(error instanceof MillraceError) || error.code !== 'tenant-exists') throw error
    })
  }
}

/** A cell's database is opened through the catalog that knows it. */
async function refuseCell(catalog: Catalog): Promise<void> {
  const mark = await catalog.asSystem(cellMark)
  if (mark && mark.cell !== null) throw new MillraceError('catalog-is-cell', { cell: mark.cell })
}

/** A process that works for one alone has nothing to do where there is none of that name. */
async function assertCell(catalog: Catalog, name: string): Promise<void> {
  const place = await catalog.asSystem((session) => cellPlace(session, name))
  if (!place) throw new MillraceError('cell-unknown', { cell: name })
}

/** Tasks that the home's former owner was at work on when it died run again now, not a lease later. */
async function resumeAbandoned(catalog: Catalog, log: Logger): Promise<void> {
  const resumed = await catalog.asSystem(async (session) => {
    await freeCells(session)
    return requeueAbandoned(session)
  })
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
