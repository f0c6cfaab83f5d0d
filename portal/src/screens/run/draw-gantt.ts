import type { Bars, TimelineColumns } from '~/screens/run/bars.ts'
import type { Palette } from '~/screens/run/gantt-palette.ts'
import { firstFrom, type Lanes } from '~/screens/run/lanes.ts'
import type { Span } from '~/screens/run/scale.ts'
import { lookOf, type Shape } from '~/ui/status.tsx'

export const AXIS = 24
const GAP = 6
/** Bars that are wider say what they are. */
const NAMED_FROM = 46
const MARKED_FROM = 13

export interface GanttPicture {
  readonly columns: TimelineColumns
  readonly bars: Bars
  readonly lanes: Lanes
  /** What stands beside the first lane of a group, and the whole word of each group. */
  readonly groupNames: readonly string[]
  readonly datasets: readonly string[]
  /** True: bars say their dataset, for the lanes do not. */
  readonly byWorker: boolean
  /** Tasks that the run hung on; null: all bars are equal. */
  readonly path: ReadonlySet<number> | null
  readonly task: number | null
  readonly focus: number | null
}

export interface Frame {
  readonly width: number
  readonly height: number
  readonly gutter: number
  readonly scrollTop: number
  /** Height of a lane. */
  readonly lane: number
  readonly view: Span
  readonly brush: Span | null
  /** The time that running bars have come to. */
  readonly now: number
}

export function xOf({ view, gutter, width }: Frame, time: number): number {
  return gutter + ((time - view.from) / (view.until - view.from)) * (width - gutter - 6)
}

export function timeAt({ view, gutter, width }: Frame, x: number): number {
  return view.from + ((x - gutter) / Math.max(width - gutter - 6, 1)) * (view.until - view.from)
}

/** Draws what is seen, and nothing else: lanes by scroll, bars by time, one bar for each pixel. */
export function drawGantt(
  context: CanvasRenderingContext2D,
  picture: GanttPicture,
  frame: Frame,
  ticks: readonly number[],
  palette: Palette,
): void {
  const { width, height, gutter, scrollTop, lane: high } = frame
  context.clearRect(0, 0, width, height)
  context.font = `11px ${palette.font}`
  context.textBaseline = 'middle'
  const { lanes } = picture.lanes
  const first = Math.max(Math.floor(scrollTop / high), 0)
  const last = Math.min(Math.ceil((scrollTop + height) / high), lanes.length)
  for (let at = first; at < last; at += 1) {
    const lane = lanes[at]
    const y = at * high - scrollTop
    if (lane?.row === 0 && at > 0) line(context, 0, y, width, y, palette.line)
  }
  for (const tick of ticks) {
    const x = Math.round(xOf(frame, tick)) + 0.5
    if (x >= gutter) line(context, x, 0, x, height, palette.line)
  }
  if (frame.brush) {
    const from = Math.max(xOf(frame, frame.brush.from), gutter)
    const until = Math.min(xOf(frame, frame.brush.until), width)
    if (until > from) {
      context.fillStyle = palette.accentSoft
      context.fillRect(from, 0, until - from, height)
      line(context, from, 0, from, height, palette.accent)
      line(context, until, 0, until, height, palette.accent)
    }
  }
  context.save()
  context.beginPath()
  context.rect(gutter, 0, width - gutter, height)
  context.clip()
  for (let at = first; at < last; at += 1) {
    drawLane(context, picture, frame, at, palette)
  }
  drawTries(context, picture, frame, palette)
  context.restore()
  context.fillStyle = palette.surface
  context.fillRect(0, 0, gutter - 6, height)
  drawNames(context, picture, frame, first, last, palette)
}

function drawLane(
  context: CanvasRenderingContext2D,
  picture: GanttPicture,
  frame: Frame,
  at: number,
  palette: Palette,
): void {
  const lane = picture.lanes.lanes[at]
  if (!lane) return
  const { bars, columns } = picture
  const top = at * frame.lane - frame.scrollTop + GAP / 2
  let drawnTo = -Infinity
  let drawnState = ''
  for (let place = firstFrom(lane, bars, frame.view.from); place < lane.bars.length; place += 1) {
    const bar = lane.bars[place] ?? 0
    const start = bars.start[bar] ?? 0
    if (start > frame.view.until) break
    const x = xOf(frame, start)
    const end = xOf(frame, Math.min(bars.end[bar] ?? 0, Math.max(frame.now, start)))
    const state = columns.state[bar] ?? ''
    // Of bars that share a pixel, the first is drawn, and those that went another way.
    if (end < drawnTo + 1 && state === drawnState) continue
    const wide = Math.max(end - x - 0.75, 1.25)
    drawBar(context, picture, bar, { x, y: top, wide, high: frame.lane - GAP }, palette)
    drawnTo = Math.max(end, x + 1)
    drawnState = state
  }
}

interface Box {
  readonly x: number
  readonly y: number
  readonly wide: number
  readonly high: number
}

