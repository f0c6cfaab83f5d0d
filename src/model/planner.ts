import type { DatasetDefinition } from '#model/definition.ts'
import { causesOf, evaluate, type Evaluation } from '#model/evaluate.ts'
import { nodeOf, type Graph, type Node, type Survey } from '#model/graph.ts'
import { WHOLE, type PartitionKey } from '#model/partition-key.ts'
import {
  EXPAND,
  type Cause,
  type Plan,
  type PlannedTask,
  type PlanRequest,
  type PlanSummary,
} from '#model/plan.ts'
import { followsDownstream } from '#model/plan-places.ts'
import { askedFor, reachOf, select, type Selection } from '#model/select.ts'
import { forEachPosition } from '#model/slices.ts'

/**
 * plan(what exists, what is asked) → what has to run, in order, each with its reasons. Pure: the
 * same graph and request give the same plan.
 *
 * `run` takes the partitions asked for, what they need (inputs that are missing, stale or failed)
 * and everything downstream that is not fresh. `rerun` takes exactly what is asked for.
 *
 * What an observing source holds is only known once it has been read. Where one is going to be read,
 * tasks of everything that it feeds are *deferred*: they are in the plan as far as today's versions
 * foretell them, and an `expand` task, which ends the first wave, plans them again from what the
 * sources really hold. So none of them runs twice in a run.
 */
export function plan(
  graph: Graph,
  survey: Survey,
  request: PlanRequest,
  wave: 'first' | 'expand' = 'first',
  costs: Costs = new Map(),
): Plan {
  const evaluations = evaluate(graph, survey)
  const chosen = select(graph, evaluations, request)
  const asked = askedFor(graph, evaluations, request)
  const drafts: Draft[] = []
  const indexes: Indexes = new Map()

  for (const node of graph.values()) {
    const { definition, domain } = node
    const picked = chosen.get(definition.name)
    if (!picked) continue
    if (wave === 'expand' && definition.kind === 'source' && !definition.reference) continue
    const evaluation = evaluations.get(definition.name) as Evaluation
    const own = new Int32Array(domain.length).fill(-1)
    indexes.set(definition.name, own)
    for (const position of picked) {
      const forced =
        request.mode === 'rerun' && (asked.get(definition.name)?.has(position) ?? false)
      const draft = draftOf(graph, node, position, evaluation, { request, forced }, indexes)
      if (draft) own[position] = drafts.push(draft) - 1
    }
  }
  return assemble(graph, settled(graph, request, asked), drafts, costs)
}

/**
 * The request as later waves plan it again: what it names by state is named by its places, for the
 * states will have changed. What was missing and nobody knew of yet is still found by its state.
 */
function settled(graph: Graph, request: PlanRequest, asked: Selection): PlanRequest {
  const { only, ...rest } = request
  if (!only) return request
  const targets = [...asked].flatMap(([dataset, positions]) => {
    const { domain } = nodeOf(graph, dataset)
    const partitions = [...positions].map((position) => domain[position] as PartitionKey)
    return partitions.length === 0 ? [] : [{ dataset, partitions }]
  })
  return { ...rest, targets, ...(only.includes('missing') ? { only: ['missing'] } : {}) }
}

type Draft = Omit<PlannedTask, 'index' | 'deferred'>

/** For each planned dataset: the index of the task of each position of its domain, or -1. */
type Indexes = Map<string, Int32Array>

function draftOf(
  graph: Graph,
  node: Node,
  position: number,
  evaluation: Evaluation,
  { request, forced }: { readonly request: PlanRequest; readonly forced: boolean },
  indexes: Indexes,
): Draft | null {
  const state = evaluation.states[position] as Draft['state']
  // What reads a forced partition is fresh until that comes out otherwise.
  const follows = request.mode === 'rerun' && !forced
  if (state === 'fresh' && !forced && !follows) return null
  const partition = node.domain[position] as PartitionKey
  const after = tasksBefore(graph, node, partition, indexes)
  if (state === 'fresh' && follows && after.length === 0) return null
  // Only pending, and nothing that it waits for is going to run: it would turn out unchanged.
  if (state === 'pending' && !forced && after.length === 0) return null
  const causes: Cause[] = forced
    ? [{ kind: 'asked', text: 'asked for' }]
    : state === 'fresh'
      ? [{ kind: 'pending', text: 'an input may change' }]
      : causesOf(node, position, evaluation)
  const pointer = node.pointers[position] as number
  const unpublished = pointer < 0 || node.state.versionIds[pointer] === null
  const certain =
    forced ||
    unpublished ||
    causes.some((cause) => cause.kind === 'code' || cause.kind === 'undone') ||
    after.length === 0
  return {
    kind: 'build',
    dataset: node.definition.name,
    partition,
    state,
    certainty: certain ? 'certain' : 'conditional',
    forced,
    causes,
    after,
  }
}

