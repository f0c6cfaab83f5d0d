import type { Cells } from '#app/cells.ts'
import { mirrorTenants } from '#app/mirror-tenants.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { holdCell, nextDueMs, releaseCell, settleCell, wakeCell } from '#catalog/cell-turns.ts'

/** One process's time in one cell. */
export interface Shift {
  readonly cell: string
  /** Name of the process in the directory. */
  readonly holder: string
  readonly holdMs: number
  /** It is here for this cell alone (`MILLRACE_CELL`): it stays, whoever holds the cell. */
  readonly isOwn: boolean
  /** What running work is given at the end. */
  graceMs(): number
}

interface ShiftParts extends Pick<PlaceTools, 'config' | 'clock' | 'log'> {
  /** Of the directory. */
  readonly catalog: Catalog
  readonly cells: Cells
}

const LOOK_MS = 1_000
const RENEW_MS = 10_000
/** A cell that cannot be opened is tried again after this time. */
const AFTER_ERROR_MS = 15_000
/** The longest that nobody looks into a cell: its lake is swept, what ended long ago is removed. */
const LOOK_AT_LEAST_MS = 6 * 3_600_000

/**
 * Opens the cell and does its work until nothing has been under way for `MILLRACE_CELL_IDLE`, then
 * writes down when the next thing is due by itself. Ends, too, when another process has taken the cell
 * over, or when this one stops.
 */
export async function lookAfterCell(
  shift: Shift,
  parts: ShiftParts,
  stopping: AbortSignal,
): Promise<void> {
  const { cell, holder } = shift
  const { catalog, cells, config, clock, log } = parts
  let nextMs = 0
  let renewedMs = Number.NEGATIVE_INFINITY
  try {
    const { place, release } = await cells.hold(cell)
    try {
      place.startWorking(['worker', 'scheduler', 'notifier'])
      while (await goesOn(place)) await clock.sleep(LOOK_MS, stopping).catch(() => {})
      await place.stopWorking(shift.graceMs())
      if (!stopping.aborted) {
        nextMs = (await place.catalog.asSystem(nextDueMs)) ?? LOOK_AT_LEAST_MS
      }
    } finally {
      // After an error, too; a second time it changes nothing.
      await place.stopWorking(shift.graceMs())
      release()
    }
  } catch (error) {
    log.warn('a cell cannot be worked in', { cell, error })
    nextMs = AFTER_ERROR_MS
    await catalog.asSystem((session) => settleCell(session, cell, holder))
  }
  const lookMs = Math.min(nextMs, LOOK_AT_LEAST_MS)
  await catalog.asSystem((session) => releaseCell(session, cell, holder, lookMs))

  async function goesOn({ catalog: own, idleMs }: CellPlace): Promise<boolean> {
    if (stopping.aborted) return false
    try {
      if (clock.monotonicMs() - renewedMs >= RENEW_MS) {
        const ours = await catalog.asSystem((session) =>
          holdCell(session, cell, holder, shift.holdMs),
        )
        if (!ours && !shift.isOwn) return false
        renewedMs = clock.monotonicMs()
      }
      await mirrorTenants(catalog, new Map([[cell, own]]))
      if (shift.isOwn || idleMs() < config.cellIdleMs) return true
      await catalog.asSystem((session) => settleCell(session, cell, holder))
      const soonMs = await own.asSystem(nextDueMs)
      if (soonMs === null || soonMs > config.cellIdleMs) return false
      await catalog.asSystem((session) => wakeCell(session, cell))
    } catch (error) {
      log.warn('looking after a cell', { cell, error })
    }
    return true
  }
}

interface CellPlace {
  readonly catalog: Catalog
  idleMs(): number
}
