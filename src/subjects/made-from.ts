import { madeVersions, type MadeVersion } from '#catalog/erased-versions.ts'
import { erasedPartitions, type ErasureLease } from '#catalog/erasures.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { DatasetDefinition } from '#model/definition.ts'

/** A version that was computed, directly or not, from a partition that held erased rows. */
export interface TouchedVersion extends MadeVersion {
  readonly dataset: string
}

const PAGE = 1_000

/**
 * Versions whose inputs lead back to partitions that held erased rows. It goes by partitions, so it
 * names more than it must (a day of a month without the subject), never less.
 */
export async function versionsMadeFrom(
  parts: FactoryParts,
  lease: ErasureLease,
  datasets: readonly string[],
): Promise<TouchedVersion[]> {
  const erased = await parts.catalog.asTenant(lease.tenant, (session) =>
    erasedPartitions(session, lease.id),
  )
  const touched = new Set(erased.map(({ dataset, partition }) => `${dataset} ${partition}`))
  if (touched.size === 0) return []
  const versions: TouchedVersion[] = []
  for (const dataset of datasets) versions.push(...(await load(parts, lease, dataset)))
  const found = new Set<TouchedVersion>()
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const version of versions) {
      if (found.has(version) || !version.inputs.some((input) => touched.has(input))) continue
      found.add(version)
      touched.add(`${version.dataset} ${version.partition}`)
    }
  }
  return [...found]
}

async function load(
  parts: FactoryParts,
  lease: ErasureLease,
  dataset: string,
): Promise<TouchedVersion[]> {
  const versions: TouchedVersion[] = []
  for (let after = 0; ;) {
    const page = await parts.catalog.asTenant(lease.tenant, (session) =>
      madeVersions(session, dataset, lease.id, { after, limit: PAGE }),
    )
    versions.push(...page.map((version) => ({ ...version, dataset })))
    if (page.length < PAGE) return versions
    after = page.at(-1)?.id ?? after
  }
}

/** Datasets that read one of these, directly or not, in the order in which they are computed. */
export function readersOf(
  datasets: readonly DatasetDefinition[],
  names: ReadonlySet<string>,
): string[] {
  const reached = new Set(names)
  const readers: string[] = []
  for (const dataset of datasets) {
    if (dataset.kind === 'source') continue
    if (!dataset.inputs.some((input) => reached.has(input.dataset))) continue
    reached.add(dataset.name)
    readers.push(dataset.name)
  }
  return readers
}
