import type { DatasetDefinition } from '#model/definition.ts'
import { causesOf, evaluate, type Evaluation } from '#model/evaluate.ts'
import { nodeOf, type Graph, type Node, type Survey } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Cause, Plan, PlannedTask, PlanRequest, PlanSummary } from '#model/plan.ts'
import { select } from '#model/select.ts'
import { forEachPart } from '#model/slices.ts'

/**
 * plan(what exists, what is asked) → what has to run, in order, each with its reasons. Pure: the
 * same graph and request give the same plan.
 *
 * `run` takes the partitions asked for, what they need (inputs that are missing, stale or failed)
 * and everything downstream that is not fresh. `rerun` takes exactly what is asked for.
 *
 * What an observing source holds is only known once it has been read. Tasks that depend on it are
 * *deferred*: they are in the plan as far as today's versions foretell them, and an `expand` task,
 * which ends the first wave, plans them again from what the sources really hold.
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
  const drafts: Draft[] = []
  const indexes = new Map<string, number>()

  for (const node of graph.values()) {
    const picked = chosen.get(node.definition.name)
    if (!picked) continue
    const evaluation = evaluations.get(node.definition.name) as Evaluation
    if (wave === 'expand' && node.definition.kind === 'source' && !node.definition.reference)
      continue
    for (const [position, key] of node.domain.entries()) {
      if (!picked.has(position)) continue
      const draft = draftOf(graph, node, position, key, evaluation, request, indexes, drafts)
      if (!draft) continue
      indexes.set(`${node.definition.name} ${key}`, drafts.length)
      drafts.push(draft)
    }
  }
  return assemble(graph, request, drafts, costs)
}

type Draft = Omit<PlannedTask, 'index'>

function draftOf(
  graph: Graph,
  node: Node,
  position: number,
  key: PartitionKey,
  evaluation: Evaluation,
  request: PlanRequest,
  indexes: ReadonlyMap<string, number>,
  drafts: readonly Draft[],
): Draft | null {
  const state = evaluation.states[position] as Draft['state']
  const forced = request.mode === 'rerun'
  const after = new Set<number>()
  let deferred = false
  if (!forced && node.definition.kind === 'analysis') {
    for (const input of node.definition.inputs) {
      const upstream = nodeOf(graph, input.dataset)
      forEachPart(graph, input, key, (part) => {
        const index = indexes.get(`${input.dataset} ${upstream.domain[part.position]}`)
        if (index === undefined) return
        after.add(index)
        if (input.mapping.kind === 'observed' || drafts[index]?.deferred) deferred = true
      })
    }
  }
  // Only pending, and nothing that it waits for is going to run: it would turn out unchanged.
  if (state === 'pending' && !forced && after.size === 0) return null
  if (state === 'fresh' && !forced) return null
  const codeDiffers = causesOf(node, position, evaluation).some((cause) => cause.kind === 'code')
  const certain =
    forced || state === 'missing' || codeDiffers || (after.size === 0 && state !== 'pending')
  const causes: Cause[] = forced
    ? [{ kind: 'asked', text: 'asked for' }]
    : causesOf(node, position, evaluation)
  return {
    kind: 'build',
    dataset: node.definition.name,
    partition: key,
    state,
    certainty: certain ? 'certain' : 'conditional',
    forced,
    deferred,
    causes,
    after: [...after],
  }
}

function assemble(
  graph: Graph,
  request: PlanRequest,
  drafts: readonly Draft[],
  costs: Costs,
): Plan {
  const tasks: PlannedTask[] = drafts.map((draft, index) => ({ ...draft, index }))
  const observedSources = request.mode === 'rerun' ? [] : observedSourceTasks(graph, tasks)
  if (observedSources.length > 0) {
    tasks.push({
      index: tasks.length,
      kind: 'expand',
      dataset: tasks[observedSources[0] as number]?.dataset ?? '',
      partition: 'all',
      state: 'missing',
      certainty: 'certain',
      forced: false,
      deferred: false,
      causes: [{ kind: 'pending', text: 'plans on from what the sources hold' }],
      after: observedSources,
    })
  }
  const fed = feeders(graph, new Set(observedSources.map((index) => tasks[index]?.dataset ?? '')))
  const later = fed.map(({ definition, reads }) => ({
    dataset: definition.name,
    grain: definition.partitioning.grain,
    reads,
  }))
  return { request, tasks, summary: { request, later, ...summarise(tasks, graph, costs) } }
}

function observedSourceTasks(graph: Graph, tasks: readonly PlannedTask[]): number[] {
  const observed = new Set<string>()
  for (const { definition } of graph.values()) {
    if (definition.kind === 'source') continue
    for (const input of definition.inputs)
      if (input.mapping.kind === 'observed') observed.add(input.dataset)
  }
  return tasks.filter((task) => observed.has(task.dataset)).map((task) => task.index)
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
