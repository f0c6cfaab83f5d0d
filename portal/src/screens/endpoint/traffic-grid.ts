const HOUR_MS = 3_600_000
/** More steps than that are too narrow to be pointed at. */
const STEPS_MOST = 96

export interface HourOf {
  readonly hour: string
  readonly requests: number
  readonly refused: number
  readonly unavailable: number
  readonly broken: number
  readonly cached: number
  readonly latency: readonly number[]
}

export const outcomes = ['answered', 'cached', 'refused', 'unavailable', 'broken'] as const
export type OutcomeName = (typeof outcomes)[number]

/** One step of time: an hour, or some of them together. */
export interface Step {
  readonly fromMs: number
  readonly toMs: number
  readonly requests: number
  readonly outcome: Readonly<Record<OutcomeName, number>>
  readonly latency: readonly number[]
}

/** Time in equal steps, with and without requests, oldest first. */
export function stepsOf(
  hours: readonly HourOf[],
  { since, until, buckets }: { since: string; until: string; buckets: number },
): Step[] {
  const fromMs = Date.parse(since)
  const count = Math.max(Math.round((Date.parse(until) - fromMs) / HOUR_MS), 1)
  const size = Math.ceil(count / STEPS_MOST)
  const own = Map.groupBy(hours, ({ hour }) =>
    Math.floor((Date.parse(hour) - fromMs) / HOUR_MS / size),
  )
  return Array.from({ length: Math.ceil(count / size) }, (_, at) => {
    const some = own.get(at) ?? []
    const sum = (of: (one: HourOf) => number) => some.reduce((all, one) => all + of(one), 0)
    const [refused, unavailable, broken, cached] = [
      sum((one) => one.refused),
      sum((one) => one.unavailable),
      sum((one) => one.broken),
      sum((one) => one.cached),
    ]
    const requests = sum((one) => one.requests)
    return {
      fromMs: fromMs + at * size * HOUR_MS,
      toMs: fromMs + (at + 1) * size * HOUR_MS,
      requests,
      outcome: {
        answered: Math.max(requests - refused - unavailable - broken - cached, 0),
        cached,
        refused,
        unavailable,
        broken,
      },
      latency: Array.from({ length: buckets }, (_bucket, bucket) =>
        sum((one) => one.latency[bucket] ?? 0),
      ),
    }
  })
}

/** Sums of all steps. */
export function totalOf(steps: readonly Step[]) {
  const buckets = steps[0]?.latency.length ?? 0
  return {
    requests: steps.reduce((sum, { requests }) => sum + requests, 0),
    outcome: Object.fromEntries(
      outcomes.map((name) => [name, steps.reduce((sum, step) => sum + step.outcome[name], 0)]),
    ) as Record<OutcomeName, number>,
    latency: Array.from({ length: buckets }, (_, bucket) =>
      steps.reduce((sum, { latency }) => sum + (latency[bucket] ?? 0), 0),
    ),
  }
}

/** How dark a cell is: 0 for none, else from a fifth to all, by the root, so that few are seen, too. */
export function shadeOf(requests: number, most: number): number {
  return requests === 0 || most === 0 ? 0 : 0.2 + 0.8 * Math.sqrt(requests / most)
}
