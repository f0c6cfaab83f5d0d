import { classes } from '~/ui/classes.ts'

/**
 * The one palette of states: what it means, its colour, its shape. A picture that is too small for the
 * shape takes `colourOf`; everything larger draws both.
 */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle' | 'none'

export type Shape = 'disc' | 'ring' | 'half' | 'diamond' | 'cross' | 'dash' | 'square' | 'triangle'

interface Look {
  readonly tone: Tone
  readonly shape: Shape
}

/** By the words that the server uses for states, of whatever thing. */
const looks: Readonly<Record<string, Look>> = {
  // partitions
  fresh: { tone: 'good', shape: 'disc' },
  stale: { tone: 'warn', shape: 'half' },
  missing: { tone: 'none', shape: 'ring' },
  held: { tone: 'warn', shape: 'diamond' },
  undone: { tone: 'idle', shape: 'dash' },
  blocked: { tone: 'idle', shape: 'square' },
  // runs, tasks, deliveries
  planning: { tone: 'busy', shape: 'ring' },
  waiting: { tone: 'idle', shape: 'ring' },
  ready: { tone: 'idle', shape: 'ring' },
  queued: { tone: 'idle', shape: 'ring' },
  pending: { tone: 'idle', shape: 'ring' },
  running: { tone: 'busy', shape: 'half' },
  leased: { tone: 'busy', shape: 'half' },
  done: { tone: 'good', shape: 'disc' },
  unchanged: { tone: 'good', shape: 'ring' },
  sent: { tone: 'good', shape: 'disc' },
  delivered: { tone: 'good', shape: 'disc' },
  skipped: { tone: 'idle', shape: 'dash' },
  paused: { tone: 'warn', shape: 'square' },
  failed: { tone: 'bad', shape: 'cross' },
  bounced: { tone: 'bad', shape: 'cross' },
  dead: { tone: 'bad', shape: 'cross' },
  cancelled: { tone: 'idle', shape: 'cross' },
  expired: { tone: 'idle', shape: 'dash' },
  revoked: { tone: 'idle', shape: 'cross' },
  active: { tone: 'good', shape: 'disc' },
  suspended: { tone: 'warn', shape: 'square' },
  // findings
  ok: { tone: 'good', shape: 'disc' },
  passed: { tone: 'good', shape: 'disc' },
  warning: { tone: 'warn', shape: 'triangle' },
  breached: { tone: 'bad', shape: 'triangle' },
  error: { tone: 'bad', shape: 'cross' },
  unknown: { tone: 'idle', shape: 'ring' },
}

export function lookOf(state: string): Look {
  return looks[state] ?? { tone: 'idle', shape: 'ring' }
}

/** CSS variable of a tone, for a canvas or a drawing. */
export function colourOf(state: string): string {
  const { tone } = lookOf(state)
  return tone === 'none' ? 'var(--line-strong)' : `var(--${tone})`
}

const inks: Record<Tone, string> = {
  good: 'text-good',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  idle: 'text-idle',
  none: 'text-faint',
}

const grounds: Record<Tone, string> = {
  good: 'bg-good-soft text-good',
  busy: 'bg-busy-soft text-busy',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  idle: 'bg-idle-soft text-soft',
  none: 'bg-sunken text-soft',
}

/** The shape alone, in its colour; beside it stands the word, or it has a title. */
export function StatusMark({
  state,
  title,
  size = 12,
}: {
  readonly state: string
  /** Said where no word stands beside it. */
  readonly title?: string
  readonly size?: number
}) {
  const { tone, shape } = lookOf(state)
  return (
    <svg
      viewBox="0 0 12 12"
      width={size}
      height={size}
      role={title === undefined ? undefined : 'img'}
      aria-label={title}
      aria-hidden={title === undefined}
      className={classes('shrink-0', inks[tone])}
      fill="currentColor"
    >
      {title !== undefined && <title>{title}</title>}
      {shapes[shape]}
    </svg>
  )
}

const shapes: Record<Shape, React.ReactNode> = {
  disc: <circle cx="6" cy="6" r="4.5" />,
  ring: <circle cx="6" cy="6" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  half: (
    <>
      <circle cx="6" cy="6" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M6 2.1a3.9 3.9 0 0 1 0 7.8z" />
    </>
  ),
  diamond: <path d="M6 .8 11.2 6 6 11.2.8 6z" />,
  cross: (
    <path d="M2.5 2.5l7 7m0-7l-7 7" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
  ),
  dash: <path d="M1.5 6h9" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />,
  square: <rect x="2" y="2" width="8" height="8" rx="1" />,
  triangle: <path d="M6 1.2 11.4 10.6H.6z" />,
}

/** A state as a chip: shape, colour and word. */
export function Status({ state, label }: { readonly state: string; readonly label?: string }) {
  return (
    <span
      className={classes(
        'inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        grounds[lookOf(state).tone],
      )}
    >
      <StatusMark state={state} size={10} />
      {label ?? state}
    </span>
  )
}

/** Counts by state as one bar, the widest in front; each part says its number on hover and to readers. */
export function StatusBar({
  counts,
  label,
}: {
  readonly counts: Readonly<Record<string, number>>
  readonly label: string
}) {
  const parts = Object.entries(counts).filter(([, count]) => count > 0)
  const all = parts.reduce((sum, [, count]) => sum + count, 0)
  const words = parts.map(([state, count]) => `${count.toLocaleString('en')} ${state}`).join(', ')
  return (
    <div
      role="img"
      aria-label={`${label}: ${words}`}
      title={words}
      className="flex h-2 w-full min-w-16 gap-px overflow-hidden rounded-full bg-sunken"
    >
      {parts.map(([state, count]) => (
        <span
          key={state}
          style={{ width: `${(count / all) * 100}%`, background: colourOf(state) }}
          className={classes('min-w-0.5', lookOf(state).tone === 'none' && 'opacity-40')}
        />
      ))}
    </div>
  )
}
