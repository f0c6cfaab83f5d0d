import { codeAt, definitionAt } from '#model/accepted-code.ts'
import type { DatasetState } from '#model/dataset-state.ts'
import {
  analysisFingerprint,
  sourceFingerprint,
  type DigestCache,
  type Fingerprint,
} from '#model/fingerprint.ts'
import { nodeOf, type Graph, type Node, type Survey, type SurveyedObject } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Cause, PartitionStateName } from '#model/plan.ts'
import { forEachPosition } from '#model/slices.ts'

/** The states of one dataset's partitions, parallel to its node's domain. */
export interface Evaluation {
  readonly states: PartitionStateName[]
  /** What the partition would be computed from now; null for a source that was not surveyed. */
  readonly fingerprints: (Fingerprint | null)[]
  /** True: inputs and code are settled, so that a differing fingerprint is certain to need work. */
  readonly settled: boolean[]
  readonly failures: ReadonlyMap<PartitionKey, Failure>
}

type Failure = DatasetState['failures'][number]

export type Evaluations = ReadonlyMap<string, Evaluation>

/**
 * State of every partition of every dataset. Inputs come before what reads them, and the former
 * partition before the next, so one pass is enough, and staleness is transitive at any fan-in.
 */
export function evaluate(graph: Graph, survey: Survey): Evaluations {
  const evaluations = new Map<string, Evaluation>()
  const cache: DigestCache = new Map()
  for (const node of graph.values()) {
    const failures = new Map(node.state.failures.map((entry) => [entry.partition, entry]))
    const evaluation: Evaluation = { states: [], fingerprints: [], settled: [], failures }
    evaluations.set(node.definition.name, evaluation)
    for (const [position, key] of node.domain.entries()) {
      const fingerprint = fingerprintOf(graph, node, position, survey, cache)
      const settled = inputsAreFresh(graph, node, key, evaluations)
      const plain = plainState(node, position, fingerprint, settled)
      const failed = plain === 'missing' || plain === 'stale' ? failures.get(key)?.state : undefined
      evaluation.states.push(failed ?? plain)
      evaluation.fingerprints.push(fingerprint)
      evaluation.settled.push(settled)
    }
  }
  return evaluations
}

function fingerprintOf(
  graph: Graph,
  node: Node,
  position: number,
  survey: Survey,
  cache: DigestCache,
): Fingerprint | null {
  const definition = definitionAt(node, position, node.definition)
  const key = node.domain[position] as PartitionKey
  if (definition.kind === 'analysis') return analysisFingerprint(graph, definition, key, cache)
  const object: SurveyedObject | null | undefined = survey.get(definition.name)?.get(key)
  return object ? sourceFingerprint(definition, object) : null
}

function plainState(
  node: Node,
  position: number,
  fingerprint: Fingerprint | null,
  settled: boolean,
): PartitionStateName {
  const pointer = node.pointers[position] as number
  const state: DatasetState = node.state
  if (pointer < 0 || state.versionIds[pointer] === null) return 'missing'
  if (state.undone[pointer]) return 'stale'
  // A source whose object nobody looked at is taken for unchanged; its code is always compared.
  const expected = fingerprint ?? state.fingerprints[pointer]
  if (expected !== state.fingerprints[pointer]) return 'stale'
  // What was sent is read once: the next rows bring a partition to the code of today.
  const isSentTo = node.definition.kind === 'source' && node.definition.append !== undefined
  if (!isSentTo && state.codeVersions[pointer] !== codeAt(node, position)) return 'stale'
  return settled ? 'fresh' : 'pending'
}

function inputsAreFresh(
  graph: Graph,
  node: Node,
  key: PartitionKey,
  evaluations: Evaluations,
): boolean {
  const { definition } = node
  if (definition.kind === 'source') return true
  const { inputs, partitioning } = definition
  let fresh = true
  for (const input of inputs) {
    const upstream = evaluations.get(input.dataset)
    forEachPosition(nodeOf(graph, input.dataset), partitioning, input, key, (position) => {
      if (upstream?.states[position] !== 'fresh') fresh = false
    })
  }
  return fresh
}

/** Why a partition is not fresh, as far as the state alone tells; `explain.ts` says which inputs. */
export function causesOf(node: Node, position: number, evaluation: Evaluation): Cause[] {
  const state = evaluation.states[position]
  const pointer = node.pointers[position] as number
  const causes: Cause[] = []
  if (state === 'failed' || state === 'held') {
    const failure = evaluation.failures.get(node.domain[position] as PartitionKey)
    causes.push({
      kind: state,
      text: `${state === 'held' ? 'held back' : 'failed'}: ${failure?.message ?? ''}`,
    })
  }
  if (pointer >= 0 && node.state.undone[pointer]) causes.push({ kind: 'undone', text: 'undone' })
  if (pointer < 0 || node.state.versionIds[pointer] === null) {
    if (causes.length === 0) causes.push({ kind: 'missing', text: 'never built' })
    return causes
  }
  if (node.state.codeVersions[pointer] !== codeAt(node, position)) {
    causes.push({ kind: 'code', text: `the code of ${node.definition.name} changed` })
  }
  if (state === 'pending') causes.push({ kind: 'pending', text: 'an input may change' })
  const fingerprint = evaluation.fingerprints[position]
  if (fingerprint && fingerprint !== node.state.fingerprints[pointer] && causes.length === 0) {
    causes.push(
      node.definition.kind === 'source'
        ? { kind: 'object', text: 'the object changed' }
        : { kind: 'input', text: 'inputs changed' },
    )
  }
  return causes
}
