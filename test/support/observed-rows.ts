import { sha256 } from '#kernel/hash.ts'
import type { ObservedValue } from '#model/outcome.ts'

/** What a source partition of these rows records; values of the former version that are gone stay named. */
export function observedIn(
  rows: readonly string[],
  valueOf: (row: string) => string,
  former: readonly ObservedValue[],
): ObservedValue[] {
  const present = Map.groupBy(rows, valueOf)
  const gone = former.filter(({ value }) => !present.has(value))
  return [
    ...[...present].map(([value, own]) => ({
      value,
      dataVersion: dataVersionOf(own),
      rows: own.length,
    })),
    ...gone.map(({ value }) => ({ value, dataVersion: 'gone:0', rows: 0 })),
  ]
}

/** Equal rows give equal versions; the number of rows stands behind the colon. */
export function dataVersionOf(rows: readonly string[]): string {
  return `${sha256(rows.join('\n')).slice(0, 8)}:${rows.length}`
}
