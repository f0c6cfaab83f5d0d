import type { Evaluation, Evaluations } from '#model/evaluate.ts'
import { forEachObservation, nodeOf, positionOf, type Graph, type Node } from '#model/graph.ts'
import type { Partitioning } from '#model/definition.ts'
import { cutText, isPlain, splitKey } from '#model/partition-key-parts.ts'
import { partsOfSelector, selects, type Selector } from '#model/partition-key-selection.ts'
import { coarsen, WHOLE, type PartitionKey } from '#model/partition-key.ts'
import { followsDownstream, placesOf, regionOf } from '#model/plan-places.ts'
import type { PartitionStateName, PlanRequest } from '#model/plan.ts'
import { Positions } from '#model/positions.ts'
import { neighbour, rangeOfPeriod } from '#model/slices-series.ts'
import { forEachPosition, forEachReader } from '#model/slices.ts'

/** Positions in the nodes' domains, by dataset. Fresh partitions may be among them. */
export type Selection = Map<string, Positions>

/** The region of the grid that a request reaches. */
export function select(graph: Graph, evaluations: Evaluations, request: PlanRequest): Selection {
  const asked = askedFor(graph, evaluations, request)
  const selection = copy(graph, asked)
  if (followsDownstream(request)) addDownstream(graph, selection)
  if (request.mode === 'rerun') return selection

  const needed = copy(graph, asked)
  if (request.upstream !== false) {
    addPossibleSources(graph, needed, request)
    addInputs(graph, evaluations, needed, (_upstream, state) => state !== 'fresh')
  }
  for (const [dataset, positions] of needed) of(selection, nodeOf(graph, dataset)).addAll(positions)
  // A partition is never computed around a hole: what it reads and was never built comes first.
  addInputs(graph, evaluations, selection, isHole)
  addReferences(graph, evaluations, selection, request)
  return selection
}

/** What the request names itself, before inputs and downstream. */
export function askedFor(graph: Graph, evaluations: Evaluations, request: PlanRequest): Selection {
  const asked: Selection = new Map()
  for (const { dataset, partitions } of request.targets ?? []) {
    addTargets(asked, nodeOf(graph, dataset), partitions)
  }
  const { only } = request
  for (const { dataset, partitions } of regionOf(request, graph.keys())) {
    const node = nodeOf(graph, dataset)
    const region: Selection = only ? new Map() : asked
    addTargets(region, node, partitions)
    if (!only) continue
    const { states } = evaluations.get(dataset) as Evaluation
    const own = of(asked, node)
    for (const position of of(region, node)) {
      if (only.includes(states[position] as PartitionStateName)) own.add(position)
    }
  }
  return asked
}

/**
 * Reference tables that were never built, for what will turn out to be computed from sources that
 * are about to be read: they are built meanwhile, not after.
 */
function addReferences(
  graph: Graph,
  evaluations: Evaluations,
  selection: Selection,
  request: PlanRequest,
): void {
  const reading = [...graph.values()].some(({ definition, observations }) => {
    if (observations === null) return false
    const { states } = evaluations.get(definition.name) as Evaluation
    return [...(selection.get(definition.name) ?? [])].some((at) => states[at] !== 'fresh')
  })
  if (!reading) return
  for (const name of reachOf(graph, request)) {
    const node = nodeOf(graph, name)
    if (node.definition.kind !== 'source' || !node.definition.reference) continue
    const { states } = evaluations.get(name) as Evaluation
    for (const position of node.domain.keys()) {
      if (isHole(node, states[position] as string, position)) of(selection, node).add(position)
    }
  }
}

function isHole(upstream: Node, _state: string, position: number): boolean {
  const pointer = upstream.pointers[position] as number
  return pointer < 0 || upstream.state.versionIds[pointer] === null
}

/**
 * Sources that may hold what is asked for though nobody has read them yet: the same period, or all
 * that there is where no period is named.
 */
function addPossibleSources(graph: Graph, selection: Selection, request: PlanRequest): void {
  if (request.only && !request.only.includes('missing')) return
  const done = new Set<string>()
  for (const { dataset: name, partitions } of placesOf(request, graph.keys())) {
    const exact = request.targets !== undefined
    const cut = nodeOf(graph, name).definition.partitioning
    for (const source of sourcesOf(graph, name)) {
      const { definition } = source
      const whole = !partitions || (definition.kind === 'source' && definition.reference)
      const region = `${definition.name} ${whole ? '' : cutText(cut)}`
      if (!exact && done.has(region)) continue
      done.add(region)
      if (whole) addTargets(selection, source, null)
      else for (const selector of partitions) addOverlapping(selection, source, selector, cut)
    }
  }
}

