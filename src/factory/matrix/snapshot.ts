import { matrixRevision, openBuilds, type OpenBuilds } from '#catalog/matrix-state.ts'
import { loadGraph } from '#factory/load-graph.ts'
import { codeOf, countStates } from '#factory/matrix/square-state.ts'
import { startsOf } from '#factory/matrix/time-axis.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { evaluate, type Evaluation } from '#model/evaluate.ts'
import { positionOf, type Node } from '#model/graph.ts'
import type { Tenant } from '#model/tenant.ts'

/** The squares of one dataset, all arrays parallel to `node.domain`. */
export interface MatrixDataset {
  readonly node: Node
  readonly evaluation: Evaluation
  /** Places in `squareStates`. */
  readonly states: Uint8Array
  /** When the periods begin, in milliseconds since 1970; zeros where there are none. */
  readonly starts: Float64Array
  /** Of all its squares, by state. */
  readonly totals: readonly number[]
}

/** Everything that the matrix shows of a tenant, as it was at one moment. */
export interface MatrixSnapshot {
  readonly commit: number
  readonly revision: string
  readonly at: Date
  /** Inputs before what reads them. */
  readonly datasets: ReadonlyMap<string, MatrixDataset>
  readonly open: readonly OpenBuilds[]
  readonly squares: number
  /** True: something has changed since, and is counted soon. */
  readonly isBehind: boolean
}

type Parts = Pick<FactoryParts, 'catalog' | 'datasets' | 'sources' | 'log' | 'clock'>

export async function takeSnapshot(parts: Parts, tenant: Tenant): Promise<MatrixSnapshot> {
  // First, so that what changes while the rest is read is seen as a change.
  const { commit, revision } = await parts.catalog.asTenant(tenant, matrixRevision)
  const at = parts.clock.now()
  const open = await parts.catalog.asTenant(tenant, openBuilds)
  const graph = await loadGraph(parts, tenant)
  const evaluations = evaluate(graph, new Map())
  const datasets = new Map<string, MatrixDataset>()
  let squares = 0
  for (const [name, node] of graph) {
    const evaluation = evaluations.get(name) as Evaluation
    const states = statesOf(node, evaluation)
    for (const { dataset, state, partitions } of open) {
      if (dataset !== name) continue
      for (const partition of partitions) {
        const position = positionOf(node, partition)
        const code = codeOf.get(state) as number
        // Where two runs want the same, the one that is at work is told.
        if (position >= 0) states[position] = Math.max(code, states[position] as number)
      }
    }
    const starts = startsOf(node.domain, node.definition.partitioning.grain)
    datasets.set(name, { node, evaluation, states, starts, totals: countStates(states) })
    squares += states.length
  }
  return { commit, revision, at, datasets, open, squares, isBehind: false }
}

function statesOf(node: Node, evaluation: Evaluation): Uint8Array {
  const states = new Uint8Array(node.domain.length)
  const undone = codeOf.get('undone') as number
  for (const [position, state] of evaluation.states.entries()) {
    const pointer = node.pointers[position] as number
    const isUndone = pointer >= 0 && node.state.undone[pointer] === true
    states[position] =
      isUndone && (state === 'stale' || state === 'missing')
        ? undone
        : (codeOf.get(state) as number)
  }
  return states
}