function drawBar(
  context: CanvasRenderingContext2D,
  { columns, bars, datasets, byWorker, path, task, focus }: GanttPicture,
  bar: number,
  { x, y, wide, high }: Box,
  palette: Palette,
): void {
  const own = columns.task[bar]
  const { tone, shape } = lookOf(attemptLooks[columns.state[bar] ?? ''] ?? columns.state[bar] ?? '')
  const { ink, soft } = palette.tones[tone]
  const isLit = path === null || path.has(own ?? -1) || own === task
  context.globalAlpha = isLit ? 1 : 0.28
  context.fillStyle = wide >= MARKED_FROM ? soft : ink
  context.fillRect(x, y, wide, high)
  if (wide >= MARKED_FROM) {
    context.fillStyle = ink
    context.fillRect(x, y, 3, high)
    mark(context, shape, x + 9.5, y + high / 2, ink)
  }
  if (path !== null && isLit) {
    context.strokeStyle = palette.ink
    context.lineWidth = 1.5
    context.strokeRect(x + 0.5, y + 0.5, Math.max(wide - 1, 1), high - 1)
  }
  if (own === task || bar === focus) {
    context.strokeStyle = palette.accent
    context.lineWidth = 2
    context.strokeRect(x - 1, y - 1, wide + 2, high + 2)
  }
  if (wide >= NAMED_FROM) {
    const number = columns.number[bar] ?? 1
    const words = byWorker
      ? `${datasets[columns.dataset[bar] ?? 0] ?? ''} ${columns.partition[bar] ?? ''}`
      : (columns.partition[bar] ?? '')
    context.save()
    context.beginPath()
    context.rect(x, y, wide - 3, high)
    context.clip()
    context.fillStyle = palette.ink
    const more = byWorker ? (bars.together[bar] ?? 1) - 1 : 0
    const named = more > 0 ? `${words} +${more}` : words
    context.fillText(number > 1 ? `${number}× ${named}` : named, x + 17, y + high / 2 + 0.5)
    context.restore()
  }
  context.globalAlpha = 1
}

/** States of attempts that the palette of things does not have. */
const attemptLooks: Readonly<Record<string, string>> = { lost: 'error', released: 'skipped' }

/** Attempts of the chosen task hang together, wherever they ran. */
function drawTries(
  context: CanvasRenderingContext2D,
  { columns, bars, lanes, task }: GanttPicture,
  frame: Frame,
  palette: Palette,
): void {
  if (task === null) return
  let from: { x: number; y: number } | null = null
  for (let bar = 0; bar < bars.count; bar += 1) {
    if (columns.task[bar] !== task) continue
    const y = ((lanes.laneOf[bar] ?? 0) + 0.5) * frame.lane - frame.scrollTop
    const x = xOf(frame, bars.start[bar] ?? 0)
    if (from) {
      context.setLineDash([3, 3])
      line(context, from.x, from.y, x, y, palette.accent)
      context.setLineDash([])
    }
    from = { x: xOf(frame, Math.min(bars.end[bar] ?? 0, frame.now)), y }
  }
}

function drawNames(
  context: CanvasRenderingContext2D,
  { lanes: { lanes }, groupNames }: GanttPicture,
  { gutter, scrollTop, lane: high }: Frame,
  first: number,
  last: number,
  palette: Palette,
): void {
  let shown = -1
  for (let at = first; at < last; at += 1) {
    const lane = lanes[at]
    if (!lane || lane.group === shown) continue
    shown = lane.group
    const y = Math.max(at * high - scrollTop, 0) + high / 2
    // The next group pushes the name out of the way.
    const next = lanes[at + 1]
    if (at * high - scrollTop < -high / 2 && next && next.group !== lane.group) shown = -1
    else {
      context.fillStyle = palette.soft
      context.fillText(fit(context, groupNames[lane.group] ?? '', gutter - 16), 4, y)
    }
  }
}

export function fit(context: CanvasRenderingContext2D, text: string, wide: number): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text
  if (context.measureText(short).width <= wide) return short
  let low = 0
  let high = short.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (context.measureText(`${short.slice(0, middle)}…`).width <= wide) low = middle
    else high = middle - 1
  }
  return `${short.slice(0, low)}…`
}

/** The shapes of the palette, small. */
function mark(
  context: CanvasRenderingContext2D,
  shape: Shape,
  x: number,
  y: number,
  ink: string,
): void {
  context.fillStyle = ink
  context.strokeStyle = ink
  context.lineWidth = 1.6
  context.beginPath()
  if (shape === 'cross') {
    context.moveTo(x - 3, y - 3)
    context.lineTo(x + 3, y + 3)
    context.moveTo(x + 3, y - 3)
    context.lineTo(x - 3, y + 3)
    context.stroke()
  } else if (shape === 'diamond') {
    context.moveTo(x, y - 4)
    context.lineTo(x + 4, y)
    context.lineTo(x, y + 4)
    context.lineTo(x - 4, y)
    context.fill()
  } else if (shape === 'dash') {
    context.fillRect(x - 3.5, y - 1, 7, 2)
  } else if (shape === 'disc') {
    context.arc(x, y, 3, 0, Math.PI * 2)
    context.fill()
  } else {
    context.arc(x, y, 2.8, 0, Math.PI * 2)
    context.stroke()
    if (shape !== 'half') return
    context.beginPath()
    context.arc(x, y, 2.8, -Math.PI / 2, Math.PI / 2)
    context.fill()
  }
}

export function drawAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  ticks: readonly number[],
  words: (time: number) => string,
  palette: Palette,
): void {
  context.clearRect(0, 0, frame.width, AXIS)
  context.font = `11px ${palette.font}`
  context.textBaseline = 'middle'
  context.fillStyle = palette.faint
  let free = frame.gutter
  for (const tick of ticks) {
    const x = xOf(frame, tick)
    const text = words(tick)
    const wide = context.measureText(text).width
    if (x < free || x + wide > frame.width) continue
    context.fillText(text, x + 3, AXIS / 2)
    free = x + wide + 10
  }
}

function line(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  toX: number,
  toY: number,
  colour: string,
): void {
  context.strokeStyle = colour
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(toX, toY)
  context.stroke()
}
