import type { AnalysisDefinition } from '#model/definition.ts'
import { nodeOf, type Graph } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Cause } from '#model/plan.ts'
import type { VersionInput } from '#model/run.ts'
import { forEachPart } from '#model/slices.ts'

const NAMED_AT_MOST = 3

/**
 * Which inputs differ from those that the current version was computed from. Empty where they are
 * all equal (then it is the code, or nothing).
 */
export function changedInputs(
  graph: Graph,
  definition: AnalysisDefinition,
  key: PartitionKey,
  recorded: readonly VersionInput[],
): Cause[] {
  const before = new Map(recorded.map((input) => [nameOf(input), input.dataVersion]))
  const changed: string[] = []
  const added: string[] = []
  for (const input of versionInputs(graph, definition, key)) {
    const name = nameOf(input)
    const former = before.get(name)
    before.delete(name)
    if (former === undefined) added.push(name)
    else if (former !== input.dataVersion) changed.push(name)
  }
  return [
    cause('input', changed, 'changed'),
    cause('input-new', added, 'is new'),
    cause('input-gone', [...before.keys()], 'is gone'),
  ].filter((found) => found !== null)
}

/** What a partition would read now, as it is recorded with the version that is computed from it. */
export function versionInputs(
  graph: Graph,
  definition: AnalysisDefinition,
  key: PartitionKey,
): VersionInput[] {
  const inputs: VersionInput[] = []
  for (const input of definition.inputs) {
    const { domain } = nodeOf(graph, input.dataset)
    forEachPart(graph, definition.partitioning, input, key, (part) => {
      if (!part.live || part.dataVersion === null) return
      const partition = domain[part.position] as PartitionKey
      const value = part.value === null ? {} : { value: part.value }
      inputs.push({ dataset: input.dataset, partition, ...value, dataVersion: part.dataVersion })
    })
  }
  return inputs
}

function nameOf(input: VersionInput): string {
  return input.value === undefined
    ? `${input.dataset} ${input.partition}`
    : `${input.dataset} ${input.partition} (${input.value})`
}

function cause(kind: Cause['kind'], names: readonly string[], verb: string): Cause | null {
  if (names.length === 0) return null
  const named = names.slice(0, NAMED_AT_MOST).join(', ')
  const more = names.length > NAMED_AT_MOST ? ` and ${names.length - NAMED_AT_MOST} more` : ''
  return { kind, text: `${named}${more} ${names.length > 1 ? verb.replace(/^is /, 'are ') : verb}` }
}
