import { useEffect, useMemo, useRef, useState } from 'react'

import { layBars } from '~/screens/run/bars.ts'
import {
  AXIS,
  drawAxis,
  drawGantt,
  timeAt,
  type Frame,
  type GanttPicture,
} from '~/screens/run/draw-gantt.ts'
import { paletteOf } from '~/screens/run/gantt-palette.ts'
import { datasetName } from '~/screens/run/dataset-name.ts'
import { GanttTip } from '~/screens/run/gantt-tip.tsx'
import { barAt, packLanes, type LaneOrder } from '~/screens/run/lanes.ts'
import { shift, ticksOf, zoom, type Span } from '~/screens/run/scale.ts'
import type { Timeline } from '~/screens/run/timeline.ts'
import { sharpContext, useLooks, useWidth } from '~/screens/run/use-gantt-canvas.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { formatDuration } from '~/ui/format.ts'
import { useBeat } from '~/ui/use-beat.ts'

const HEIGHT_MAX = 440
/** Of few lanes each is higher: two slots are no reason for a thin picture. */
const LANES = { few: 8, high: 36, low: 22 } as const
const CLICK_PX = 4

export interface GanttProps {
  readonly timeline: Timeline
  /** When the timeline was asked for, by the clock here. */
  readonly askedAt: number
  /** When the run began, in milliseconds since 1970. */
  readonly beganMs: number
  readonly isRunning: boolean
  readonly order: LaneOrder
  readonly path: ReadonlySet<number> | null
  readonly view: Span | null
  readonly onView: (view: Span | null) => void
  readonly brush: Span | null
  readonly onBrush: (brush: Span | null) => void
  readonly task: number | null
  readonly onTask: (task: number | null) => void
  readonly onOpen: (task: number) => void
}

