import { hostname } from 'node:os'

import { lookAfterCell } from '#app/cell-shift.ts'
import type { Cells } from '#app/cells.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { takeCells } from '#catalog/cell-turns.ts'

/** Does the work of cells in this process: everything that a worker, a scheduler and a notifier do. */
export interface CellWork {
  /** Gives running work `graceMs`, then leaves the cells to other processes. */
  stop(graceMs: number): Promise<void>
}

const ROUND_MS = 1_000
/** A process that says nothing for so long loses its cells to others. */
const HOLD_MS = 30_000
/** Cells that one process does the work of at the same time, beside the directory's own. */
const MOST_AT_ONCE = 16

/**
 * A process asks the directory once a second which cells are due, takes some that nobody holds, and
 * works in each until there is nothing to do (see cell-shift.ts). What that costs follows what is due,
 * not how many cells there are. With `MILLRACE_CELL` it is that one alone, which is never left.
 */
export function startCellWork(
  tools: PlaceTools,
  directory: { readonly catalog: Catalog },
  cells: Cells,
): CellWork {
  const { config, clock, log } = tools
  const { catalog } = directory
  const only = config.cell
  const holder = `${hostname()}-${process.pid}-${tools.ids.next('w').slice(-7)}`
  const working = new Map<string, Promise<void>>()
  const stopping = new AbortController()
  let graceMs = config.stopGraceMs
  let wake = Promise.withResolvers<void>()
  cells.onWake(() => wake.resolve())

  async function due(): Promise<readonly string[]> {
    if (only !== null) return [only]
    const max = MOST_AT_ONCE - working.size
    if (max <= 0) return []
    return catalog.asSystem((session) => takeCells(session, { holder, holdMs: HOLD_MS, max }))
  }

  async function look(): Promise<void> {
    for (const name of await due()) {
      if (working.has(name)) continue
      const shift = lookAfterCell(
        { cell: name, holder, holdMs: HOLD_MS, isOwn: only !== null, graceMs: () => graceMs },
        { catalog, cells, config, clock, log },
        stopping.signal,
      )
      const ended = shift
        .catch((error: unknown) => log.warn('working in a cell', { cell: name, error }))
        .then(() => void working.delete(name))
      working.set(name, ended)
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
    async stop(ms) {
      graceMs = ms
      stopping.abort()
      await ended
      await Promise.all(working.values())
    },
  }
}
