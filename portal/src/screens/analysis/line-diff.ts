export interface DiffLine {
  readonly kind: 'same' | 'added' | 'removed'
  readonly text: string
  /** Number in the text before and after; null where it is not there. */
  readonly before: number | null
  readonly after: number | null
}

/** Texts with more lines than this are told as one removed and one added block. */
const LINES_MOST = 2_000

/** How to come from one text to the other line by line, with as few changes as can be. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (
    end < a.length - start &&
    end < b.length - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end++
  }
  const middle = changes(a.slice(start, a.length - end), b.slice(start, b.length - end))
  const lines: DiffLine[] = []
  const counts = { before: 0, after: 0 }
  const push = (kind: DiffLine['kind'], text: string) =>
    lines.push({
      kind,
      text,
      before: kind === 'added' ? null : ++counts.before,
      after: kind === 'removed' ? null : ++counts.after,
    })
  for (const text of a.slice(0, start)) push('same', text)
  for (const [kind, text] of middle) push(kind, text)
  for (const text of a.slice(a.length - end)) if (end > 0) push('same', text)
  return lines
}

type Change = readonly [DiffLine['kind'], string]

/** By the longest common subsequence. */
function changes(a: readonly string[], b: readonly string[]): Change[] {
  if (a.length > LINES_MOST || b.length > LINES_MOST) {
    return [
      ...a.map((text): Change => ['removed', text]),
      ...b.map((text): Change => ['added', text]),
    ]
  }
  const width = b.length + 1
  const common = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0)
    }
  }
  const found: Change[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push(['same', a[i++] ?? ''])
      j++
    } else if (
      i < a.length &&
      (j >= b.length || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      found.push(['removed', a[i++] ?? ''])
    } else found.push(['added', b[j++] ?? ''])
  }
  return found
}

/** A stretch of equal lines that is left out. */
export interface Gap {
  readonly kind: 'gap'
  readonly lines: number
}

/** Without the equal lines that are further than `around` from a change. */
export function withGaps(lines: readonly DiffLine[], around = 3): (DiffLine | Gap)[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(at - around, 0), at + around + 1).some(({ kind }) => kind !== 'same'),
  )
  const shown: (DiffLine | Gap)[] = []
  for (const [at, line] of lines.entries()) {
    const last = shown.at(-1)
    if (near[at]) shown.push(line)
    else if (last?.kind === 'gap') shown[shown.length - 1] = { kind: 'gap', lines: last.lines + 1 }
    else shown.push({ kind: 'gap', lines: 1 })
  }
  return shown
}
