import { lookOf, type Shape, type Tone } from '~/ui/status.tsx'

/** How squares of one state are drawn. */
export interface Paint {
  readonly fill: string
  /** Around squares that are large enough; null: none. */
  readonly edge: string | null
  readonly glyph: string
  readonly shape: Shape
}

export interface Palette {
  /** In the server's order of states. */
  readonly paints: readonly Paint[]
  readonly surface: string
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly accent: string
  readonly font: string
}

/** What is well recedes, what needs somebody stands out; the shape says it without colour. */
const strength: Readonly<Record<string, number>> = {
  fresh: 0.42,
  pending: 0.35,
  undone: 0.6,
  queued: 0.3,
  running: 0.8,
}

/** Reads the theme's colours; again after it has changed. */
export function readPalette(element: Element, states: readonly string[]): Palette {
  const style = getComputedStyle(element)
  const value = (name: string) => style.getPropertyValue(name).trim()
  const surface = value('--surface')
  const paints = states.map((state): Paint => {
    const { tone, shape } = lookOf(state)
    if (tone === 'none') {
      return { fill: surface, edge: value('--line-strong'), glyph: value('--faint'), shape }
    }
    const colour = value(`--${tone satisfies Tone}`)
    const share = strength[state] ?? 0.92
    const glyph = share > 0.7 ? surface : mix(colour, value('--ink'), 0.75)
    return { fill: mix(colour, surface, share), edge: null, glyph, shape }
  })
  return {
    paints,
    surface,
    ink: value('--ink'),
    faint: value('--faint'),
    line: value('--line'),
    accent: value('--accent'),
    font: style.fontFamily,
  }
}

/** Of two colours as `#rrggbb` or `#rgb`; the first one as it is where it is written otherwise. */
export function mix(colour: string, ground: string, share: number): string {
  const [over, under] = [channelsOf(colour), channelsOf(ground)]
  if (!over || !under) return colour
  const channels = over.map((channel, at) =>
    Math.round(channel * share + (under[at] ?? 0) * (1 - share)),
  )
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

function channelsOf(text: string): number[] | undefined {
  const [, digits] = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text) ?? []
  if (digits === undefined) return undefined
  const size = digits.length / 3
  return [0, 1, 2].map((at) =>
    parseInt(digits.slice(at * size, (at + 1) * size).repeat(3 - size), 16),
  )
}

/** Draws a shape around a point; `size` is its width. */
export function drawShape(
  context: CanvasRenderingContext2D,
  shape: Shape,
  x: number,
  y: number,
  size: number,
): void {
  const half = size / 2
  context.lineWidth = Math.max(1.2, size / 6)
  context.beginPath()
  switch (shape) {
    case 'disc':
      context.arc(x, y, half * 0.7, 0, 2 * Math.PI)
      context.fill()
      return
    case 'ring':
      context.arc(x, y, half * 0.72, 0, 2 * Math.PI)
      context.stroke()
      return
    case 'half':
      context.arc(x, y, half * 0.75, 0, 2 * Math.PI)
      context.stroke()
      context.beginPath()
      context.arc(x, y, half * 0.75, -Math.PI / 2, Math.PI / 2)
      context.fill()
      return
    case 'diamond':
      context.moveTo(x, y - half)
      context.lineTo(x + half, y)
      context.lineTo(x, y + half)
      context.lineTo(x - half, y)
      context.fill()
      return
    case 'cross':
      context.moveTo(x - half * 0.7, y - half * 0.7)
      context.lineTo(x + half * 0.7, y + half * 0.7)
      context.moveTo(x + half * 0.7, y - half * 0.7)
      context.lineTo(x - half * 0.7, y + half * 0.7)
      context.stroke()
      return
    case 'dash':
      context.moveTo(x - half * 0.8, y)
      context.lineTo(x + half * 0.8, y)
      context.stroke()
      return
    case 'square':
      context.fillRect(x - half * 0.65, y - half * 0.65, size * 0.65, size * 0.65)
      return
    case 'triangle':
      context.moveTo(x, y - half * 0.8)
      context.lineTo(x + half * 0.9, y + half * 0.75)
      context.lineTo(x - half * 0.9, y + half * 0.75)
      context.fill()
  }
}
