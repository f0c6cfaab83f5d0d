import { paint, type Look, type Tone } from '#cli/render/look.ts'

export type StateName = 'missing' | 'fresh' | 'stale' | 'pending' | 'failed' | 'held'

/** Shape and colour of a partition's state; shapes alone tell them apart, too. */
export const stateMarks: Readonly<
  Record<StateName, { readonly mark: string; readonly tone: Tone }>
> = {
  fresh: { mark: '■', tone: 'good' },
  stale: { mark: '◪', tone: 'notice' },
  pending: { mark: '□', tone: 'info' },
  failed: { mark: '✗', tone: 'bad' },
  held: { mark: '▲', tone: 'held' },
  missing: { mark: '·', tone: 'faint' },
}

/** What needs a person most comes first. */
export const gravity: readonly StateName[] = [
  'failed',
  'held',
  'stale',
  'pending',
  'missing',
  'fresh',
]

export interface Strip {
  readonly text: string
  /** Partitions behind one mark; a mark shows the gravest of them. */
  readonly perMark: number
}

/** One mark for each partition in order, or for each few of them where the width is short. */
export function renderStrip(look: Look, states: readonly StateName[], width: number): Strip {
  const perMark = Math.max(1, Math.ceil(states.length / Math.max(1, width)))
  let text = ''
  for (let at = 0; at < states.length; at += perMark) {
    const few = new Set(states.slice(at, at + perMark))
    const { mark, tone } = stateMarks[gravity.find((state) => few.has(state)) ?? 'missing']
    text += paint(look, tone, mark)
  }
  return { text, perMark }
}

export function renderLegend(look: Look): string {
  return Object.entries(stateMarks)
    .map(([state, { mark, tone }]) => `${paint(look, tone, mark)} ${state}`)
    .join('   ')
}
