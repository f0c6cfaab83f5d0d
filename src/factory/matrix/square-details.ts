import { squareVersions, type SquareVersion } from '#catalog/matrix-state.ts'
import { loadRecordedInputs } from '#factory/load-graph.ts'
import type { MatrixDataset, MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import { squareStates, type SquareState } from '#factory/matrix/square-state.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { causesOf } from '#model/evaluate.ts'
import { changedInputs } from '#model/explain.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'

/** Where one square is. */
export interface SquarePlace {
  readonly dataset: string
  readonly position: number
}

export interface SquareDetail {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly state: SquareState
  readonly causes: readonly string[]
  /** What is served; null: nothing. */
  readonly version: SquareVersion | null
  /** The run that is to build it; null: none. */
  readonly openRun: string | null
}

/** What there is to say about some squares of a snapshot, parallel to their places. */
export async function describeSquares(
  parts: Pick<FactoryParts, 'catalog'>,
  tenant: Tenant,
  snapshot: MatrixSnapshot,
  places: readonly SquarePlace[],
): Promise<SquareDetail[]> {
  const own = places.map(({ dataset, position }) => {
    const of = snapshot.datasets.get(dataset) as MatrixDataset
    const pointer = of.node.pointers[position] as number
    const versionId = pointer < 0 ? null : (of.node.state.versionIds[pointer] ?? null)
    const partition = of.node.domain[position] as PartitionKey
    return { dataset, position, of, partition, versionId }
  })
  const versions = await parts.catalog.asTenant(tenant, (session) =>
    squareVersions(
      session,
      own.map(({ versionId }) => versionId),
    ),
  )
  const causes = own.map(({ of, position }) => causesOf(of.node, position, of.evaluation))
  const unexplained = own.filter((_square, at) => causes[at]?.some(({ kind }) => kind === 'input'))
  const recorded = await loadRecordedInputs(
    parts,
    tenant,
    unexplained.flatMap(({ versionId }) => versionId ?? []),
  )
  const graph = new Map([...snapshot.datasets].map(([name, { node }]) => [name, node]))
  const runs = openRuns(snapshot)
  return own.map(({ dataset, position, of, partition, versionId }, at) => {
    const { definition } = of.node
    const inputs = recorded.get(versionId ?? -1)
    const named =
      inputs && definition.kind === 'analysis'
        ? changedInputs(graph, definition, partition, inputs)
        : []
    const plain = causes[at] ?? []
    const isFresh = of.evaluation.states[position] === 'fresh'
    const told =
      named.length > 0 ? [...plain.filter(({ kind }) => kind !== 'input'), ...named] : plain
    return {
      dataset,
      partition,
      state: squareStates[of.states[position] as number] as SquareState,
      causes: isFresh ? [] : told.map(({ text }) => text),
      version: versions[at] ?? null,
      openRun: runs(dataset, partition),
    }
  })
}

function openRuns({
  open,
}: MatrixSnapshot): (dataset: string, partition: PartitionKey) => string | null {
  const sets = open.map((builds) => ({ ...builds, partitions: new Set(builds.partitions) }))
  return (dataset, partition) => {
    const wanted = sets.filter((own) => own.dataset === dataset && own.partitions.has(partition))
    const found = wanted.find(({ state }) => state === 'running') ?? wanted[0]
    return found?.runId ?? null
  }
}
