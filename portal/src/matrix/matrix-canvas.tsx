import { useCallback, useEffect, useId, useRef, useState, type ReactNode } from 'react'

import {
  placesIn,
  squareAt,
  type Band,
  type Box,
  type Grid,
  type GridRow,
  type Spot,
  type Square,
} from '~/matrix/grid.ts'
import type { Level } from '~/matrix/levels.ts'
import { AXIS_HEIGHT, ROW_HEIGHT } from '~/matrix/paint.ts'
import { placeOf, type Place } from '~/matrix/places.ts'
import { boundsOf } from '~/matrix/tiles.ts'
import { usePalette, usePainting, useSize } from '~/matrix/use-canvas.ts'
import { useKeys } from '~/matrix/use-keys.ts'
import { usePointer } from '~/matrix/use-pointer.ts'
import type { ViewStore } from '~/matrix/view-store.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { classes } from '~/ui/classes.ts'

export interface CanvasProps {
  readonly label: string
  readonly grid: Grid
  /** Of the columns that the tiles are told in. */
  readonly level: Level
  readonly store: ViewStore
  readonly lit: readonly boolean[]
  readonly places: readonly Place[]
  readonly isHand: boolean
  readonly onPlaces: (places: readonly Place[], adds: boolean) => void
  readonly onOpen: (square: Square) => void
  /** Which rows are seen, and how wide the picture is. */
  readonly onSight: (sight: { first: number; last: number; width: number }) => void
  /** What stands at the left of a row. */
  readonly head: (row: GridRow) => ReactNode
  readonly corner: ReactNode
  /** Of a square, for people who point at it. */
  readonly tooltip: (square: Square) => ReactNode
  /** The same in one sentence, for those who listen. */
  readonly describe: (square: Square) => string
  readonly heightMax?: string
}

/** Rows × time on a canvas. Only what is seen is painted, and only what the server counted is known. */
export function MatrixCanvas(props: CanvasProps) {
  const { grid, level, store, lit, places, onPlaces, onOpen, onSight } = props
  const help = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(frame)
  const sight = useSize(scroller)
  const palette = usePalette(grid.states)
  const [top, setTop] = useState(0)

  const box = useCallback((): Box | null => {
    const view = store.get()
    const width = canvas.current?.clientWidth ?? 0
    return view && width > 0 ? { view, width, top: scroller.current?.scrollTop ?? 0 } : null
  }, [store])
  const onBand = (band: Band, adds: boolean) => onPlaces(placesIn(grid, band), adds)
  const onClick = (spot: Spot, adds: boolean) => {
    keys.setCursor(spot)
    const square = squareAt(grid, spot)
    onPlaces(square ? [placeOf(square.row, ...boundsOf(square.column, square.level))] : [], adds)
  }
  const showRow = (row: number) => {
    const element = scroller.current
    if (!element) return
    const above = row * ROW_HEIGHT
    const below = above + ROW_HEIGHT - (element.clientHeight - AXIS_HEIGHT)
    if (above < element.scrollTop) element.scrollTop = above
    else if (below > element.scrollTop) element.scrollTop = below
  }
  const shared = { grid, level, store, box, onBand, onClick, onOpen }
  const keys = useKeys({ ...shared, showRow, onClear: () => onPlaces([], false) })
  const { band, hover, handlers } = usePointer({ ...shared, canvas, isHand: props.isHand })

  const schedule = usePainting(canvas, size, () => {
    const at = box()
    if (!at || !palette) return null
    return {
      ...at,
      height: size.height,
      rowAt: grid.rowAt,
      rowsAll: grid.rowsAll,
      palette,
      lit,
      places,
      cursor: keys.cursor,
      band,
    }
  })
  useEffect(() => store.onChange(schedule), [store, schedule])

  const first = Math.max(0, Math.floor(top / ROW_HEIGHT))
  const last = Math.min(
    grid.rowsAll - 1,
    Math.floor((top + Math.max(size.height, 400) - AXIS_HEIGHT) / ROW_HEIGHT),
  )
  useEffect(() => {
    if (size.width > 0) onSight({ first, last, width: size.width })
  }, [onSight, first, last, size.width])

  const height = AXIS_HEIGHT + grid.rowsAll * ROW_HEIGHT
  return (
    <div
      ref={scroller}
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop)
        schedule()
      }}
      style={{ height: Math.max(height, 120), maxHeight: props.heightMax ?? '62dvh' }}
      className="relative overflow-x-hidden overflow-y-auto overscroll-contain"
    >
      <div className="relative flex" style={{ height }}>
        <div className="relative w-30 shrink-0 border-r border-line sm:w-52">
          <div
            className="sticky top-0 z-10 flex items-center border-b border-line bg-surface px-2 text-xs text-faint"
            style={{ height: AXIS_HEIGHT }}
          >
            {props.corner}
          </div>
          {Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => {
            const index = first + offset
            const row = grid.rowAt(index)
            return (
              <div
                key={index}
                style={{ top: AXIS_HEIGHT + index * ROW_HEIGHT, height: ROW_HEIGHT }}
                className={classes(
                  'absolute inset-x-0 flex min-w-0 items-center gap-1 px-2 text-xs',
                  keys.cursor?.row === index && 'bg-sunken',
                )}
              >
                {row ? props.head(row) : <span className="h-3 w-2/3 rounded bg-sunken" />}
              </div>
            )
          })}
        </div>
        <div ref={frame} className="sticky top-0 min-w-0 grow" style={{ height: sight.height }}>
          {/* A canvas has no parts: the cursor is told below, and the same rows stand in the table. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application is one */}
          <div
            role="application"
            aria-roledescription={texts.role}
            aria-label={props.label}
            aria-describedby={help}
            tabIndex={0}
            onKeyDown={keys.onKeyDown}
            className="size-full -outline-offset-2"
          >
            <canvas
              ref={canvas}
              aria-hidden
              {...handlers}
              className={classes(
                'block size-full touch-pan-y',
                props.isHand ? 'cursor-grab active:cursor-grabbing' : 'cursor-crosshair',
              )}
            />
          </div>
          <p id={help} className="sr-only">
            {texts.help}
          </p>
          <p aria-live="polite" className="sr-only">
            {keys.square
              ? props.describe(keys.square)
              : keys.spot
                ? texts.nothing(grid.rowAt(keys.spot.row)?.label ?? '')
                : ''}
          </p>
          {hover && (
            <div
              aria-hidden
              className="pointer-events-none absolute z-20 w-max max-w-72 rounded-md border border-line bg-raised px-3 py-2 text-xs shadow-high"
              style={{
                left: Math.min(hover.x + 14, Math.max(0, size.width - 300)),
                ...(hover.y > size.height / 2
                  ? { bottom: size.height - hover.y + 14 }
                  : { top: hover.y + 14 }),
              }}
            >
              {props.tooltip(hover.square)}
            </div>
          )}
        </div>
      </div>
    </div>
  )
}
