import type { Catalog } from '#catalog/catalog.ts'
import { takeChore } from '#catalog/chores.ts'
import { deliveryPaths } from '#catalog/delivery-sweep.ts'
import { listFiles, type CatalogFile } from '#catalog/files.ts'
import {
  markSwept,
  stockedTenants,
  sweepable,
  sweepHistory,
  type StockedTenant,
} from '#catalog/sweep.ts'
import { sweepReceipts } from '#catalog/receipts.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Lake, Swept } from '#lake/lake.ts'

interface Stores {
  readonly catalog: Catalog
  readonly lake: Lake
}

const DAY_MS = 86_400_000
/** How long former versions are kept for undo, unless an operator or the tenant says otherwise. */
export const KEEP_FORMER_MS = 30 * DAY_MS

/** A figure can be proven a year later, and in the weeks in which the year is closed. */
const KEEP_RECEIPTS_DAYS = 400

/** Longer than any attempt leaves what it has adopted without a row. */
const ORPHAN_AGE_MS = 3_600_000
const PAGE = 10_000
const TENANTS_AT_ONCE = 500
const RUNS_AT_ONCE = 100
const SWEEP_EVERY_MS = 6 * 3_600_000
const ASK_EVERY_MS = 60_000

/**
 * Removes files of former versions that were replaced `keepFormerMs` ago, or as long ago as their
 * tenant says, and what attempts left that never came to their commit. `everybody`: the time counts
 * for tenants that say something else, too.
 */
export async function sweepLake(
  { catalog, lake }: Stores,
  asked: number,
  { everybody = false } = {},
): Promise<{ versions: Swept; orphans: Swept }> {
  let versions: Swept = { files: 0, bytes: 0 }
  for await (const { tenant, keepDays } of everyStockedTenant(catalog, asked / DAY_MS)) {
    const keepFormerMs = everybody ? asked : keepDays * DAY_MS
    // Marked first: a reader that resolves its files after the commit cannot name them any more.
    const files = await catalog.asTenant(tenant, async (session) => {
      const ripe = await sweepable(session, { keepFormerMs })
      await markSwept(
        session,
        ripe.map(({ id }) => id),
      )
      return ripe
    })
    await catalog.asTenant(tenant, (session) => sweepReceipts(session, KEEP_RECEIPTS_DAYS))
    if (files.length === 0) continue
    const { files: removed, bytes } = await lake.remove(files.map(({ path }) => path))
    versions = { files: versions.files + removed, bytes: versions.bytes + bytes }
  }
  const known = new Set<string>()
  for await (const { path } of everyFile(catalog)) known.add(path)
  for await (const path of everyDeliveryPath(catalog)) known.add(path)
  return { versions, orphans: await lake.sweepOrphans(known, ORPHAN_AGE_MS) }
}

/** Tenants that have files; one that has none costs nothing. */
async function* everyStockedTenant(
  catalog: Catalog,
  defaultDays: number,
): AsyncGenerator<StockedTenant> {
  let after = 0
  for (;;) {
    const page = await catalog.asSystem((session) =>
      stockedTenants(session, { after, limit: TENANTS_AT_ONCE, defaultDays }),
    )
    yield* page
    const last = page.at(-1)
    if (!last || page.length < TENANTS_AT_ONCE) return
    after = last.tenant.id
  }
}

/** Every file that has to be there, of all tenants. */
export async function* everyFile(catalog: Catalog): AsyncGenerator<CatalogFile> {
  for await (const { tenant } of everyStockedTenant(catalog, 0)) {
    let after = 0
    for (;;) {
      const page = await catalog.asTenant(tenant, (session) =>
        listFiles(session, { after, limit: PAGE }),
      )
      yield* page
      const last = page.at(-1)
      if (!last || page.length < PAGE) break
      after = last.id
    }
  }
}

async function* everyDeliveryPath(catalog: Catalog): AsyncGenerator<string> {
  let after = ''
  for (;;) {
    const page = await catalog.asSystem((session) => deliveryPaths(session, after, PAGE))
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = last
  }
}

/** Sweeps the lake every few hours; of all processes that offer it, one does it. */
export function startSweeping(parts: Stores & { readonly clock: Clock; readonly log: Logger }): {
  stop(): Promise<void>
} {
  const { catalog, clock, log } = parts
  const stopping = new AbortController()

  async function look(): Promise<void> {
    const ours = await catalog.asSystem((session) => takeChore(session, 'sweep', SWEEP_EVERY_MS))
    if (!ours) return
    const { versions, orphans } = await sweepLake(parts, KEEP_FORMER_MS)
    log.info('swept the lake', { former: versions.files, orphans: orphans.files })
    let runs = 0
    for (let swept = RUNS_AT_ONCE; swept === RUNS_AT_ONCE && !stopping.signal.aborted;) {
      swept = await catalog.asSystem((session) => sweepHistory(session, RUNS_AT_ONCE))
      runs += swept
    }
    if (runs > 0) log.info('forgot tasks and logs that tenants keep no longer', { runs })
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => log.warn('sweeping the lake', { error }))
      await clock.sleep(ASK_EVERY_MS, stopping.signal).catch(() => {})
    }
  }

  const ended = loop()
  return {
    stop() {
      stopping.abort()
      return ended
    },
  }
}
