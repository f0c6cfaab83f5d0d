import { eraseVersions } from '#catalog/erased-versions.ts'
import { requestErasure, stepErasure, takeErasure } from '#catalog/erasures.ts'
import type { Tenant } from '#model/tenant.ts'
import { eraseFromSources } from '#subjects/erase-sources.ts'
import { purgeResults } from '#subjects/erase-results.ts'
import { readersOf, versionsMadeFrom } from '#subjects/made-from.ts'
import { LEASE_MS, type SubjectParts } from '#subjects/parts.ts'

/**
 * Takes everybody whom the tenant's rules name as erased out of whatever is there now, before anybody
 * sees it: after an archive or a backup was restored and `importSubjectRules` has brought the newest
 * rules. Results that come from their rows are no longer published then; the next run computes them.
 * Returns the erasure's id. Done again it finds nothing.
 */
export async function replayErasures(
  subjects: SubjectParts,
  tenant: Tenant,
  { by, signal }: { readonly by: string; readonly signal: AbortSignal },
): Promise<string> {
  const { parts } = subjects
  const { catalog } = parts
  const request = { id: parts.ids.next('era'), kind: null, hash: null, by }
  const { lease, erasure } = await catalog.asTenant(tenant, async (session) => {
    const erasure = await requestErasure(session, request)
    return { erasure, lease: await takeErasure(session, erasure.id, LEASE_MS) }
  })
  await eraseFromSources(parts, lease, erasure, signal)
  await catalog.asTenant(tenant, (session) =>
    stepErasure(session, lease, { state: 'recomputing' }, LEASE_MS),
  )
  const sources = parts.datasets.filter(({ kind }) => kind === 'source').map(({ name }) => name)
  const readers = readersOf(parts.datasets, new Set(sources))
  const made = await versionsMadeFrom(parts, lease, readers)
  const current = made.filter(({ isCurrent }) => isCurrent).map(({ id }) => id)
  await catalog.asTenant(tenant, (session) => eraseVersions(session, lease.id, current))
  await purgeResults(subjects, lease, signal)
  await catalog.asTenant(tenant, (session) =>
    stepErasure(session, lease, { state: 'done' }, LEASE_MS),
  )
  return lease.id
}
