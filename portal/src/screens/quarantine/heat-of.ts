interface Arrived {
  readonly partition: string
  readonly at: string
  readonly received: number
  readonly quarantined: number
}

interface Cell {
  readonly received: number
  readonly quarantined: number
}

const FILES_MAX = 14
const DAYS_MAX = 21

/**
 * The newest files that had a rejected row, by the days on which they were read (those days only). Of
 * several readings on one day the newest counts: arrivals are given newest first.
 */
export function heatOf(arrivals: readonly Arrived[], dayOf: (at: string) => string) {
  const bad = new Set<string>()
  for (const one of arrivals) if (one.quarantined > 0) bad.add(one.partition)
  const files = [...bad].toSorted().slice(-FILES_MAX).toReversed()
  const shown = arrivals.filter(({ partition }) => files.includes(partition))
  const days = [...new Set(shown.map(({ at }) => dayOf(at)))].toSorted().slice(-DAYS_MAX)
  const cells = new Map<string, Cell>()
  for (const { partition, at, received, quarantined } of shown) {
    const key = `${partition} ${dayOf(at)}`
    if (!cells.has(key)) cells.set(key, { received, quarantined })
  }
  return { files, days, cells }
}
