import assert from 'node:assert/strict'

import { sha256 } from '#kernel/hash.ts'
import type { Random } from '#kernel/random.ts'
import { buildGraph } from '#model/build-graph.ts'
import type { AnalysisDefinition, DatasetDefinition, SourceDefinition } from '#model/definition.ts'
import { emptyState, type DatasetState } from '#model/dataset-state.ts'
import { evaluate } from '#model/evaluate.ts'
import { analysisFingerprint, sourceFingerprint } from '#model/fingerprint.ts'
import { nodeOf, type Graph, type SurveyedObject } from '#model/graph.ts'
import type { ObservedValue } from '#model/outcome.ts'
import { isPartitionOf, isPlain } from '#model/partition-key-parts.ts'
import { coarsen, WHOLE, type PartitionKey } from '#model/partition-key.ts'
import type { PartitionStateName, Plan, PlannedTask, PlanRequest } from '#model/plan.ts'
import { plan } from '#model/planner.ts'
import { calendarKeys } from '#model/select-calendar.ts'
import { select, sourcesOf } from '#model/select.ts'
import { forEachPart } from '#model/slices.ts'
import { dataVersionOf, observedIn } from './observed-rows.ts'
import { isOfShard, isUncut } from './world-cuts.ts'

/** Rows of each input that one partition reads. */
export type InputRows = ReadonlyMap<string, readonly string[]>
export type Compute = (rows: InputRows, key: PartitionKey) => readonly string[]

/** How one task of a run ended. */
export interface TaskEnd {
  /** `users_by_day 2021-04-17`, or `expand`. */
  readonly name: string
  readonly end: 'done' | 'unchanged' | 'failed' | 'held' | 'skipped'
}

/**
 * A tenant without a database: files, published versions, and runs that execute plans task by task,
 * so that what the planner says can be compared with what really comes out. Rows are texts; those of
 * an observing source begin with their period (`2021-04-17 ann`).
 */
export interface World {
  /** Writes or replaces the object of a source's partition. */
  put(source: string, partition: PartitionKey, rows: readonly string[]): void
  /** Analyses are computed by these from now on; the default is the union of all rows. */
  compute(dataset: string, by: Compute): void
  /** Other definitions, as after a deployment. */
  deploy(definitions: readonly DatasetDefinition[]): void
  /** Tasks of these names fail (or are held) until they are taken out again. */
  readonly failing: Set<string>
  readonly holding: Set<string>
  states(): Map<string, DatasetState>
  /** State of a partition as `status` would tell it. */
  stateOf(dataset: string, partition: PartitionKey): PartitionStateName | undefined
  plan(request: PlanRequest): Plan
  /**
   * Plans and executes. `random`: in any order that the tasks' `after` allows; else in the plan's.
   * `stopAfter`: dies after so many tasks.
   */
  run(request: PlanRequest, how?: { random?: Random; stopAfter?: number }): Run
  undo(run: Run): void
  /** Rows of the objects, and published rows, by `dataset partition`. */
  files(): Map<string, readonly string[]>
  published(): Map<string, readonly string[]>
}

export interface Run {
  readonly id: number
  readonly plan: Plan
  readonly ends: readonly TaskEnd[]
  /** Names of the tasks that computed something, in code-unit order. */
  readonly done: readonly string[]
}

interface Version {
  readonly id: number
  readonly run: number
  readonly fingerprint: string
  readonly codeVersion: string
  readonly rows: readonly string[]
  readonly observed: readonly ObservedValue[] | null
  readonly former: Version | null
}

interface Pointer {
  version: Version | null
  undone: boolean
}

interface SimulatedTask {
  readonly name: string
  readonly planned: PlannedTask
  readonly after: readonly SimulatedTask[]
  end: TaskEnd['end'] | null
}

