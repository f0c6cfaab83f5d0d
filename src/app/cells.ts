import { AsyncResource } from 'node:async_hooks'

import { foundCell, type NewCellPlace } from '#app/found-cell.ts'
import { openCell, type Directory } from '#app/open-cell.ts'
import type { Place } from '#app/open-place.ts'
import { mirrorTenants } from '#app/mirror-tenants.ts'
import type { PlaceTools } from '#app/place-tools.ts'
import { cellOf as findCell } from '#catalog/cells.ts'
import { wakeCell } from '#catalog/cell-turns.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'

/** The cells that this process has open, opened when somebody asks for them. */
export interface Cells {
  /** Name of the cell that a tenant's data lie in; null: in the directory. Throws `cell-unreachable`. */
  cellOf(tenant: Tenant): Promise<string | null>
  /** It has just been given its place. */
  forget(tenant: Tenant): void
  /**
   * The cell that a tenant's data lie in, as `hold` gives it, which knows the tenant as it is now;
   * null: they lie here, in the directory. Throws `cell-unreachable`.
   */
  holdFor(tenant: Tenant): Promise<HeldCell | null>
  /** Opens it where it is not open; it stays so until `release`. Throws `cell-unknown`, `cell-unreachable`. */
  hold(name: string): Promise<HeldCell>
  /** Something is to be done in it: whoever does its work looks now. */
  wake(name: string): Promise<void>
  /** Calls back at each `wake` of this process. */
  onWake(listener: () => void): void
  /** Makes one, see `foundCell`. */
  create(cell: NewCellPlace): Promise<void>
  /** Names of those that are open. */
  open(): readonly string[]
  close(graceMs: number): Promise<void>
}

export interface HeldCell {
  readonly name: string
  readonly place: Place
  /** Safe to call again. */
  release(): void
}

/** What is said of a tenant in the directory holds in its cell after this time. */
const REMEMBERED_MS = 1_000
const REMEMBERED_MAX = 10_000
/** What could not be opened is not tried again for so long. */
const REFUSED_MS = 2_000
/** Whoever waits for longer is told that it cannot be reached; the opening goes on. */
const PATIENCE_MS = 8_000
/** The one that was used longest ago is closed for another, unless somebody uses it. */
const MOST_OPEN = 50
const LOOK_MS = 1_000

interface Entry {
  readonly name: string
  readonly opening: Promise<Place>
  uses: number
  usedMs: number
  closing: Promise<void> | null
}

