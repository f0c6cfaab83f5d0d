import type { PartitionStateName } from '#model/plan.ts'

/**
 * What a square of the matrix shows: the state of its partition, told apart where people act
 * differently (`undone` is stale, and left alone until somebody asks), and what is being done about it.
 * Counts come in this order.
 */
export const squareStates = [
  'fresh',
  'pending',
  'stale',
  'undone',
  'missing',
  'failed',
  'held',
  'queued',
  'running',
] as const satisfies readonly (PartitionStateName | 'undone' | 'queued' | 'running')[]
export type SquareState = (typeof squareStates)[number]

export const codeOf: ReadonlyMap<string, number> = new Map(
  squareStates.map((state, code) => [state, code]),
)

/** How many squares are in each state, in the order of {@link squareStates}. */
export function countStates(
  states: Uint8Array,
  positions: Iterable<number> = states.keys(),
): number[] {
  const counts = squareStates.map(() => 0)
  for (const position of positions) {
    const code = states[position] as number
    counts[code] = (counts[code] as number) + 1
  }
  return counts
}
