import { useEffect, useMemo, useState } from 'react'

import type { InputOf, OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import type { Grid, GridRow } from '~/matrix/grid.ts'
import { DAY_MS } from '~/matrix/levels.ts'
import { nameOfPart } from '~/matrix/places.ts'
import { unpack, type RowTiles } from '~/matrix/tiles.ts'
import { useSettledView, type ViewStore } from '~/matrix/view-store.ts'
import { askedFor, type View } from '~/matrix/view.ts'

export type MatrixShown = OutputOf<'matrix.show'>
type ShownRow = MatrixShown['rows'][number]
export type MatrixInput = NonNullable<InputOf<'matrix.show'>>

/** A row with what only a tenant's matrix knows of it. */
export interface MatrixRow extends GridRow {
  readonly shown: ShownRow
}

export interface MatrixFilter {
  readonly search: string
  readonly having: readonly string[]
  readonly expand: readonly string[]
  /** True: rows are read, not looked at. */
  readonly isTable: boolean
}

export interface Sight {
  readonly first: number
  readonly last: number
  readonly width: number
}

/** While something is being computed the squares fill; what is behind catches up. */
const BUSY_MS = 1_000
const BEHIND_MS = 700
/** Rows come in stacks, so that scrolling asks seldom. */
const STACK = 100
/** Rows that the table lists; the search finds the others. */
const TABLE_MOST = 1_000
const PIXELS_A_COLUMN = 6

/** What the server says of the rows and the time that are seen, and of a screen around them. */
export function useMatrix(filter: MatrixFilter, store: ViewStore) {
  const [sight, setSight] = useState<Sight>({ first: 0, last: 0, width: 0 })
  const view = useSettledView(store)
  const { search, having, expand, isTable } = filter
  const firstRow = isTable ? 0 : Math.floor(sight.first / STACK) * STACK
  const input: MatrixInput = {
    ...(search !== '' && { search }),
    ...(having.length > 0 && { having: having as MatrixInput['having'] & string[] }),
    ...(expand.length > 0 && { expand: [...expand] }),
    ...(view && sight.width > 0
      ? askedFor(view, sight.width)
      : { columns: Math.max(40, Math.floor(innerWidth / PIXELS_A_COLUMN)) }),
    firstRow,
    rowsMax: isTable ? TABLE_MOST : 2 * STACK,
  }
  const query = useOperation('matrix.show', input, {
    keepFormer: true,
    everyMs: (data) => (data?.isBehind ? BEHIND_MS : isBusy(data) ? BUSY_MS : false),
  })
  const { data } = query
  const grid = useMemo(
    () => data && gridOf(data, query.isPlaceholderData ? null : firstRow),
    [data, firstRow, query.isPlaceholderData],
  )
  const extent = grid?.extent ?? null
  useEffect(() => {
    if (extent && store.get() === null) store.fit(extent)
  }, [extent, store])
  return { query, input, grid, sight, setSight }
}

function isBusy(data: MatrixShown | undefined): boolean {
  return (
    data !== undefined &&
    data.states.some(
      (state, code) => (state === 'queued' || state === 'running') && (data.totals[code] ?? 0) > 0,
    )
  )
}

/** First row of each answer: one that stands in for the next is still where it was. */
const firstRows = new WeakMap<MatrixShown, number>()

export interface MatrixGrid extends Grid {
  readonly rowAt: (index: number) => MatrixRow | undefined
  readonly overview: RowTiles | null
}

function gridOf(data: MatrixShown, asked: number | null): MatrixGrid {
  const first = asked ?? firstRows.get(data) ?? 0
  if (asked !== null) firstRows.set(data, asked)
  const rows = data.rows.map((shown): MatrixRow => {
    const { dataset, part, grain, tiles } = shown
    return {
      key: part === null ? dataset : `${dataset}@${part}`,
      label: part === null ? dataset : nameOfPart(part),
      dataset,
      part,
      grain,
      tiles: unpack(tiles, data.states.length),
      shown,
    }
  })
  return {
    states: data.states,
    rowsAll: data.rowsAll,
    rowAt: (index) => rows[index - first],
    extent: extentOf(data),
    overview: data.overview && unpack(data.overview, data.states.length),
  }
}

function extentOf({ extent, asOf, rowsAll }: MatrixShown): View | null {
  if (extent) return { from: Date.parse(extent.from), to: Date.parse(extent.to) }
  // Nothing has a time: any stretch will do.
  const now = Date.parse(asOf)
  return rowsAll > 0 ? { from: now - 30 * DAY_MS, to: now } : null
}