export function buildWorld(initial: readonly DatasetDefinition[]): World {
  let definitions = initial
  let versions = 0
  let runs = 0
  const files = new Map<string, { rows: readonly string[]; object: SurveyedObject }>()
  const computes = new Map<string, Compute>()
  const pointers = new Map<string, Map<PartitionKey, Pointer>>()
  const failures = new Map<string, DatasetState['failures'][number]>()
  const failing = new Set<string>()
  const holding = new Set<string>()

  const keysOfTime = (source: DatasetDefinition, request: PlanRequest) =>
    isUncut(source) ? [WHOLE] : calendarKeys(definitions, source as SourceDefinition, request)

  const fileKeys = (source: string) =>
    [...files.keys()].filter((name) => name.startsWith(`${source} `)).map(partitionOf)

  function states(): Map<string, DatasetState> {
    return new Map(definitions.map(({ name }) => [name, stateOfDataset(name)]))
  }

  function stateOfDataset(name: string): DatasetState {
    const own = [...(pointers.get(name) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      ...emptyState(name),
      keys: own.map(([key]) => key),
      versionIds: own.map(([, { version }]) => version?.id ?? null),
      fingerprints: own.map(([, { version }]) => version?.fingerprint ?? null),
      dataVersions: own.map(([, { version }]) => (version ? dataVersionOf(version.rows) : null)),
      codeVersions: own.map(([, { version }]) => version?.codeVersion ?? null),
      undone: own.map(([, { undone }]) => undone),
      failures: [...failures].filter(([task]) => datasetOf(task) === name).map(([, own]) => own),
      observed: own.flatMap(([partition, { version }]) =>
        version?.observed ? [{ partition, values: version.observed }] : [],
      ),
    }
  }

  /** The graph with the sources looked at as far as the request reaches. */
  function surveyed(request: PlanRequest): {
    graph: Graph
    survey: Map<string, Map<PartitionKey, SurveyedObject | null>>
  } {
    const asked = new Map(
      definitions
        .filter(({ kind, name }) => kind === 'source' && request.datasets.includes(name))
        .map(({ name, partitioning }) => [
          name,
          (request.partitions ?? []).filter(
            (key) => isPlain(partitioning) || isPartitionOf(key, partitioning),
          ),
        ]),
    )
    const known = buildGraph(definitions, states(), new Map(), asked)
    const survey = new Map<string, Map<PartitionKey, SurveyedObject | null>>()
    if (request.mode === 'rerun') return { graph: known, survey }
    const reach = select(known, evaluate(known, new Map()), request)
    const names = request.datasets.length > 0 ? request.datasets : [...known.keys()]
    for (const node of names.flatMap((name) => sourcesOf(known, name))) {
      const { name } = node.definition
      const keys = [...(reach.get(name) ?? [])].map((position) => node.domain[position] ?? '')
      const calendar = keysOfTime(node.definition, request)
      keys.push(...(calendar ?? []))
      if (request.partitions === null || calendar === null) keys.push(...fileKeys(name))
      const objects = keys.map((key) => [key, files.get(`${name} ${key}`)?.object ?? null] as const)
      survey.set(name, new Map(objects))
    }
    return { graph: buildGraph(definitions, states(), survey, asked), survey }
  }

  function execute(task: SimulatedTask, run: number): TaskEnd['end'] {
    const { dataset, partition, forced } = task.planned
    if (task.after.some(({ end }) => end !== 'done' && end !== 'unchanged')) return 'skipped'
    const fail = (state: 'failed' | 'held') => {
      failures.set(task.name, { partition, state, message: `${state} on purpose` })
      return state
    }
    if (failing.has(task.name)) return fail('failed')
    const graph = buildGraph(definitions, states())
    const { definition } = nodeOf(graph, dataset)
    const built =
      definition.kind === 'source'
        ? readSource(definition, partition)
        : computeAnalysis(graph, definition, partition)
    if (!built) return fail('failed')
    const own = pointers.get(dataset) ?? new Map<PartitionKey, Pointer>()
    const former = own.get(partition)
    const current = former?.version?.fingerprint === built.fingerprint && !former.undone
    const volatile = definition.kind === 'analysis' && definition.volatile
    if (current && !forced && !volatile) return 'unchanged'
    if (holding.has(task.name)) return fail('held')
    failures.delete(task.name)
    const version: Version = {
      ...built,
      id: ++versions,
      run,
      codeVersion: definition.codeVersion,
      former: former?.version ?? null,
    }
    pointers.set(dataset, own.set(partition, { version, undone: false }))
    return 'done'
  }

  function readSource(source: SourceDefinition, partition: PartitionKey) {
    const file = files.get(`${source.name} ${partition}`)
    if (!file) return null
    const { rows, object } = file
    const { observes } = source
    const former = pointers.get(source.name)?.get(partition)?.version?.observed ?? []
    const observed = observes
      ? observedIn(rows, (row) => coarsen(row, observes.grain), former)
      : null
    return { fingerprint: sourceFingerprint(source, object), rows, observed }
  }

  function computeAnalysis(graph: Graph, definition: AnalysisDefinition, partition: PartitionKey) {
    const rows = new Map<string, string[]>()
    for (const input of definition.inputs) {
      const upstream = nodeOf(graph, input.dataset)
      const { domain } = upstream
      const isOwn = isOfShard(definition, upstream.definition.partitioning, input, partition)
      const own = rows.get(input.dataset) ?? []
      rows.set(input.dataset, own)
      forEachPart(graph, definition.partitioning, input, partition, (part) => {
        const key = domain[part.position] ?? ''
        const read = pointers.get(input.dataset)?.get(key)?.version?.rows ?? []
        const ofValue = (row: string) => part.value === null || row.startsWith(part.value)
        own.push(...read.filter((row) => ofValue(row) && isOwn(row)))
      })
    }
    const by = computes.get(definition.name) ?? union
    const fingerprint = analysisFingerprint(graph, definition, partition, new Map())
    return { fingerprint, rows: by(rows, partition), observed: null }
  }

  /** Adds a wave's tasks to those of the run; the ones that are there already are waited for. */
  function enqueue(tasks: SimulatedTask[], wave: Plan): void {
    const byIndex = new Map<number, SimulatedTask>()
    for (const planned of wave.tasks) {
      const name = planned.kind === 'expand' ? 'expand' : `${planned.dataset} ${planned.partition}`
      const existing = tasks.find((task) => task.name === name)
      if (existing) byIndex.set(planned.index, existing)
      if (existing || planned.deferred) continue
      const after = planned.after.flatMap((index) => byIndex.get(index) ?? [])
      const task: SimulatedTask = { name, planned, after, end: null }
      byIndex.set(planned.index, task)
      tasks.push(task)
    }
  }

  /** What a task reads must not be about to change in the same run. */
  function assertInputsEnded(tasks: readonly SimulatedTask[], task: SimulatedTask): void {
    const graph = buildGraph(definitions, states())
    const { definition } = nodeOf(graph, task.planned.dataset)
    if (definition.kind === 'source') return
    for (const input of definition.inputs) {
      const { domain } = nodeOf(graph, input.dataset)
      forEachPart(graph, definition.partitioning, input, task.planned.partition, (part) => {
        const name = `${input.dataset} ${domain[part.position]}`
        const open = tasks.find((other) => other.name === name && other.end === null)
        assert.ok(open === undefined, `${task.name} started before ${name} had ended`)
      })
    }
  }

  function run(request: PlanRequest, how: { random?: Random; stopAfter?: number }): Run {
    const id = ++runs
    const { graph, survey } = surveyed(request)
    const first = plan(graph, survey, request)
    const tasks: SimulatedTask[] = []
    const ends: TaskEnd[] = []
    enqueue(tasks, first)
    while (ends.length < (how.stopAfter ?? Number.POSITIVE_INFINITY)) {
      const ready = tasks.filter((task) => task.end === null && task.after.every(({ end }) => end))
      const task = ready[how.random ? Math.floor(how.random.next() * ready.length) : 0]
      if (!task) break
      if (task.planned.kind === 'expand') {
        enqueue(
          tasks,
          plan(buildGraph(definitions, states()), new Map(), first.summary.request, 'expand'),
        )
        task.end = 'done'
      } else {
        assertInputsEnded(tasks, task)
        task.end = execute(task, id)
      }
      ends.push({ name: task.name, end: task.end })
    }
    if (how.stopAfter === undefined) {
      const stuck = tasks.filter((task) => task.end === null).map((task) => task.name)
      assert.deepEqual(stuck, [], 'these tasks wait for each other')
    }
    const done = ends.filter(({ name, end }) => end === 'done' && name !== 'expand')
    return { id, plan: first, ends, done: done.map(({ name }) => name).sort() }
  }

  return {
    failing,
    holding,
    states,
    put(source, partition, rows) {
      const name = `${source} ${partition}`
      const object = { location: `file:///${name}`, etag: sha256(rows.join('\n')), sizeBytes: 1 }
      files.set(name, { rows: [...rows].sort(), object })
    },
    compute: (dataset, by) => computes.set(dataset, by),
    deploy(next) {
      definitions = next
    },
    stateOf(dataset, partition) {
      const graph = buildGraph(definitions, states())
      const position = nodeOf(graph, dataset).domain.indexOf(partition)
      return evaluate(graph, new Map()).get(dataset)?.states[position]
    },
    plan(request) {
      const { graph, survey } = surveyed(request)
      return plan(graph, survey, request)
    },
    run: (request, how = {}) => run(request, how),
    undo({ id }) {
      for (const own of pointers.values()) {
        for (const pointer of own.values()) {
          if (pointer.version?.run !== id) continue
          pointer.version = pointer.version.former
          pointer.undone = true
        }
      }
    },
    files: () => new Map([...files].map(([name, { rows }]) => [name, rows])),
    published() {
      const all = new Map<string, readonly string[]>()
      for (const [dataset, own] of pointers) {
        for (const [key, { version }] of own)
          if (version) all.set(`${dataset} ${key}`, version.rows)
      }
      return all
    },
  }
}

const union: Compute = (rows) => [...new Set([...rows.values()].flat())].sort()

function datasetOf(name: string): string {
  return name.slice(0, name.indexOf(' '))
}

function partitionOf(name: string): PartitionKey {
  return name.slice(name.indexOf(' ') + 1)
}
