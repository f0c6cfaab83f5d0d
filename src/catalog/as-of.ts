import { readPointed, type ReadRequest, type ReadSet } from '#catalog/files.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/**
 * What `readSets` answered when `commit` was the tenant's newest. Throws `version-swept` where a file
 * of one of those versions is gone.
 */
export async function readSetsAsOf(
  session: TenantSession,
  requests: readonly ReadRequest[],
  commit: number,
): Promise<ReadSet[]> {
  const sets = await readPointed(session, POINTED_THEN, requests, [commit])
  await assertNotSwept(session, sets)
  return sets.map((set) => ({ ...set, commitNumber: commit }))
}

const POINTED_THEN = `
  SELECT asked.place, p.partition, p.version_id
  FROM jsonb_to_recordset($2) AS asked (place int, dataset text, partitions text[])
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (partition) partition, version_id FROM pointer_move
    WHERE tenant_id = $1 AND environment = 'main' AND dataset = asked.dataset
      AND commit_number <= $3 AND (asked.partitions IS NULL OR partition = ANY (asked.partitions))
    ORDER BY partition, commit_number DESC
  ) AS p`

/** Versions by their numbers: those of a receipt, whatever has been published since. */
export interface VersionRequest {
  readonly dataset: string
  readonly versions: readonly (readonly [PartitionKey, number])[]
}

/** Throws `version-swept` where a version, or a file of one, is gone. */
export async function readSetsOfVersions(
  session: TenantSession,
  requests: readonly VersionRequest[],
  commit: number,
): Promise<ReadSet[]> {
  const sets = await readPointed(session, POINTED_BY_NUMBER, requests)
  const found = sets.reduce((sum, { partitions }) => sum + partitions.length, 0)
  const wanted = requests.reduce((sum, { versions }) => sum + versions.length, 0)
  if (found < wanted) throw sweptError(requests[0]?.dataset ?? '', null)
  await assertNotSwept(session, sets)
  return sets.map((set) => ({ ...set, commitNumber: commit }))
}

const POINTED_BY_NUMBER = `
  SELECT asked.place, pair ->> 0 AS partition, (pair ->> 1)::bigint AS version_id
  FROM jsonb_to_recordset($2) AS asked (place int, dataset text, versions jsonb)
  CROSS JOIN LATERAL jsonb_array_elements(asked.versions) AS pair`

async function assertNotSwept(session: TenantSession, sets: readonly ReadSet[]): Promise<void> {
  const files = new Set(
    sets.flatMap(({ partitions }) => partitions.flatMap((one) => one.files.map(({ id }) => id))),
  )
  if (files.size === 0) return
  const [gone] = await session.query<{ dataset: string; sweptAt: Date }>(
    `SELECT dataset, swept_at AS "sweptAt" FROM file
     WHERE tenant_id = $1 AND id = ANY ($2) AND swept_at IS NOT NULL
     ORDER BY swept_at LIMIT 1`,
    [session.tenant.id, [...files]],
  )
  if (gone) throw sweptError(gone.dataset, gone.sweptAt)
}

function sweptError(dataset: string, sweptAt: Date | null): MillraceError {
  return new MillraceError('version-swept', { dataset, sweptAt: sweptAt?.toISOString() ?? null })
}

/** The newest commit at that moment; null: nothing had been published yet. */
export async function commitAsOf(session: TenantSession, at: Date): Promise<number | null> {
  const [row] = await session.query<{ commit: number | null }>(
    `SELECT commit_number AS commit FROM pointer_move
     WHERE tenant_id = $1 AND at <= $2 ORDER BY at DESC, commit_number DESC LIMIT 1`,
    [session.tenant.id, at],
  )
  return row?.commit ?? null
}

/** When that commit, or the newest one before it that moved a pointer, was made; null: none was. */
export async function commitTime(session: TenantSession, commit: number): Promise<Date | null> {
  const [row] = await session.query<{ at: Date }>(
    `SELECT at FROM pointer_move
     WHERE tenant_id = $1 AND commit_number <= $2 ORDER BY commit_number DESC, at DESC LIMIT 1`,
    [session.tenant.id, commit],
  )
  return row?.at ?? null
}
