import { z } from 'zod'

import { queueChanges, type QueueChange } from '#catalog/queue-history.ts'
import { defineOperation } from '#operations/operation.ts'

const HOUR_MS = 3_600_000
/** Names with a line of their own; the others share one. */
const NAMED_MAX = 7

export const queueHistory = defineOperation({
  name: 'queue.history',
  summary: 'How many tasks waited and ran over the last hours, by what they are',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/queue/history' },
  input: z.strictObject({
    hours: z.int().min(1).max(168).default(24).describe('How far back.'),
    spans: z.int().min(10).max(400).default(120).describe('Into how many spans it is divided.'),
  }),
  output: z.object({
    /** Later than asked where more than 20,000 tasks came to be meanwhile. */
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    names: z.array(
      z.object({
        /** Dataset, or name of background tasks; null: all others. */
        name: z.string().nullable(),
        handler: z.enum(['factory', 'code', 'call', 'pull', 'delivery']).nullable(),
        /** At the end of each span. */
        waiting: z.array(z.int()),
        running: z.array(z.int()),
      }),
    ),
  }),
  async handler({ hours, spans }, { parts, caller }) {
    const { now, from, changes } = await parts.catalog.asTenant(caller.tenant, (session) =>
      queueChanges(session, { withinMs: hours * HOUR_MS, spans }),
    )
    const lines = [...Map.groupBy(changes, ({ name, handler }) => `${handler}/${name}`).values()]
      .map((own) => lineOf(own, spans))
      .filter(({ waiting, running }) => waiting.some(Boolean) || running.some(Boolean))
      .toSorted((a, b) => areaOf(b) - areaOf(a))
    const named = lines.slice(0, NAMED_MAX)
    const others = lines.slice(NAMED_MAX)
    return {
      from: from.toISOString(),
      until: now.toISOString(),
      names: others.length === 0 ? named : [...named, together(others, spans)],
    }
  },
})

interface Line {
  readonly name: string | null
  readonly handler: QueueChange['handler'] | null
  readonly waiting: number[]
  readonly running: number[]
}

/** Sums the changes up; what happened before the first span counts from its begin. */
function lineOf(changes: readonly QueueChange[], spans: number): Line {
  const sums = (of: 'waiting' | 'running') => {
    const steps = Array.from({ length: spans + 1 }, () => 0)
    for (const change of changes)
      steps[change.span + 1] = (steps[change.span + 1] ?? 0) + change[of]
    let sum = 0
    return steps.map((step) => Math.max(0, (sum += step))).slice(1)
  }
  const [first] = changes
  return {
    name: first?.name ?? null,
    handler: first?.handler ?? null,
    waiting: sums('waiting'),
    running: sums('running'),
  }
}

function areaOf({ waiting, running }: Line): number {
  return [...waiting, ...running].reduce((sum, count) => sum + count, 0)
}

function together(lines: readonly Line[], spans: number): Line {
  const sum = (of: 'waiting' | 'running') =>
    Array.from({ length: spans }, (_, at) =>
      lines.reduce((total, line) => total + (line[of][at] ?? 0), 0),
    )
  return { name: null, handler: null, waiting: sum('waiting'), running: sum('running') }
}
