/** Wall time of `work`, in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const startedMs = performance.now()
  await work()
  return performance.now() - startedMs
}

export interface Pair {
  readonly millraceMs: number
  readonly peerMs: number
}

/**
 * Medians of `rounds` pairs. The two take turns, and who begins alternates, so that a machine that
 * gets slower or busier meets both. Each `work` returns its milliseconds.
 */
export async function interleaved(
  rounds: number,
  millrace: (round: number) => Promise<number>,
  peer: (round: number) => Promise<number>,
): Promise<Pair> {
  const ours: number[] = []
  const theirs: number[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) ours.push(await millrace(round))
    theirs.push(await peer(round))
    if (round % 2 === 1) ours.push(await millrace(round))
  }
  return { millraceMs: median(ours), peerMs: median(theirs) }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  if (low === undefined || high === undefined) throw new Error('a median of nothing')
  return (low + high) / 2
}