/** Attempts as bars over time: drag for a span, click for a task, wheel with Ctrl or Cmd to zoom. */
export function Gantt(props: GanttProps) {
  const {
    timeline,
    askedAt,
    beganMs,
    isRunning,
    order,
    path,
    brush,
    onBrush,
    task,
    onTask,
    onOpen,
  } = props
  const box = useRef<HTMLDivElement>(null)
  const axis = useRef<HTMLCanvasElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const width = useWidth(box)
  const looks = useLooks()
  const beat = useBeat(isRunning)
  const [scrollTop, setScrollTop] = useState(0)
  const [drag, setDrag] = useState<Span | null>(null)
  const [hover, setHover] = useState<{ bar: number; x: number; y: number } | null>(null)
  const [focus, setFocus] = useState<number | null>(null)

  const { attempts } = timeline
  const datasets = useMemo(() => timeline.datasets.map(datasetName), [timeline.datasets])
  const bars = useMemo(() => layBars(attempts, beganMs), [attempts, beganMs])
  const lanes = useMemo(() => packLanes(attempts, bars, order), [attempts, bars, order])
  const elapsed = isRunning ? Math.max(beat - askedAt, 0) : 0
  const now = Date.parse(timeline.now) - beganMs + elapsed
  const whole = useMemo(() => wholeOf(bars, isRunning ? now : 0), [bars, isRunning, now])
  const view = props.view ?? whole
  const lane = lanes.lanes.length <= LANES.few ? LANES.high : LANES.low
  const height = Math.max(Math.min(lanes.lanes.length * lane, HEIGHT_MAX), lane * 2)
  const gutter = width < 560 ? 76 : 156
  const frame: Frame = { width, height, gutter, scrollTop, lane, view, brush: drag ?? brush, now }
  const ticks = ticksOf(view, Math.max(Math.floor((width - gutter) / 90), 2))
  const picture: GanttPicture = {
    columns: attempts,
    bars,
    lanes,
    groupNames: order === 'worker' ? timeline.workers : datasets,
    datasets,
    byWorker: order === 'worker',
    path,
    task,
    focus,
  }

  useEffect(() => {
    if (width === 0 || !canvas.current || !axis.current) return
    const palette = paletteOf(canvas.current)
    const context = sharpContext(canvas.current, width, height)
    const above = sharpContext(axis.current, width, AXIS)
    if (context) drawGantt(context, picture, frame, ticks, palette)
    if (above) drawAxis(above, frame, ticks, formatDuration, palette)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `picture` and `frame` are made of these
  }, [attempts, lanes, path, task, focus, width, height, scrollTop, view, brush, drag, now, looks])

  const zoomWheel = useRef<(event: WheelEvent) => void>(() => {})
  zoomWheel.current = (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      const around = timeAt(frame, event.offsetX)
      props.onView(zoom(view, whole, around, event.deltaY > 0 ? 1.25 : 0.8))
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault()
      const by = ((event.deltaX || event.deltaY) / width) * (view.until - view.from)
      props.onView(shift(view, whole, by))
    }
  }
  useEffect(() => {
    const element = canvas.current
    // React listens passively, and could not keep the page from zooming.
    const turn = (event: WheelEvent) => zoomWheel.current(event)
    element?.addEventListener('wheel', turn, { passive: false })
    return () => element?.removeEventListener('wheel', turn)
  }, [])

  const hit = (x: number, y: number): number | null => {
    const row = lanes.lanes[Math.floor((y + scrollTop) / lane)]
    if (!row || x < gutter) return null
    const slack = (4 / Math.max(width - gutter, 1)) * (view.until - view.from)
    return barAt(row, bars, timeAt(frame, x), slack)
  }
  const begun = useRef<{ x: number; time: number } | null>(null)

  const go = (bar: number | undefined) => {
    if (bar === undefined) return
    setFocus(bar)
    const top = (lanes.laneOf[bar] ?? 0) * lane
    if (top < scrollTop || top + lane > scrollTop + height)
      box.current?.scrollTo({ top: top - lane })
    onTask(attempts.task[bar] ?? null)
  }
  const keys = (event: React.KeyboardEvent) => {
    const at = focus ?? lanes.lanes[0]?.bars[0]
    if (at === undefined) return
    const own = lanes.laneOf[at] ?? 0
    const place = lanes.lanes[own]?.bars.indexOf(at) ?? 0
    const near = (row: number) =>
      lanes.lanes[row]?.bars.findLast((bar) => (bars.start[bar] ?? 0) <= (bars.start[at] ?? 0)) ??
      lanes.lanes[row]?.bars[0]
    const act: Record<string, () => void> = {
      ArrowRight: () => go(focus === null ? at : lanes.lanes[own]?.bars[place + 1]),
      ArrowLeft: () => go(place > 0 ? lanes.lanes[own]?.bars[place - 1] : at),
      ArrowDown: () => go(near(own + 1)),
      ArrowUp: () => go(near(own - 1)),
      Enter: () => onOpen(attempts.task[at] ?? 0),
      '+': () => props.onView(zoom(view, whole, bars.start[at] ?? 0, 0.7)),
      '-': () => props.onView(zoom(view, whole, bars.start[at] ?? 0, 1.4)),
      Escape: () => {
        setFocus(null)
        onTask(null)
        onBrush(null)
      },
    }
    const doing = act[event.key]
    if (!doing) return
    event.preventDefault()
    doing()
  }

  return (
    <div className="relative min-w-0">
      <canvas ref={axis} aria-hidden className="block w-full" style={{ height: AXIS }} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application is one */}
      <div
        ref={box}
        role="application"
        aria-label={texts.ganttLabel(bars.count, lanes.lanes.length)}
        tabIndex={0}
        onKeyDown={keys}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        className="relative min-w-0 overflow-x-hidden overflow-y-auto rounded-sm"
        style={{ height }}
      >
        <canvas
          ref={canvas}
          className="sticky top-0 block w-full cursor-crosshair touch-pan-y"
          style={{ height }}
          onPointerDown={(event) => {
            if (event.button !== 0) return
            const { offsetX: x } = event.nativeEvent
            begun.current = { x, time: timeAt(frame, Math.max(x, gutter)) }
            event.currentTarget.setPointerCapture(event.pointerId)
          }}
          onPointerMove={(event) => {
            const { offsetX: x, offsetY: y } = event.nativeEvent
            if (begun.current && Math.abs(x - begun.current.x) > CLICK_PX) {
              setDrag(spanOf(begun.current.time, timeAt(frame, Math.max(x, gutter)), whole))
              setHover(null)
              return
            }
            const bar = hit(x, y)
            setHover(bar === null ? null : { bar, x, y: y + AXIS })
          }}
          onPointerLeave={() => setHover(null)}
          onPointerCancel={() => {
            begun.current = null
            setDrag(null)
          }}
          onPointerUp={(event) => {
            const { offsetX: x, offsetY: y } = event.nativeEvent
            const wasDrag = drag
            begun.current = null
            setDrag(null)
            if (wasDrag) return onBrush(wasDrag)
            const bar = hit(x, y)
            setFocus(bar)
            onTask(bar === null ? null : (attempts.task[bar] ?? null))
            if (bar === null && x > gutter) onBrush(null)
          }}
          onDoubleClick={(event) => {
            const bar = hit(event.nativeEvent.offsetX, event.nativeEvent.offsetY)
            if (bar !== null) onOpen(attempts.task[bar] ?? 0)
          }}
        />
        <div aria-hidden style={{ height: Math.max(lanes.lanes.length * lane - height, 0) }} />
      </div>
      {hover && <GanttTip {...{ timeline, bars, now, width }} {...hover} />}
      <p aria-live="polite" className="sr-only">
        {focus !== null &&
          texts.barSaid(
            timeline.datasets[attempts.dataset[focus] ?? 0] ?? '',
            attempts.partition[focus] ?? '',
            attempts.state[focus] ?? '',
            formatDuration(Math.min(bars.end[focus] ?? 0, now) - (bars.start[focus] ?? 0)),
          )}
      </p>
    </div>
  )
}

function wholeOf(bars: { readonly end: Float64Array }, now: number): Span {
  let until = now
  for (const end of bars.end) if (end !== Infinity && end > until) until = end
  return { from: 0, until: Math.max(until * 1.01, 10) }
}

function spanOf(a: number, b: number, whole: Span): Span {
  const [from, until] = [Math.min(a, b), Math.max(a, b)]
  return { from: Math.max(from, whole.from), until: Math.min(until, whole.until) }
}
