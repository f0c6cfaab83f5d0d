const order = ['failed', 'held', 'stale', 'pending', 'missing', 'fresh'] as const
type State = (typeof order)[number]

/** Counts with what needs somebody in front; states without any are left out. */
export function shownStates(
  states: Partial<Record<State, number>>,
): Partial<Record<State, number>> {
  return Object.fromEntries(
    order.flatMap((state) => ((states[state] ?? 0) > 0 ? [[state, states[state] ?? 0]] : [])),
  )
}

/** What needs somebody most; null where there is no partition. */
export function worstState(states: Partial<Record<State, number>>): State | null {
  return order.find((state) => (states[state] ?? 0) > 0) ?? null
}

export function partitionsOf(states: Partial<Record<State, number>>): number {
  return Object.values(states).reduce((sum, count) => sum + count, 0)
}