export function openCells(tools: PlaceTools, directory: Directory): Cells {
  const { config, clock, log } = tools
  const entries = new Map<string, Entry>()
  const refused = new Map<string, { readonly error: MillraceError; readonly untilMs: number }>()
  const known = new Map<number, { readonly cell: string | null; readonly untilMs: number }>()
  // A tenant is put into a cell when it is made, and gets the highest number then.
  let none = { untilMs: Number.NEGATIVE_INFINITY, upTo: 0 }
  const listeners: (() => void)[] = []
  const stopping = new AbortController()
  // What is done in a cell on the way of a request is not that request's change (see catalog/change.ts),
  // and what goes on there outlives it.
  const own = new AsyncResource('cells')
  const apart = <T>(act: () => T): T => own.runInAsyncScope(act)

  function begin(name: string): Entry {
    const opening = apart(() => openCell(tools, directory, name))
    const entry: Entry = { name, opening, uses: 0, usedMs: clock.monotonicMs(), closing: null }
    entries.set(name, entry)
    opening.catch((thrown: unknown) => {
      const error = toMillraceError(thrown)
      entries.delete(name)
      if (error.code === 'cell-unknown') return
      log.warn('opening a cell', { cell: name, error })
      refused.set(name, { error, untilMs: clock.monotonicMs() + REFUSED_MS })
    })
    return entry
  }

  /** One use of it, which has to end. */
  async function enter(name: string): Promise<Entry> {
    if (stopping.signal.aborted) throw new MillraceError('server-stopping')
    const refusal = refused.get(name)
    if (refusal && refusal.untilMs > clock.monotonicMs()) throw unreachable(refusal.error)
    refused.delete(name)
    const before = entries.get(name)
    if (before?.closing) {
      // A folder has room for one at a time.
      await before.closing
      return enter(name)
    }
    const entry = before ?? begin(name)
    entry.uses++
    makeRoom()
    return entry
  }

  async function hold(name: string): Promise<HeldCell> {
    const entry = await enter(name)
    let released = false
    const release = () => {
      if (released) return
      released = true
      entry.uses--
      entry.usedMs = clock.monotonicMs()
    }
    const over = new AbortController()
    try {
      const late = clock.sleep(PATIENCE_MS, over.signal).then(
        () => null,
        () => null,
      )
      const place = await Promise.race([entry.opening, late])
      if (place) return { name, place, release }
      throw new MillraceError('cell-unreachable')
    } catch (error) {
      release()
      throw unreachable(error)
    } finally {
      over.abort()
    }
  }

  async function cellOf(tenant: Tenant): Promise<string | null> {
    const now = clock.monotonicMs()
    if (none.untilMs > now && tenant.id <= none.upTo) return null
    const before = known.get(tenant.id)
    if (before && before.untilMs > now) return before.cell
    const { cell, isKnown, some } = await apart(() =>
      directory.catalog.asSystem((session) => findCell(session, tenant)),
    )
    const untilMs = now + REMEMBERED_MS
    if (!some) none = { untilMs, upTo: Math.max(none.upTo, tenant.id) }
    if (cell !== null && !isKnown) await tell(cell)
    if (known.size >= REMEMBERED_MAX) known.clear()
    known.set(tenant.id, { cell, untilMs })
    return cell
  }

  /** Tells a cell what it does not know of its tenants. */
  async function tell(name: string): Promise<void> {
    const { place, release } = await hold(name)
    try {
      await apart(() => mirrorTenants(directory.catalog, new Map([[name, place.catalog]])))
    } catch (error) {
      throw unreachable(error)
    } finally {
      release()
    }
  }

  function close(entry: Entry, graceMs: number): Promise<void> {
    const { name, opening } = entry
    entry.closing ??= opening
      .then((place) => place.close(graceMs))
      .catch((error: unknown) => log.warn('closing a cell', { cell: name, error }))
      .then(() => void entries.delete(name))
    return entry.closing
  }

  function unused(): Entry[] {
    return [...entries.values()]
      .filter(({ uses, closing }) => uses === 0 && closing === null)
      .toSorted((a, b) => a.usedMs - b.usedMs)
  }

  function makeRoom(): void {
    const over = entries.size - MOST_OPEN
    if (over > 0) for (const entry of unused().slice(0, over)) void close(entry, 0)
  }

  async function closeIdle(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, stopping.signal).catch(() => {})
      const since = clock.monotonicMs() - config.cellIdleMs
      for (const entry of unused()) if (entry.usedMs <= since) void close(entry, 0)
    }
  }
  void closeIdle()

  return {
    cellOf,
    forget(tenant) {
      known.delete(tenant.id)
      none = { untilMs: Number.NEGATIVE_INFINITY, upTo: 0 }
    },
    async holdFor(tenant) {
      const name = await cellOf(tenant)
      return name === null ? null : hold(name)
    },
    hold,
    async wake(name) {
      await apart(() => directory.catalog.asSystem((session) => wakeCell(session, name)))
      for (const listener of listeners) listener()
    },
    onWake: (listener) => void listeners.push(listener),
    create: (cell) => apart(() => foundCell(tools, directory, cell)),
    open: () => [...entries.keys()],
    async close(graceMs) {
      stopping.abort()
      await Promise.all([...entries.values()].map((entry) => close(entry, graceMs)))
    },
  }
}

/** What a tenant may read of it; the cause is for operators. */
function unreachable(thrown: unknown): MillraceError {
  const error = toMillraceError(thrown)
  if (['cell-unknown', 'cell-unreachable', 'server-stopping'].includes(error.code)) return error
  return new MillraceError('cell-unreachable', {}, { cause: thrown })
}
