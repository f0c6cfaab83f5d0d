import type { Evaluation, Evaluations } from '#model/evaluate.ts'
import { forEachObservation, nodeOf, positionOf, type Graph, type Node } from '#model/graph.ts'
import { coarsen, isKeyOf, WHOLE, type PartitionKey } from '#model/partition-key.ts'
import type { PartitionStateName, PlanRequest } from '#model/plan.ts'
import { forEachPart, forEachReader, type Part } from '#model/slices.ts'

/** Positions in the nodes' domains, by dataset. Fresh partitions may be among them. */
export type Selection = Map<string, Set<number>>

/** The region of the grid that a request reaches. */
export function select(graph: Graph, evaluations: Evaluations, request: PlanRequest): Selection {
  const names = request.datasets.length > 0 ? request.datasets : [...graph.keys()]
  const asked: Selection = new Map()
  for (const name of names)
    add(asked, name, targetPositions(nodeOf(graph, name), request.partitions))
  if (request.mode === 'rerun') return asked

  const needed = copy(asked)
  for (const name of names) addPossibleSources(graph, needed, name, request.partitions)
  addInputs(graph, evaluations, needed, (state) => state !== 'fresh')
  const downstream = copy(asked)
  addDownstream(graph, downstream, new Set(names))
  const selection = merge(needed, downstream)
  // A partition is never computed around a hole: what it reads and was never built comes first.
  addInputs(graph, evaluations, selection, (_state, part) => part.dataVersion === null)
  return selection
}

/**
 * Sources that may hold what is asked for though nobody has read them yet: the same period, or all
 * that there is where no period is named.
 */
function addPossibleSources(
  graph: Graph,
  selection: Selection,
  name: string,
  partitions: readonly PartitionKey[] | null,
): void {
  for (const source of sourcesOf(graph, name)) {
    const { definition } = source
    const whole = !partitions || (definition.kind === 'source' && definition.reference)
    const keys = whole ? source.domain : partitions.flatMap((key) => overlapping(source, key))
    add(selection, definition.name, targetPositions(source, keys))
  }
}

/** Keys of the same time, and of files that are known to hold rows of that time. */
function overlapping(source: Node, key: PartitionKey): PartitionKey[] {
  const { grain } = source.definition.partitioning
  if (grain === 'none' || key === WHOLE) return [...source.domain]
  const period = coarsen(key, grain)
  const keys = isKeyOf(period, grain)
    ? [period]
    : source.domain.filter((own) => own.startsWith(key))
  const { observations } = source
  if (observations) {
    forEachObservation(observations, key, (index) => {
      keys.push(observations.partitions[index] as PartitionKey)
    })
  }
  return keys
}

/** Source nodes that a dataset reads, directly or through others; itself if it is one. */
export function sourcesOf(graph: Graph, dataset: string): Node[] {
  const found = new Map<string, Node>()
  const visit = (name: string) => {
    if (found.has(name)) return
    const node = nodeOf(graph, name)
    found.set(name, node)
    if (node.definition.kind === 'source') return
    for (const input of node.definition.inputs) visit(input.dataset)
  }
  visit(dataset)
  return [...found.values()].filter((node) => node.definition.kind === 'source')
}

/** Datasets that a request can touch: those asked for, all that they read, all that reads them. */
export function reachOf(graph: Graph, request: PlanRequest): ReadonlySet<string> {
  if (request.datasets.length === 0) return new Set(graph.keys())
  const reached = new Set(request.datasets)
  for (const { definition } of graph.values()) {
    if (definition.kind === 'source') continue
    if (definition.inputs.some(({ dataset }) => reached.has(dataset))) reached.add(definition.name)
  }
  for (const { definition } of [...graph.values()].reverse()) {
    if (definition.kind === 'source' || !reached.has(definition.name)) continue
    for (const { dataset } of definition.inputs) reached.add(dataset)
  }
  return reached
}

/** Inputs of what is selected, to any depth, whose state is wanted; readers before their inputs. */
function addInputs(
  graph: Graph,
  evaluations: Evaluations,
  selection: Selection,
  wanted: (state: PartitionStateName, part: Part) => boolean,
): void {
  for (const node of [...graph.values()].reverse()) {
    const { definition } = node
    if (definition.kind === 'source') continue
    const own = evaluations.get(definition.name) as Evaluation
    // The queue grows while *previous* adds positions of the same dataset.
    const queue = [...(selection.get(definition.name) ?? [])]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (own.states[next] === 'fresh') continue
      const key = node.domain[next] as PartitionKey
      for (const input of definition.inputs) {
        const upstream = evaluations.get(input.dataset) as Evaluation
        forEachPart(graph, input, key, (part) => {
          const { position } = part
          if (!wanted(upstream.states[position] as PartitionStateName, part)) return
          if (selection.get(input.dataset)?.has(position)) return
          add(selection, input.dataset, [position])
          if (input.dataset === definition.name) queue.push(position)
        })
      }
    }
  }
}

/**
 * Everything that reads something selected. A reference table reaches all of history, so it pulls
 * its readers in only where it was asked for by name.
 */
function addDownstream(graph: Graph, selection: Selection, names: ReadonlySet<string>): void {
  for (const node of graph.values()) {
    const { definition } = node
    if (definition.kind === 'source') continue
    for (const input of definition.inputs) {
      if (input.dataset === definition.name) continue
      const upstream = nodeOf(graph, input.dataset)
      const reference = upstream.definition.kind === 'source' && upstream.definition.reference
      if (reference && !names.has(input.dataset)) continue
      for (const position of selection.get(input.dataset) ?? []) {
        forEachReader(node, input, upstream, position, (reader) =>
          add(selection, definition.name, [reader]),
        )
      }
    }
    if (definition.inputs.some((input) => input.dataset === definition.name)) {
      let first = node.domain.length
      for (const position of selection.get(definition.name) ?? []) first = Math.min(first, position)
      for (let later = first; later < node.domain.length; later++)
        add(selection, definition.name, [later])
    }
  }
}

function targetPositions(node: Node, partitions: readonly PartitionKey[] | null): number[] {
  if (!partitions) return node.domain.map((_key, position) => position)
  return partitions.map((key) => positionOf(node, key)).filter((position) => position >= 0)
}

function add(selection: Selection, dataset: string, positions: Iterable<number>): void {
  const set = selection.get(dataset) ?? new Set<number>()
  for (const position of positions) set.add(position)
  selection.set(dataset, set)
}

function copy(selection: Selection): Selection {
  return new Map([...selection].map(([dataset, positions]) => [dataset, new Set(positions)]))
}

function merge(a: Selection, b: Selection): Selection {
  const merged = copy(a)
  for (const [dataset, positions] of b) add(merged, dataset, positions)
  return merged
}
