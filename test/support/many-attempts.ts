/** An answer of `runs.timeline` with so many attempts in batches of 50, on 8 slots of 4 workers. */
export function manyAttempts(run: string, count: number): object {
  const at = Array.from({ length: count }, (_, place) => place)
  const began = Date.now() - 3_600_000
  const batch = at.map((place) => Math.floor(place / 50))
  const start = batch.map((one) => began + Math.floor(one / 8) * 1_000)
  return {
    run,
    now: new Date().toISOString(),
    sweptAt: null,
    workers: ['worker-a', 'worker-b', 'worker-c', 'worker-d'],
    datasets: ['days', 'months'],
    attempts: {
      task: at.map((place) => place + 1),
      number: at.map(() => 1),
      dataset: batch.map((one) => one % 2),
      partition: at.map((place) => `p${place}`),
      worker: batch.map((one) => one % 4),
      batch,
      state: at.map((place) => (place % 97 === 0 ? 'failed' : 'done')),
      startedMs: start,
      endedMs: start.map((ms) => ms + 950),
      workMs: at.map((place) => 5 + (place % 13)),
      rows: at.map((place) => place),
    },
    next: null,
  }
}
