import { batchesOf, type Bars, type TimelineColumns } from '~/screens/run/bars.ts'

export type LaneOrder = 'worker' | 'dataset'

export interface Lane {
  /** Place of its worker or dataset. */
  readonly group: number
  /** Slot of the worker, or row of the dataset; from 0. */
  readonly row: number
  /** Bars by their place in the columns, first one first; they do not overlap unless they run. */
  readonly bars: number[]
}

export interface Lanes {
  readonly lanes: readonly Lane[]
  /** Lane of each bar. */
  readonly laneOf: Int32Array
}

/**
 * Rows of the picture. By worker: a batch takes the first slot that is free. By dataset: a task takes a
 * row from its first attempt to its last, so that its retries stand beside each other.
 */
export function packLanes(columns: TimelineColumns, bars: Bars, order: LaneOrder): Lanes {
  const groupOf = order === 'worker' ? columns.worker : columns.dataset
  const items = (order === 'worker' ? [...batchesOf(columns).values()] : tasksOf(columns)).map(
    (own) => ({
      own,
      group: groupOf[own[0] ?? 0] ?? 0,
      start: Math.min(...own.map((at) => bars.start[at] ?? 0)),
      end: Math.max(...own.map((at) => bars.end[at] ?? 0)),
    }),
  )
  items.sort((a, b) => a.start - b.start || a.end - b.end)
  const groups = new Map<number, { freeAt: number; bars: number[] }[]>()
  for (const { own, group, start, end } of items) {
    const rows = groups.get(group) ?? []
    groups.set(group, rows)
    let row = rows.find(({ freeAt }) => freeAt <= start)
    if (!row) rows.push((row = { freeAt: 0, bars: [] }))
    row.freeAt = end
    row.bars.push(...own)
  }
  const lanes = [...groups]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([group, rows]) => rows.map((row, at) => ({ group, row: at, bars: row.bars })))
  const laneOf = new Int32Array(bars.count)
  for (const [lane, { bars: own }] of lanes.entries()) {
    own.sort((a, b) => (bars.start[a] ?? 0) - (bars.start[b] ?? 0))
    for (const at of own) laneOf[at] = lane
  }
  return { lanes, laneOf }
}

/** Attempts by their task, in the order of the plan. */
function tasksOf(columns: TimelineColumns): number[][] {
  const tasks = new Map<number, number[]>()
  for (const [at, task] of columns.task.entries()) {
    const known = tasks.get(task)
    if (known) known.push(at)
    else tasks.set(task, [at])
  }
  return [...tasks.values()]
}

/** First place in a lane whose bar ends at `time` or later. */
export function firstFrom(lane: Lane, bars: Bars, time: number): number {
  let low = 0
  let high = lane.bars.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bars.end[lane.bars[middle] ?? 0] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}

/** The bar at a time within a lane, or the nearest within `slack`; null: there is none. */
export function barAt(lane: Lane, bars: Bars, time: number, slack: number): number | null {
  let best: number | null = null
  let distance = slack
  for (let place = firstFrom(lane, bars, time - slack); place < lane.bars.length; place += 1) {
    const at = lane.bars[place] ?? 0
    const start = bars.start[at] ?? 0
    if (start > time + slack) break
    const away = Math.max(start - time, time - (bars.end[at] ?? 0), 0)
    if (away <= distance) {
      best = at
      distance = away
    }
  }
  return best
}
