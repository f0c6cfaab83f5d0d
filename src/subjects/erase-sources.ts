import {
  eraseVersions,
  replaceVersion,
  storedVersions,
  type StoredVersion,
} from '#catalog/erased-versions.ts'
import { recordErased, stepErasure, type Erasure, type ErasureLease } from '#catalog/erasures.ts'
import { loadRules } from '#catalog/subject-rules.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { subjectColumnsOf, subjectKindsOf, type SubjectRules } from '#model/subject.ts'
import { forgetFixesOf } from '#subjects/forget-fixes.ts'
import { forgetVersion, removeOrphans, type Forgotten } from '#subjects/forget-version.ts'
import { LEASE_MS } from '#subjects/parts.ts'

const PAGE = 100

/**
 * Takes the erased out of every version of every source, current and former, one transaction each. It
 * goes on where it was left, and what was done already is only looked at again. What is published
 * meanwhile was read under the new rules (`assertRules`), so one pass finds all.
 */
export async function eraseFromSources(
  parts: FactoryParts,
  lease: ErasureLease,
  erasure: Erasure,
  signal: AbortSignal,
): Promise<void> {
  const { tenant } = lease
  const kinds = erasure.kind === null ? subjectKindsOf(parts.datasets) : [erasure.kind]
  const rules = await parts.catalog.asTenant(tenant, async (session) => {
    const { rules: all } = await loadRules(session, kinds, 'erased')
    return all && about(all, erasure)
  })
  let read = erasure.proof.versionsRead ?? 0
  let isFirst = true
  for (const source of rules ? sourcesNaming(parts, kinds) : []) {
    if (erasure.atDataset !== null && source.name < erasure.atDataset) continue
    await forgetFixesOf(parts, tenant, source.name, rules as SubjectRules)
    let after = source.name === erasure.atDataset ? erasure.atVersion : 0
    for (;;) {
      const page = { after, limit: PAGE }
      const versions = await parts.catalog.asTenant(tenant, (session) =>
        storedVersions(session, source.name, page),
      )
      for (const version of versions) {
        const request = { lease, source, version, rules: rules as SubjectRules, signal }
        if (isFirst) await removeOrphans(parts, request)
        isFirst = false
        const forgotten = await forgetVersion(parts, request)
        const proof = { versionsRead: ++read }
        const at = { atDataset: source.name, atVersion: version.id, proof }
        await write(parts, lease, source, version, forgotten, at)
        after = version.id
      }
      if (versions.length < PAGE) break
    }
  }
}

function about({ key, rules }: SubjectRules, { hash }: Erasure): SubjectRules {
  return { key, rules: hash === null ? rules : rules.filter((rule) => rule.hash === hash) }
}

/** By name: the order that the progress is written down in. */
function sourcesNaming(parts: FactoryParts, kinds: readonly string[]): SourceDefinition[] {
  return parts.datasets
    .filter((dataset) => dataset.kind === 'source')
    .filter((source) => subjectColumnsOf(source).some(({ kind }) => kinds.includes(kind)))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function write(
  parts: FactoryParts,
  lease: ErasureLease,
  source: SourceDefinition,
  version: StoredVersion,
  forgotten: Forgotten | null,
  at: Parameters<typeof stepErasure>[2],
): Promise<void> {
  const paths = await parts.catalog.asTenant(lease.tenant, async (session) => {
    await stepErasure(session, lease, at, LEASE_MS)
    if (!forgotten) return []
    const { rewritten, rows, quarantined } = forgotten
    const replaced = rewritten !== null && (await replaceVersion(session, lease.id, rewritten))
    const swept = await eraseVersions(session, lease.id, [version.id])
    const counts = replaced
      ? { rows, quarantined, purged: 0 }
      : { rows: 0, quarantined: 0, purged: 1 }
    const place = { dataset: source.name, partition: version.partition, isSource: true }
    await recordErased(session, lease.id, [{ ...place, ...counts }])
    return swept
  })
  // The end of the erasure removes them once more, should this process die here.
  if (paths.length > 0) await parts.lake.remove(paths)
}
