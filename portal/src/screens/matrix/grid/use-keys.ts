import { useState, type KeyboardEvent } from 'react'

import {
  bandOf,
  squareAt,
  type Band,
  type Box,
  type Grid,
  type Spot,
  type Square,
} from '~/screens/matrix/grid/grid.ts'
import { columnOf, columnStart, type Level } from '~/screens/matrix/grid/levels.ts'
import type { ViewStore } from '~/screens/matrix/grid/view-store.ts'
import { moved, xOf, zoomed } from '~/screens/matrix/grid/view.ts'

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
    const move = (rows: number, columns: number) => {
      const row = Math.min(Math.max(now.row + rows, 0), grid.rowsAll - 1)
      const by = levelAt(row)
      const column = columnOf(now.ms, by) + columns
      const ms = (columnStart(column, by) + columnStart(column + 1, by)) / 2
      const kept = Math.min(Math.max(ms, extent.from), extent.to - 1)
      const next = cursor ? { row, ms: columns === 0 ? now.ms : kept } : now
      setCursor(next)
      showRow(next.row)
      showTime(at, next.ms)
      if (event.shiftKey) {
        const from = anchor ?? now
        setAnchor(from)
        onBand(bandOf(grid, level, from, next), false)
      } else setAnchor(null)
    }
    const middle = cursor ? xOf(at.view, at.width, cursor.ms) : at.width / 2
    switch (event.key) {
      case 'ArrowLeft':
        move(0, -1)
        break
      case 'ArrowRight':
        move(0, 1)
        break
      case 'ArrowUp':
        move(-1, 0)
        break
      case 'ArrowDown':
        move(1, 0)
        break
      case 'PageUp':
        move(-10, 0)
        break
      case 'PageDown':
        move(10, 0)
        break
      case 'Home':
        move(0, -1e6)
        break
      case 'End':
        move(0, 1e6)
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

  function startOf({ view }: Box): Spot {
    const { extent } = grid
    const ms = extent ? Math.max(extent.from, Math.min(view.from, extent.to - 1)) : view.from
    return { row: 0, ms }
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
