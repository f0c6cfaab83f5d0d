/** Attempts of a run as `runs.timeline` gives them: one list for each column. */
export interface TimelineColumns {
  readonly task: readonly number[]
  readonly number: readonly number[]
  readonly dataset: readonly number[]
  readonly partition: readonly string[]
  readonly worker: readonly number[]
  readonly batch: readonly number[]
  readonly state: readonly string[]
  readonly startedMs: readonly number[]
  readonly endedMs: readonly (number | null)[]
  readonly workMs: readonly (number | null)[]
  readonly rows: readonly (number | null)[]
}

/** Bars of attempts, by their place in the columns; times in milliseconds since the run began. */
export interface Bars {
  readonly count: number
  readonly start: Float64Array
  /** Infinity while it runs. */
  readonly end: Float64Array
  /** How many run as one batch now: until it has ended nobody knows which of them was when. */
  readonly together: Int32Array
}

/**
 * Attempts of a batch ran one after the other in one slot, but begin and end together in the catalog:
 * each gets the part of the batch's time that its own work was of all work.
 */
export function layBars(columns: TimelineColumns, beganMs: number): Bars {
  const count = columns.task.length
  const start = new Float64Array(count)
  const end = new Float64Array(count)
  const together = new Int32Array(count).fill(1)
  for (const batch of batchesOf(columns).values()) {
    const began = Math.min(...batch.map((at) => columns.startedMs[at] ?? 0)) - beganMs
    const isRunning = batch.some((at) => columns.endedMs[at] == null)
    if (isRunning) {
      for (const at of batch) {
        start[at] = began
        together[at] = batch.length
        const ended = columns.endedMs[at]
        end[at] = ended == null ? Infinity : Math.max(ended - beganMs, began)
      }
      continue
    }
    const ended = Math.max(...batch.map((at) => columns.endedMs[at] ?? 0)) - beganMs
    const weights = weightsOf(columns, batch)
    const all = weights.reduce((sum, weight) => sum + weight, 0)
    let passed = 0
    for (const [place, at] of batch.entries()) {
      start[at] = began + ((ended - began) * passed) / all
      passed += weights[place] ?? 0
      end[at] = began + ((ended - began) * passed) / all
    }
  }
  return { count, start, end, together }
}

/** Attempts that shared a slot, by their batch and worker. */
export function batchesOf(columns: TimelineColumns): Map<string, number[]> {
  const batches = new Map<string, number[]>()
  for (const [at, batch] of columns.batch.entries()) {
    const name = `${columns.worker[at]} ${batch}`
    const known = batches.get(name)
    if (known) known.push(at)
    else batches.set(name, [at])
  }
  return batches
}

/** Measured work; where it is not known as much as the mean of the others. */
function weightsOf(columns: TimelineColumns, batch: readonly number[]): number[] {
  const known = batch.map((at) => columns.workMs[at] ?? null)
  const measured = known.filter((work) => work !== null && work > 0) as number[]
  const mean =
    measured.length === 0 ? 1 : measured.reduce((sum, work) => sum + work, 0) / measured.length
  return known.map((work) => (work !== null && work > 0 ? work : mean))
}