function tasksBefore(
  graph: Graph,
  node: Node,
  partition: PartitionKey,
  indexes: Indexes,
): number[] {
  if (node.definition.kind === 'source') return []
  const before = new Set<number>()
  const { inputs, partitioning } = node.definition
  for (const input of inputs) {
    const own = indexes.get(input.dataset)
    if (!own) continue
    forEachPosition(nodeOf(graph, input.dataset), partitioning, input, partition, (position) => {
      const index = own[position] ?? -1
      if (index >= 0) before.add(index)
    })
  }
  return [...before]
}

function assemble(
  graph: Graph,
  request: PlanRequest,
  drafts: readonly Draft[],
  costs: Costs,
): Plan {
  const exact = request.mode === 'rerun' && !followsDownstream(request)
  const observed = exact ? new Set<string>() : observedSources(graph, drafts)
  const reached = reachOf(graph, request)
  const fed = feeders(graph, observed).filter(({ definition }) => reached.has(definition.name))
  const names = new Set(fed.map(({ definition }) => definition.name))
  const tasks = drafts.map((draft, index): PlannedTask => ({
    ...draft,
    index,
    deferred: names.has(draft.dataset),
  }))
  if (fed.length > 0) {
    tasks.push({
      index: tasks.length,
      kind: 'expand',
      dataset: EXPAND,
      partition: WHOLE,
      state: 'missing',
      certainty: 'certain',
      forced: false,
      deferred: false,
      causes: [{ kind: 'pending', text: 'plans on from what the sources hold' }],
      after: sourceTasks(graph, tasks),
    })
  }
  const later = fed.map(({ definition, reads }) => ({
    dataset: definition.name,
    grain: definition.partitioning.grain,
    reads,
  }))
  return { request, tasks, summary: { request, later, ...summarise(tasks, graph, costs) } }
}

/** Sources that are going to be read and that others read by the values that they hold. */
function observedSources(graph: Graph, drafts: readonly Draft[]): Set<string> {
  const planned = new Set(drafts.map((draft) => draft.dataset))
  const observed = new Set<string>()
  for (const { definition } of graph.values()) {
    if (definition.kind === 'source') continue
    for (const { dataset, mapping } of definition.inputs)
      if (mapping.kind === 'observed' && planned.has(dataset)) observed.add(dataset)
  }
  return observed
}

/** All of them have ended when the expand plans, for it looks at no source again. */
function sourceTasks(graph: Graph, tasks: readonly PlannedTask[]): number[] {
  return tasks
    .filter(({ dataset }) => nodeOf(graph, dataset).definition.kind === 'source')
    .map((task) => task.index)
}

/** Datasets whose partitions follow from what these sources will turn out to hold. */
function feeders(
  graph: Graph,
  sources: ReadonlySet<string>,
): { definition: DatasetDefinition; reads: string }[] {
  const open = new Set<string>()
  const found: { definition: DatasetDefinition; reads: string }[] = []
  for (const { definition } of graph.values()) {
    if (definition.kind === 'source') continue
    const via = definition.inputs.find(
      (input) =>
        open.has(input.dataset) ||
        (input.mapping.kind === 'observed' && sources.has(input.dataset)),
    )
    if (!via) continue
    open.add(definition.name)
    found.push({ definition, reads: `${via.dataset} (${via.mapping.kind})` })
  }
  return found
}

/** Means per task of past attempts, by dataset. */
export type Costs = ReadonlyMap<string, { readonly wallMs: number; readonly readBytes: number }>

function summarise(
  tasks: readonly PlannedTask[],
  graph: Graph,
  costs: Costs,
): Omit<PlanSummary, 'request' | 'later'> {
  const byDataset = Map.groupBy(
    tasks.filter((task) => task.kind === 'build'),
    (task) => task.dataset,
  )
  const datasets = [...graph.keys()].flatMap((dataset) => {
    const own = byDataset.get(dataset)
    const [first, last] = [own?.[0], own?.at(-1)]
    if (!own || !first || !last) return []
    const certain = own.filter((task) => task.certainty === 'certain').length
    const conditional = own.length - certain
    return [{ dataset, certain, conditional, first: first.partition, last: last.partition }]
  })
  const known = tasks.flatMap((task) => costs.get(task.dataset) ?? [])
  const total = (pick: (cost: { wallMs: number; readBytes: number }) => number) =>
    known.length === 0 ? null : Math.round(known.reduce((sum, cost) => sum + pick(cost), 0))
  return {
    datasets,
    tasks: tasks.length,
    estimatedMs: total((cost) => cost.wallMs),
    estimatedBytes: total((cost) => cost.readBytes),
  }
}
