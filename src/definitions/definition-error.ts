import { MillraceError } from '#kernel/errors.ts'

/** Where in a pack a definition says something: a file relative to the pack's folder, and its line. */
export interface Place {
  readonly file: string
  readonly line?: number
}

/** A flaw in a definition: `wayOut` is one sentence that tells the author what to write instead. */
export function definitionError(
  place: Place,
  message: string,
  wayOut: string,
  options?: { cause?: unknown },
): MillraceError {
  const at = place.line === undefined ? place.file : `${place.file}:${place.line}`
  return new MillraceError('definition-invalid', { at, message, wayOut }, options)
}

/** The nearest of the known names, when it is near enough to be a slip of the pen. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance, candidate }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
  return ranked[0]?.candidate
}

/** "Did you mean x?", or the whole list. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near ? `Did you mean "${near}"?` : `Known: ${known.join(', ')}.`
}

// Levenshtein 1965, one row at a time.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
