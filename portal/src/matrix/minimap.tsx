import { useEffect, useRef } from 'react'

import { columnStart } from '~/matrix/levels.ts'
import type { RowTiles } from '~/matrix/tiles.ts'
import { usePalette, useSize } from '~/matrix/use-canvas.ts'
import type { ViewStore } from '~/matrix/view-store.ts'
import { moved, timeAt, xOf, type View } from '~/matrix/view.ts'

const HEIGHT = 34

/** All rows as one, over all time; the frame is what the matrix shows, and can be dragged. */
export function Minimap({
  states,
  overview,
  extent,
  store,
}: {
  readonly states: readonly string[]
  readonly overview: RowTiles
  readonly extent: View
  readonly store: ViewStore
}) {
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const size = useSize(box)
  const palette = usePalette(states)
  const dragged = useRef(false)

  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    const { width } = size
    if (!element || !context || !palette || width === 0) return
    const ratio = devicePixelRatio || 1
    element.width = Math.round(width * ratio)
    element.height = Math.round(HEIGHT * ratio)
    let frame = 0
    const most = Math.max(1, ...overview.runs.map(({ squares }) => squares))
    const draw = () => {
      frame = 0
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, HEIGHT)
      for (const run of overview.runs) {
        for (let column = run.column; column < run.column + run.columns; column++) {
          const left = xOf(extent, width, columnStart(column, overview.level))
          const right = xOf(extent, width, columnStart(column + 1, overview.level))
          let bottom = HEIGHT
          for (const [state, count] of run.counts.entries()) {
            const paint = palette.paints[state]
            if (count === 0 || !paint) continue
            const part = Math.max(2, (count / most) * (HEIGHT - 4))
            context.globalAlpha = paint.edge === null ? 1 : 0.4
            context.fillStyle = paint.edge ?? paint.fill
            context.fillRect(left, bottom - part, Math.max(1, right - left - 0.5), part)
            bottom -= part
          }
        }
      }
      context.globalAlpha = 1
      const view = store.get()
      if (!view) return
      const left = Math.max(0, xOf(extent, width, view.from))
      const right = Math.min(width, xOf(extent, width, view.to))
      context.globalAlpha = 0.75
      context.fillStyle = palette.surface
      context.fillRect(0, 0, left, HEIGHT)
      context.fillRect(right, 0, width - right, HEIGHT)
      context.globalAlpha = 1
      context.strokeStyle = palette.accent
      context.lineWidth = 1.5
      context.strokeRect(left + 0.75, 0.75, Math.max(6, right - left - 1.5), HEIGHT - 1.5)
    }
    const schedule = () => {
      if (frame === 0) frame = requestAnimationFrame(draw)
    }
    schedule()
    const forget = store.onChange(schedule)
    return () => {
      forget()
      cancelAnimationFrame(frame)
    }
  }, [states, overview, extent, store, size, palette])

  const moveTo = (element: HTMLElement, clientX: number) => {
    const view = store.get()
    if (!view) return
    const { left, width } = element.getBoundingClientRect()
    const middle = timeAt(extent, width, clientX - left)
    const by = middle - (view.from + view.to) / 2
    store.set(moved(view, 1, by / (view.to - view.from), extent))
  }

  return (
    <div ref={box} aria-hidden className="min-w-0">
      <canvas
        ref={canvas}
        style={{ height: HEIGHT }}
        className="block w-full cursor-ew-resize touch-none"
        onPointerDown={(event) => {
          dragged.current = true
          event.currentTarget.setPointerCapture(event.pointerId)
          moveTo(event.currentTarget, event.clientX)
        }}
        onPointerMove={(event) => dragged.current && moveTo(event.currentTarget, event.clientX)}
        onPointerUp={() => (dragged.current = false)}
        onPointerCancel={() => (dragged.current = false)}
      />
    </div>
  )
}
