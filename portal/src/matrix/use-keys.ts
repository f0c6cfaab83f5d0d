import { useState, type KeyboardEvent } from 'react'

import {
  bandOf,
  squareAt,
  type Band,
  type Box,
  type Grid,
  type Spot,
  type Square,
} from '~/matrix/grid.ts'
import { columnOf, columnStart, type Level } from '~/matrix/levels.ts'
import { ROW_HEIGHT } from '~/matrix/paint.ts'
import { nextColumn } from '~/matrix/tiles.ts'
import type { ViewStore } from '~/matrix/view-store.ts'
import { moved, xOf, zoomed } from '~/matrix/view.ts'

interface KeyParts {
  readonly grid: Grid
  readonly level: Level
  readonly store: ViewStore
  readonly box: () => Box | null
  readonly showRow: (row: number) => void
  readonly onBand: (band: Band, adds: boolean) => void
  readonly onClick: (spot: Spot, adds: boolean) => void
  readonly onOpen: (square: Square) => void
  readonly onClear: () => void
}

/** Columns that are kept between the cursor and the edge, in pixels. */
const EDGE = 40
/** Beyond every column. */
const FAR = 1e12

/** A square under the keyboard: arrows move it, with shift they select, space selects, enter opens. */
export function useKeys({
  grid,
  level,
  store,
  box,
  showRow,
  onBand,
  onClick,
  onOpen,
  onClear,
}: KeyParts) {
  const [cursor, setCursor] = useState<Spot | null>(null)
  const [anchor, setAnchor] = useState<Spot | null>(null)

  const levelAt = (row: number): Level => {
    const own = grid.rowAt(row)?.tiles.level ?? level
    return own === 'all' ? level : own
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const at = box()
    const { extent } = grid
    if (!at || !extent || event.altKey || event.metaKey || event.ctrlKey) return
    const now = cursor ?? startOf(at)
    const goTo = (next: Spot) => {
      setCursor(next)
      showRow(next.row)
      showTime(at, next.ms)
      if (event.shiftKey) {
        const from = anchor ?? now
        setAnchor(from)
        onBand(bandOf(grid, level, from, next), false)
      } else setAnchor(null)
    }
    const down = (rows: number) =>
      goTo(
        cursor ? { row: Math.min(Math.max(now.row + rows, 0), grid.rowsAll - 1), ms: now.ms } : now,
      )
    /** To the next square of the row; from a far column, the first or last one. */
    const along = (step: 1 | -1, isFar: boolean) => {
      const tiles = grid.rowAt(now.row)?.tiles
      if (!tiles || tiles.level === 'all') return goTo(now)
      const here = columnOf(now.ms, tiles.level)
      const from = isFar ? (step > 0 ? -FAR : FAR) : here
      const column = nextColumn(tiles, cursor || isFar ? from : here - 1, step) ?? here
      const start = columnStart(column, tiles.level)
      goTo({ row: now.row, ms: (start + columnStart(column + 1, tiles.level)) / 2 })
    }
    const middle = cursor ? xOf(at.view, at.width, cursor.ms) : at.width / 2
    switch (event.key) {
      case 'ArrowLeft':
        along(-1, false)
        break
      case 'ArrowRight':
        along(1, false)
        break
      case 'ArrowUp':
        down(-1)
        break
      case 'ArrowDown':
        down(1)
        break
      case 'PageUp':
        down(-10)
        break
      case 'PageDown':
        down(10)
        break
      case 'Home':
        along(1, true)
        break
      case 'End':
        along(-1, true)
        break
      case ' ':
        onClick(now, true)
        setCursor(now)
        break
      case 'Enter': {
        const square = squareAt(grid, now)
        if (square) onOpen(square)
        break
      }
      case 'Escape':
        onClear()
        setAnchor(null)
        break
      case '+':
      case '=':
        store.set(zoomed(at.view, at.width, middle, 0.6, extent))
        break
      case '-':
        store.set(zoomed(at.view, at.width, middle, 1 / 0.6, extent))
        break
      default:
        return
    }
    event.preventDefault()
  }

  /** The first square of the first row that is seen. */
  function startOf({ view, top }: Box): Spot {
    const row = Math.min(grid.rowsAll - 1, Math.ceil(top / ROW_HEIGHT))
    const tiles = grid.rowAt(row)?.tiles
    const middle = { row, ms: (view.from + view.to) / 2 }
    if (!tiles || tiles.level === 'all') return middle
    const column = nextColumn(tiles, columnOf(view.from, tiles.level) - 1, 1)
    if (column === null) return middle
    const { level: by } = tiles
    return { row, ms: (columnStart(column, by) + columnStart(column + 1, by)) / 2 }
  }

  function showTime({ view, width }: Box, ms: number): void {
    const x = xOf(view, width, ms)
    const by = x < EDGE ? x - width / 3 : x > width - EDGE ? x - (2 * width) / 3 : 0
    if (by !== 0 && grid.extent) store.set(moved(view, width, by, grid.extent))
  }

  const bounds = cursor && boundsOf(cursor, levelAt(cursor.row))
  return {
    cursor: cursor && bounds && { row: cursor.row, from: bounds[0], to: bounds[1] },
    square: cursor && squareAt(grid, cursor),
    spot: cursor,
    setCursor,
    onKeyDown,
  }
}

function boundsOf({ ms }: Spot, level: Level): [number, number] {
  const column = columnOf(ms, level)
  return [columnStart(column, level), columnStart(column + 1, level)]
}
