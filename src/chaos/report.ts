import type { ChaosResult } from '#chaos/chaos.ts'

/** True when everything that was promised came true, once, and nothing else is wrong. */
export function isSound(result: ChaosResult): boolean {
  return faultsOf(result).length === 0
}

export function faultsOf(result: ChaosResult): string[] {
  const { lost, breaches, different, ownEnds } = result
  return [...lost, ...breaches, ...different, ...ownEnds]
}

/** The counts in lines for people; faults last, the first of them only. */
export function reportLines(result: ChaosResult): string[] {
  const { kills, stalls, tasks, runs, asked, unanswered, failedRuns, files, partitions } = result
  const faults = faultsOf(result)
  return [
    `${kills} kills, ${stalls} stalls past the lease`,
    ...[...result.coverage]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, times]) => `  ${String(times).padStart(5)}  ${what}`),
    `${asked} requests, ${unanswered} of them without an answer; acknowledged: ${tasks} tasks, ${runs} runs (${failedRuns} failed)`,
    `acknowledged and lost: ${result.lost.length}`,
    `took effect twice, stale or otherwise wrong: ${result.breaches.length}`,
    `stale attempts refused: ${result.staleRefused}`,
    `${partitions} partitions served, ${result.different.length} unlike undisturbed work; ${files} files verified`,
    `processes that ended by themselves: ${result.ownEnds.length}`,
    ...faults.slice(0, 20).map((fault) => `  ✗ ${fault}`),
  ]
}
