import { canonicalJson, sha256 } from '#kernel/hash.ts'
import { nodeOf, type Graph, type Survey } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Plan, PlanRequest } from '#model/plan.ts'
import { reachOf } from '#model/select.ts'
import { forEachPosition } from '#model/slices.ts'

/** The world that a plan was made of, as far as the plan depends on it. */
export interface PlanBasis {
  /** The tenant's newest publish. */
  readonly commitNumber: number
  /** Code versions of the datasets within reach. */
  readonly codes: Readonly<Record<string, string>>
  /** Tags of the objects that were looked at, by source and partition; null: not there. */
  readonly objects: Readonly<Record<string, Readonly<Record<PartitionKey, string | null>>>>
  /** Digest of what would run. */
  readonly tasks: string
}

const TAG_LENGTH = 12

export function basisOf(
  graph: Graph,
  survey: Survey,
  planned: Plan,
  commitNumber: number,
): PlanBasis {
  const reached = [...reachOf(graph, planned.request)].sort()
  const objects = [...survey].map(([source, found]) => [
    source,
    Object.fromEntries(
      [...found].map(([key, object]) => [
        key,
        object && sha256(`${object.location}\n${object.etag}`).slice(0, TAG_LENGTH),
      ]),
    ),
  ])
  const tasks = planned.tasks.map(({ dataset, partition, forced, certainty }) =>
    [dataset, partition, forced, certainty].join(' '),
  )
  return {
    commitNumber,
    codes: Object.fromEntries(
      reached.map((name) => [name, nodeOf(graph, name).definition.codeVersion]),
    ),
    objects: Object.fromEntries(objects),
    tasks: sha256(tasks.join('\n')),
  }
}

/** The name of a plan: equal for the same request over the same world. */
export function planName(request: PlanRequest, basis: PlanBasis): string {
  return `plan_${sha256(canonicalJson({ request, basis })).slice(0, 16)}`
}

/** What differs between the world of a plan and another one, in words; publishes come from the catalog. */
export function basisDifferences(before: PlanBasis, now: PlanBasis): string[] {
  const names = new Set([...Object.keys(before.codes), ...Object.keys(now.codes)])
  const codes = [...names].filter((name) => before.codes[name] !== now.codes[name])
  const sources = new Set([...Object.keys(before.objects), ...Object.keys(now.objects)])
  const objects = [...sources].flatMap((source) => {
    const [former, current] = [before.objects[source] ?? {}, now.objects[source] ?? {}]
    const keys = new Set([...Object.keys(former), ...Object.keys(current)])
    const changed = [...keys].filter((key) => (former[key] ?? null) !== (current[key] ?? null))
    return changed.length === 0 ? [] : [`objects of ${source} changed (${named(changed)})`]
  })
  return [...(codes.length === 0 ? [] : [`the code of ${named(codes)} changed`]), ...objects]
}

/** True for partitions that the plan computes or reads. */
export function concerns(
  graph: Graph,
  planned: Plan,
): (dataset: string, partition: PartitionKey) => boolean {
  const places = new Set<string>()
  for (const { kind, dataset, partition } of planned.tasks) {
    if (kind !== 'build') continue
    places.add(`${dataset} ${partition}`)
    const { definition } = nodeOf(graph, dataset)
    if (definition.kind === 'source') continue
    for (const input of definition.inputs) {
      const upstream = nodeOf(graph, input.dataset)
      forEachPosition(upstream, definition.partitioning, input, partition, (position) => {
        places.add(`${input.dataset} ${upstream.domain[position]}`)
      })
    }
  }
  return (dataset, partition) => places.has(`${dataset} ${partition}`)
}

const NAMED_AT_MOST = 5

export function named(names: readonly string[]): string {
  const sorted = names.toSorted()
  const first = sorted.slice(0, NAMED_AT_MOST).join(', ')
  return sorted.length > NAMED_AT_MOST
    ? `${first} and ${sorted.length - NAMED_AT_MOST} more`
    : first
}
