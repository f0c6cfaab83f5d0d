import { formatDuration } from '~/ui/format.ts'

/** The bound of the bucket that a share of all requests lies below; null: they took longer than any. */
export function quantileOf(
  latency: readonly number[],
  boundsMs: readonly number[],
  share: number,
): number | null {
  const all = latency.reduce((sum, count) => sum + count, 0)
  let below = 0
  for (const [at, count] of latency.entries()) {
    below += count
    if (below >= all * share && below > 0) return boundsMs[at] ?? null
  }
  return 0
}

/** `≤ 50 ms`, `> 5 s`. */
export function latencyText(
  ms: number | null,
  longestMs: number,
  words: { readonly faster: (bound: string) => string; readonly slower: (bound: string) => string },
): string {
  return ms === null ? words.slower(formatDuration(longestMs)) : words.faster(formatDuration(ms))
}
