/** A task of a run, as far as the way to its end is concerned. Times in milliseconds since 1970. */
export interface PathTask {
  readonly task: number
  readonly createdAt: number
  /** Begin of its first attempt; null: it has not begun. */
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** One link of the chain that a run's end hung on. */
export interface PathStep {
  readonly task: number
  /** When nothing but a slot was missing any more: the end of the step before. */
  readonly readyAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/**
 * The chain of tasks that decided when a run ended, first one first: each began when the one before
 * had ended. Back from `last` over `gateOf`: of what a task waited for, that which ended last.
 */
export function criticalPath<T extends PathTask>(
  last: number,
  gateOf: ReadonlyMap<number, number>,
  taskOf: ReadonlyMap<number, T>,
): PathStep[] {
  const steps: PathStep[] = []
  const seen = new Set<number>()
  for (let id: number | undefined = last; id !== undefined && !seen.has(id);) {
    seen.add(id)
    const task: T | undefined = taskOf.get(id)
    if (!task) break
    const gate: number | undefined = gateOf.get(id)
    const before = gate === undefined ? undefined : taskOf.get(gate)
    const { createdAt, startedAt, endedAt } = task
    const readyAt = Math.max(createdAt, before?.endedAt ?? createdAt)
    steps.push({ task: id, readyAt: Math.min(readyAt, startedAt ?? readyAt), startedAt, endedAt })
    id = gate
  }
  return steps.reverse()
}