/** Partitions of the same time, and those that are known to hold rows of that time; of the same key. */
function addOverlapping(
  selection: Selection,
  source: Node,
  selector: Selector,
  cut: Partitioning,
): void {
  const parts = partsOfSelector(selector, cut)
  if (!parts) return
  const own = of(selection, source)
  const theirs = source.definition.partitioning
  const key = theirs.key && theirs.key.name === cut.key?.name ? parts.key : null
  const add = (position: number) => {
    const partition = source.domain[position]
    if (partition === undefined) return
    if (key === null || splitKey(partition, theirs).key === key) own.add(position)
  }
  const { period } = parts
  const all = theirs.grain === 'none' || period === null || period === WHOLE
  const [from, to] = all
    ? [0, source.domain.length]
    : rangeOfPeriod(source, coarsen(period, theirs.grain))
  for (let position = from; position < to; position++) add(position)
  const { observations } = source
  if (all || !observations) return
  forEachObservation(observations, period, (index) => {
    add(positionOf(source, observations.partitions[index] as PartitionKey))
  })
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
  const reached = new Set(placesOf(request, graph.keys()).map(({ dataset }) => dataset))
  for (const { definition } of graph.values()) {
    if (definition.kind === 'source' || !followsDownstream(request)) continue
    if (definition.inputs.some(({ dataset }) => reached.has(dataset))) reached.add(definition.name)
  }
  for (const { definition } of [...graph.values()].reverse()) {
    if (definition.kind === 'source' || !reached.has(definition.name)) continue
    for (const { dataset } of definition.inputs) reached.add(dataset)
  }
  return reached
}

/** Inputs of what is selected, to any depth, that are wanted; readers before their inputs. */
function addInputs(
  graph: Graph,
  evaluations: Evaluations,
  selection: Selection,
  wanted: (upstream: Node, state: string, position: number) => boolean,
): void {
  for (const node of [...graph.values()].reverse()) {
    const { definition } = node
    const selected = selection.get(definition.name)
    if (definition.kind === 'source' || !selected) continue
    const { states } = evaluations.get(definition.name) as Evaluation
    const inputs = definition.inputs.map((input) => {
      const upstream = nodeOf(graph, input.dataset)
      const { states } = evaluations.get(input.dataset) as Evaluation
      return { input, upstream, states, chosen: of(selection, upstream) }
    })
    // The queue grows while *previous* adds positions of the same dataset.
    const queue = [...selected].filter((position) => states[position] !== 'fresh')
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const key = node.domain[next] as PartitionKey
      for (const { input, upstream, states, chosen } of inputs) {
        forEachPosition(upstream, definition.partitioning, input, key, (position) => {
          if (chosen.has(position)) return
          if (!wanted(upstream, states[position] as string, position)) return
          chosen.add(position)
          if (upstream === node) queue.push(position)
        })
      }
    }
  }
}

/** Everything that reads something selected, to any depth. */
function addDownstream(graph: Graph, selection: Selection): void {
  for (const node of graph.values()) {
    const { definition } = node
    if (definition.kind === 'source') continue
    for (const input of definition.inputs) {
      if (input.dataset === definition.name) continue
      const upstream = nodeOf(graph, input.dataset)
      const changed = selection.get(input.dataset)
      if (!changed) continue
      const own = of(selection, node)
      if (own.isFull()) break
      for (const position of changed) {
        forEachReader(node, input, upstream, position, (reader) => own.add(reader))
      }
    }
    // Running state: every later partition of its series may follow from one that changes.
    const own = selection.get(definition.name)
    const previous = definition.inputs.some((input) => input.dataset === definition.name)
    if (!previous || !own) continue
    for (const position of own) {
      const next = neighbour(node, position, 1)
      if (next >= 0) own.add(next)
    }
  }
}

/** Null: all of them; names that the node does not have are passed over. */
function addTargets(selection: Selection, node: Node, selectors: readonly Selector[] | null): void {
  const own = of(selection, node)
  if (!selectors) return own.addFrom(0)
  for (const position of positionsSelected(node, selectors)) own.add(position)
}

/** Positions of the partitions that selectors name, in no order. */
export function positionsSelected(node: Node, selectors: readonly Selector[]): number[] {
  const cut = node.definition.partitioning
  const positions: number[] = []
  const open: Selector[] = []
  for (const selector of selectors) {
    const position = positionOf(node, selector)
    if (position >= 0) positions.push(position)
    else if (!isPlain(cut)) open.push(selector)
  }
  if (open.length === 0) return positions
  const isNamed = selects(open, cut)
  for (const [position, partition] of node.domain.entries()) {
    if (isNamed(partition)) positions.push(position)
  }
  return positions
}

function of(selection: Selection, node: Node): Positions {
  const { name } = node.definition
  const own = selection.get(name) ?? new Positions(node.domain.length)
  selection.set(name, own)
  return own
}

function copy(graph: Graph, selection: Selection): Selection {
  const copied: Selection = new Map()
  for (const [dataset, positions] of selection) {
    of(copied, nodeOf(graph, dataset)).addAll(positions)
  }
  return copied
}
