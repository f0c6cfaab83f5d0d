import type { Factory } from '#factory/factory.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Access } from '#model/access.ts'
import { fillSelector } from '#model/endpoint-parameter.ts'
import { selects } from '#model/partition-key-selection.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { selectorsOf } from '#model/region.ts'
import { maySeePartition, seenRows } from '#model/seen-rows.ts'
import type { Tenant } from '#model/tenant.ts'
import type { ParameterValues } from '#serving/answers/parameters.ts'
import type { ReadInput } from '#serving/answers/read-inputs.ts'
import type { Completeness } from '#serving/receipt.ts'

/** Which partitions a tenant's datasets are expected to have; by the name of the dataset. */
export type ExpectedPartitions = (
  tenant: Tenant,
  datasets: readonly string[],
  commitNumber: number,
) => Promise<ReadonlyMap<string, readonly PartitionKey[]>>

/** What is expected changes seldom, and finding it reads the whole graph of the tenant. */
const FOR_MS = 60_000
/** After a publish: what it published counts as expected anyway. */
const AFTER_COMMIT_MS = 5_000
const KNOWN_MAX = 5_000

interface Known {
  readonly commitNumber: number
  readonly atMs: number
  readonly partitions: Promise<ReadonlyMap<string, readonly PartitionKey[]>>
}

export function createExpected(parts: {
  readonly factory: Pick<Factory, 'forTenant'>
  readonly clock: Clock
}): ExpectedPartitions {
  const known = new Map<string, Known>()

  async function load(tenant: Tenant, datasets: readonly string[]) {
    const factory = await parts.factory.forTenant(tenant)
    const statuses = await factory.status(tenant, datasets)
    return new Map(
      statuses.map(({ dataset, partitions }) => [
        dataset,
        partitions.map(({ partition }) => partition),
      ]),
    )
  }

  return async (tenant, datasets, commitNumber) => {
    const names = [...new Set(datasets)].toSorted()
    const key = `${tenant.id} ${names.join(' ')}`
    const nowMs = parts.clock.monotonicMs()
    const former = known.get(key)
    const keptMs = former?.commitNumber === commitNumber ? FOR_MS : AFTER_COMMIT_MS
    if (former && nowMs - former.atMs < keptMs) return former.partitions
    const partitions = load(tenant, names)
    known.delete(key)
    known.set(key, { commitNumber, atMs: nowMs, partitions })
    partitions.catch(() => known.delete(key))
    for (const oldest of known.keys()) {
      if (known.size <= KNOWN_MAX) break
      known.delete(oldest)
    }
    return partitions
  }
}

const MISSING_SHOWN = 5

/** Of the partitions that a question covers, as far as whoever asks sees them. */
export function completenessOf(
  inputs: readonly ReadInput[],
  expected: ReadonlyMap<string, readonly PartitionKey[]>,
  values: ParameterValues,
  access: Access,
): Completeness {
  const missing: string[] = []
  let published = 0
  for (const { wanted, partitions } of inputs) {
    const { definition } = wanted
    const { name, partitioning } = definition
    const seen = seenRows(access, name)
    const selection = wanted.partitions && fillSelector(wanted.partitions, (key) => values[key])
    const isWanted =
      selection === null ? () => true : selects(selectorsOf(selection, [definition]), partitioning)
    const read = new Set(partitions.map(({ partition }) => partition))
    published += read.size
    for (const partition of expected.get(name) ?? []) {
      if (read.has(partition) || !isWanted(partition)) continue
      if (seen === null || maySeePartition(definition, seen, partition)) {
        missing.push(`${name} ${partition}`)
      }
    }
  }
  return {
    expected: published + missing.length,
    published,
    missing: missing.slice(0, MISSING_SHOWN),
  }
}
