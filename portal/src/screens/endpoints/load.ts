const HOUR_MS = 3_600_000

/** Requests of each hour from `since` to `until`, in at most `most` equal steps. */
export function hourly(
  hours: readonly { readonly hour: string; readonly requests: number }[],
  { since, until, most }: { readonly since: string; readonly until: string; readonly most: number },
): number[] {
  const fromMs = Date.parse(since)
  const count = Math.max(Math.round((Date.parse(until) - fromMs) / HOUR_MS), 1)
  const step = Math.ceil(count / most)
  const sums = Array.from({ length: Math.ceil(count / step) }, () => 0)
  for (const { hour, requests } of hours) {
    const at = Math.floor((Date.parse(hour) - fromMs) / HOUR_MS / step)
    if (at >= 0 && at < sums.length) sums[at] = (sums[at] ?? 0) + requests
  }
  return sums
}
