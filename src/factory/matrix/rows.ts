import type { MatrixDataset, MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import { codeOf, countStates, type SquareState } from '#factory/matrix/square-state.ts'
import type { Squares } from '#factory/matrix/tiles.ts'
import { isPlain, joinKey, splitKey } from '#model/partition-key-parts.ts'
import { WHOLE } from '#model/partition-key.ts'

/** One line of the matrix: a dataset, or what of it has one key and shard. */
export interface MatrixRow {
  readonly dataset: string
  readonly of: MatrixDataset
  /** The key and shard as partition names end with them (`exam-17:#03/16`); null: all of the dataset. */
  readonly part: string | null
  /** Positions of its squares; null: all of the dataset's. */
  readonly positions: Int32Array | null
}

export interface RowsAsked {
  /** Empty: all. */
  readonly datasets: readonly string[]
  /** Text that the name of the dataset, or of its part, holds; empty: any. */
  readonly search: string
  /** Only rows with a square in one of these states; empty: any. */
  readonly having: readonly SquareState[]
  /** Datasets whose parts follow them. */
  readonly expand: readonly string[]
}

export function rowsOf(snapshot: MatrixSnapshot, asked: RowsAsked): MatrixRow[] {
  const search = asked.search.toLowerCase()
  const codes = asked.having.map((state) => codeOf.get(state) as number)
  const isFound = (name: string) => name.toLowerCase().includes(search)
  const hasState = (counts: readonly number[]) =>
    codes.length === 0 || codes.some((code) => (counts[code] as number) > 0)
  const rows: MatrixRow[] = []
  for (const [name, of] of snapshot.datasets) {
    if (asked.datasets.length > 0 && !asked.datasets.includes(name)) continue
    const isOpen = asked.expand.includes(name)
    const isNamed = isFound(name)
    const parts = isOpen
      ? [...partsOf(of)].filter(
          ([part, positions]) =>
            (isNamed || isFound(part)) &&
            (codes.length === 0 || hasState(countStates(of.states, positions))),
        )
      : []
    if (parts.length === 0 && !(isNamed && hasState(of.totals))) continue
    rows.push({ dataset: name, of, part: null, positions: null })
    for (const [part, positions] of parts) rows.push({ dataset: name, of, part, positions })
  }
  return rows
}

export function squaresOf({ of, positions }: MatrixRow): Squares {
  const { grain } = of.node.definition.partitioning
  return { grain, states: of.states, starts: of.starts, positions }
}

export function totalsOf({ of, positions }: MatrixRow): readonly number[] {
  return positions ? countStates(of.states, positions) : of.totals
}

const known = new WeakMap<MatrixDataset, ReadonlyMap<string, Int32Array>>()

/** Positions by key and shard, by name; empty for a dataset that is cut by time alone. */
export function partsOf(dataset: MatrixDataset): ReadonlyMap<string, Int32Array> {
  const found = known.get(dataset)
  if (found) return found
  const { domain, definition } = dataset.node
  const lists = new Map<string, number[]>()
  if (!isPlain(definition.partitioning)) {
    for (const [position, partition] of domain.entries()) {
      const { key, shard } = splitKey(partition, definition.partitioning)
      const part = joinKey(WHOLE, key, shard)
      const own = lists.get(part)
      if (own) own.push(position)
      else lists.set(part, [position])
    }
  }
  const parts = new Map(
    [...lists]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([part, positions]) => [part, Int32Array.from(positions)]),
  )
  known.set(dataset, parts)
  return parts
}
