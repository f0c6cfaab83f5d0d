import type { OutputOf } from '~/api/client.ts'

export type Lineage = OutputOf<'lineage.show'>
export type LineageNode = Lineage['nodes'][number]
export type Kind = LineageNode['kind']
export type GroupBy = 'pack' | 'kind'

/** A box of the picture: one thing, or all things of a group that is folded. */
export interface Box {
  readonly id: string
  readonly kind: Kind | 'group'
  readonly name: string
  readonly group: string
  /** What it stands for. */
  readonly nodes: readonly LineageNode[]
}

export interface Line {
  readonly from: string
  readonly to: string
  readonly reads: readonly string[]
}

export interface Picture {
  readonly boxes: readonly Box[]
  readonly lines: readonly Line[]
}

/** What a thing belongs to; reports belong to no pack. */
export function groupOf(node: LineageNode, by: GroupBy): string {
  return by === 'kind' ? node.kind : (node.pack ?? node.kind)
}

/** Groups in the order in which they come first. */
export function groupsOf(lineage: Lineage, by: GroupBy): { name: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const node of lineage.nodes) {
    const name = groupOf(node, by)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => ({ name, count }))
}

/** The boxes and lines with those groups folded: lines inside of one are gone, equal ones are one. */
export function fold(lineage: Lineage, by: GroupBy, folded: ReadonlySet<string>): Picture {
  const boxes = new Map<string, Box>()
  const boxOf = new Map<string, string>()
  for (const node of lineage.nodes) {
    const group = groupOf(node, by)
    const isFolded = folded.has(group)
    const id = isFolded ? `group:${group}` : node.id
    const known = boxes.get(id)
    boxOf.set(node.id, id)
    boxes.set(id, {
      id,
      kind: isFolded ? 'group' : node.kind,
      name: isFolded ? group : node.name,
      group,
      nodes: [...(known?.nodes ?? []), node],
    })
  }
  const lines = new Map<string, { from: string; to: string; reads: string[] }>()
  for (const { from, to, reads } of lineage.edges) {
    const [start, end] = [boxOf.get(from), boxOf.get(to)]
    if (start === undefined || end === undefined || start === end) continue
    const id = `${start} ${end}`
    const line = lines.get(id) ?? { from: start, to: end, reads: [] }
    if (!line.reads.includes(reads)) line.reads.push(reads)
    lines.set(id, line)
  }
  return { boxes: [...boxes.values()], lines: [...lines.values()] }
}

/** Everything that a box comes from, and everything that it leads to; without itself. */
export function wayOf(
  lines: readonly Line[],
  id: string,
): { above: Set<string>; below: Set<string> } {
  return { above: reach(lines, id, 'to', 'from'), below: reach(lines, id, 'from', 'to') }
}

function reach(lines: readonly Line[], id: string, here: 'from' | 'to', there: 'from' | 'to') {
  const next = Map.groupBy(lines, (line) => line[here])
  const found = new Set<string>()
  const open = [id]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const line of next.get(at) ?? []) {
      const other = line[there]
      if (other === id || found.has(other)) continue
      found.add(other)
      open.push(other)
    }
  }
  return found
}

const order = ['failed', 'held', 'stale', 'pending', 'missing', 'fresh'] as const
export type PartitionState = (typeof order)[number]

/** Partitions of all of them by state, those that need somebody first; states without any are left out. */
export function statesOf(nodes: readonly LineageNode[]): [PartitionState, number][] {
  return order.flatMap((state) => {
    const count = nodes.reduce((sum, { states }) => sum + (states?.[state] ?? 0), 0)
    return count > 0 ? [[state, count] as [PartitionState, number]] : []
  })
}

/** The worst that there is; null for what has no partitions. */
export function worstOf(nodes: readonly LineageNode[]): PartitionState | null {
  return statesOf(nodes)[0]?.[0] ?? null
}

/** Datasets of which nothing was ever published. */
export function isGhost(nodes: readonly LineageNode[]): boolean {
  const datasets = nodes.filter(({ states }) => states !== null)
  return datasets.length > 0 && datasets.every(({ publishedAt }) => publishedAt === null)
}

/** Null where one of them may not be counted. */
export function rowsOf(nodes: readonly LineageNode[]): number | null {
  let sum = 0
  for (const { rows, states } of nodes) {
    if (states === null) continue
    if (rows === null) return null
    sum += Number(rows)
  }
  return sum
}

export function newestOf(nodes: readonly LineageNode[]): string | null {
  return nodes.reduce<string | null>(
    (newest, { publishedAt }) =>
      publishedAt !== null && (newest === null || publishedAt > newest) ? publishedAt : newest,
    null,
  )
}
