import { join } from 'node:path'

import type { Config } from '#app/config.ts'
import { openDeployedCode, type DeployedCode } from '#app/deployed-code.ts'
import { keptTraffic } from '#app/kept-traffic.ts'
import { lakeAccess } from '#app/lake-settings.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import type { PartName } from '#app/settings.ts'
import { openOwnAnswers } from '#app/own-answers.ts'
import { openDeliveryWork, openOwnDeliveries } from '#app/own-deliveries.ts'
import { startOwnReports } from '#app/own-reports.ts'
import { openWork, type Work } from '#app/work.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { openCatalog, type CatalogPlace } from '#catalog/open.ts'
import { sourceOptions } from '#catalog/options.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import { openCodeShelf, type LoadedCode } from '#factory/code-shelf.ts'
import type { Deployments } from '#factory/deployments.ts'
import type { Factory } from '#factory/factory.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { openSources, optionPlaces } from '#factory/sources.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Lake } from '#lake/lake.ts'
import { openLake } from '#lake/open-lake.ts'
import { settleSecrets } from '#operations/secrets/settle-secrets.ts'
import { openFields } from '#secrets/secret-fields.ts'
import type { Answers } from '#serving/answer.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'
import type { Receipts } from '#serving/receipt.ts'
import { openReceipts } from '#serving/receipts.ts'
import type { TaskServices } from '#tasks/services.ts'

/** A catalog, its lake and the code that runs on them. A process has one of its own, and opens cells. */
export interface Place {
  readonly catalog: Catalog
  readonly lake: Lake
  /** Of the deployment that is current at each call. */
  readonly factory: Factory
  readonly deployed: DeployedCode
  readonly deployments: Deployments
  readonly tasks: TaskServices
  readonly receipts: Receipts
  /** The one way to rows, for every door of this place. */
  readonly answers: Answers
  readonly deliveries: Deliveries
  /** Starts to claim tasks, or what else the parts do; a second call changes nothing. */
  startWorking(parts: readonly PartName[]): void
  /** For how long none of its tasks has been under way in this process. */
  idleMs(): number
  /** Stops claiming and gives running work `graceMs`; what has not ended then is given back. */
  stopWorking(graceMs: number): Promise<void>
  /** As `stopWorking`, then closes what it has opened. */
  close(graceMs: number): Promise<void>
}

export interface PlaceStores {
  readonly catalog: Catalog
  readonly lake: Lake
}

export interface PlaceWishes {
  readonly catalog: CatalogPlace
  /** A folder or `s3://…`. */
  readonly lake: string
  /** Where a lake on S3 is staged and cached. */
  readonly lakeCache: string
  /** What has to be there before anything is asked of the catalog. */
  prepare(stores: PlaceStores): Promise<void>
  /** Before each look at what is deployed. */
  bringCode?(stores: PlaceStores): Promise<void>
  readonly wrap?: Wrap
}

/** Stands between the factory and its stores: how tests kill, delay and plant faults. */
export interface Wrap {
  lake?(lake: Lake): Lake
  catalog?(catalog: Catalog): Catalog
}

const MAINTAIN_EVERY_MS = 300_000

export async function openPlace(tools: PlaceTools, wishes: PlaceWishes): Promise<Place> {
  const { config, engine, egress, secrets, slots, clock, random, ids, log } = tools
  const { wrap } = wishes
  const closers: (() => Promise<void>)[] = []
  const opened = <T>(part: T, close: (part: T) => Promise<void>): T => {
    closers.push(() => close(part))
    return part
  }
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const ownLake = opened(
      await openLake({
        place: wishes.lake,
        localFolder: wishes.lakeCache,
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
      await openCatalog(wishes.catalog, { clock, random, log: log.with({ part: 'catalog' }) }),
      (part) => part.close(),
    )
    const catalog = wrap?.catalog?.(ownCatalog) ?? ownCatalog
    await wishes.prepare({ catalog, lake })
    await settleSecrets({ catalog, secrets, log: log.with({ part: 'secrets' }) })
    const board = createActiveWorkBoard()
    const limits = limitsOf(config)
    const keptOf = keptTraffic(tools.directory.catalog)
    const partsFor = (code: LoadedCode): FactoryParts => ({
      catalog,
      lake,
      engine,
      sources: opened(
        openSources(
          async (tenant, dataset) => {
            const stored = await catalog.asTenant(tenant, (s) => sourceOptions(s, dataset))
            return openFields(secrets, stored, optionPlaces(tenant.id, dataset))
          },
          code.fileOf,
          {
            clock,
            random,
            log: log.with({ part: 'connectors' }),
            baseFolder: process.cwd(),
            agents: { http: egress.httpAgent, https: egress.httpsAgent },
          },
          keptOf,
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
      beforeLook: async () => wishes.bringCode?.({ catalog, lake }),
      onCancel: async () => work?.services.checkLeases(),
      endpointKeepMs: config.endpointKeepMs,
    })
    deployed.follow()
    const receipts = openReceipts({ catalog })
    const answers = opened(
      openOwnAnswers(tools, { catalog, lake, receipts, factory: deployed.factory }),
      async (part) => part.close(),
    )
    const deliveries = openOwnDeliveries(tools, catalog)
    work = openWork({
      startReports: () => startOwnReports(tools, { catalog, deployed, answers, deliveries }),
      deliveryWork: openDeliveryWork(tools, { catalog, lake, deployed, answers, deliveries }),
      config,
      catalog,
      deployed,
      egress,
      secrets,
      lake,
      slots,
      clock,
      random,
      ids,
      log,
    })
    const { start, stop, services, idleMs } = work
    const maintenance = new AbortController()
    void maintainRegularly(catalog, clock, log, maintenance.signal)

    return {
      catalog,
      lake,
      factory: deployed.factory,
      deployed,
      deployments: deployed.deployments,
      tasks: services,
      receipts,
      answers,
      deliveries,
      startWorking: start,
      idleMs,
      stopWorking: stop,
      async close(graceMs) {
        maintenance.abort()
        deployed.stop()
        await stop(graceMs)
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
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
