import { hostname } from 'node:os'

import type { Cells, HeldCell } from '#app/cells.ts'
import { mirrorTenants } from '#app/mirror-tenants.ts'
import type { PlaceTools } from '#app/open-place.ts'
import type { Catalog } from '#catalog/catalog.ts'
import {
  holdCell,
  nextDueMs,
  releaseCell,
  settleCell,
  takeCells,
  wakeCell,
} from '#catalog/cell-turns.ts'

/** Does the work of cells in this process: everything that a worker, a scheduler and a notifier do. */
export interface CellWork {
  /** Gives running work `graceMs`, then leaves the cells to other processes. */
  stop(graceMs: number): Promise<void>
}

const ROUND_MS = 1_000
/** A process that says nothing for so long loses its cells to others. */
const HOLD_MS = 30_000
const RENEW_MS = 10_000
/** Cells that one process does the work of at the same time, beside the directory's own. */
const MOST_AT_ONCE = 16
/** A cell that cannot be opened is tried again after this time. */
const AFTER_ERROR_MS = 15_000
/** The longest that nobody looks into a cell: its lake is swept, what ended long ago is removed. */
const LOOK_AT_LEAST_MS = 6 * 3_600_000

interface Holding {
  readonly held: HeldCell
  renewedMs: number
}

/**
 * A process asks the directory once a second which cells are due, takes some that nobody holds, and
 * works in them until nothing has been under way for `MILLRACE_CELL_IDLE`. It then writes down when
 * the next thing is due by itself, and leaves. What that costs follows what is due, not how many cells
 * there are. With `MILLRACE_CELL` it is that one alone, which is never left.
 */
export function startCellWork(
  tools: PlaceTools,
  directory: { readonly catalog: Catalog },
  cells: Cells,
): CellWork {
  const { config, clock, log } = tools
  const only = config.cell
  const { catalog } = directory
  const holder = `${hostname()}-${process.pid}-${tools.ids.next('w').slice(-7)}`
  const working = new Map<string, Holding>()
  const stopping = new AbortController()
  let wake = Promise.withResolvers<void>()
  cells.onWake(() => wake.resolve())

  async function take(): Promise<void> {
    const room = MOST_AT_ONCE - working.size
    if (room <= 0) return
    const names =
      only === null
        ? await catalog.asSystem((session) =>
            takeCells(session, { holder, holdMs: HOLD_MS, max: room }),
          )
        : working.has(only)
          ? []
          : [only]
    await Promise.all(names.map(begin))
  }

  async function begin(name: string): Promise<void> {
    if (working.has(name)) return
    try {
      const held = await cells.hold(name)
      held.place.startWorking(['worker', 'scheduler', 'notifier'])
      // The hold of a cell that others look after, too, is taken when it is free.
      const renewedMs = only === null ? clock.monotonicMs() : Number.NEGATIVE_INFINITY
      working.set(name, { held, renewedMs })
    } catch (error) {
      log.warn('a cell cannot be worked in', { cell: name, error })
      await leave(name, AFTER_ERROR_MS)
    }
  }

  async function renew(name: string, holding: Holding): Promise<void> {
    if (clock.monotonicMs() - holding.renewedMs < RENEW_MS) return
    const ours = await catalog.asSystem((session) => holdCell(session, name, holder, HOLD_MS))
    if (ours) holding.renewedMs = clock.monotonicMs()
    else if (only === null) await put(name, holding, config.stopGraceMs)
  }

  /** Ends what this process does there. */
  async function put(name: string, { held }: Holding, graceMs: number): Promise<void> {
    working.delete(name)
    try {
      await held.place.stopWorking(graceMs)
    } finally {
      held.release()
    }
  }

  async function leaveIdle(name: string, holding: Holding): Promise<void> {
    if (only !== null || holding.held.place.idleMs() < config.cellIdleMs) return
    const { catalog: own } = holding.held.place
    await catalog.asSystem((session) => settleCell(session, name, holder))
    const soonMs = await own.asSystem(nextDueMs)
    if (soonMs !== null && soonMs <= config.cellIdleMs) {
      return catalog.asSystem((session) => wakeCell(session, name))
    }
    await holding.held.place.stopWorking(config.stopGraceMs)
    const nextMs = await own.asSystem(nextDueMs)
    await put(name, holding, 0)
    await catalog.asSystem((session) =>
      releaseCell(session, name, holder, Math.min(nextMs ?? LOOK_AT_LEAST_MS, LOOK_AT_LEAST_MS)),
    )
  }

  async function leave(name: string, nextMs: number): Promise<void> {
    await catalog.asSystem(async (session) => {
      await settleCell(session, name, holder)
      await releaseCell(session, name, holder, nextMs)
    })
  }

  async function look(): Promise<void> {
    await take()
    const catalogs = [...working].map(([name, { held }]) => [name, held.place.catalog] as const)
    await mirrorTenants(catalog, new Map(catalogs)).catch((error: unknown) =>
      log.warn('telling cells of their tenants', { error }),
    )
    for (const [name, holding] of working) {
      try {
        await renew(name, holding)
        if (working.has(name)) await leaveIdle(name, holding)
      } catch (error) {
        log.warn('looking after a cell', { cell: name, error })
      }
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers<void>()
      await look().catch((error: unknown) => log.warn('looking for cells that are due', { error }))
      const over = new AbortController()
      const signal = AbortSignal.any([over.signal, stopping.signal])
      await Promise.race([wake.promise, clock.sleep(ROUND_MS, signal).catch(() => {})])
      over.abort()
    }
  }

  const ended = loop()
  return {
    async stop(graceMs) {
      stopping.abort()
      await ended
      const all = [...working]
      await Promise.all(
        all.map(async ([name, holding]) => {
          await put(name, holding, graceMs)
          await leave(name, 0)
        }),
      ).catch((error: unknown) => log.warn('leaving cells', { error }))
    },
  }
}
