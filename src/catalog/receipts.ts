import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** Versions by dataset, in the order of the partitions. */
export type StoredVersions = readonly (readonly [
  string,
  readonly (readonly [PartitionKey, number])[],
])[]

/** A receipt as the catalog keeps it; question and completeness are JSON. */
export interface StoredReceipt {
  readonly id: string
  readonly question: unknown
  readonly commitNumber: number
  readonly asOf: Date
  readonly completeness: unknown
  readonly versions: StoredVersions
}

/** Once for each: whoever comes second changes nothing. `hash` is that of the versions. */
export async function insertReceipt(
  session: TenantSession,
  { id, question, commitNumber, asOf, completeness, versions }: StoredReceipt,
  hash: string,
): Promise<void> {
  await session.query(
    `WITH shared AS (
       INSERT INTO receipt_versions (tenant_id, hash, versions) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING
     )
     INSERT INTO receipt (tenant_id, id, question, commit_number, as_of, completeness, versions_hash)
     VALUES ($1, $4, $5, $6, $7, $8, $2)
     ON CONFLICT DO NOTHING`,
    [
      session.tenant.id,
      hash,
      toJson(versions),
      id,
      toJson(question),
      commitNumber,
      asOf,
      toJson(completeness),
    ],
  )
}

export async function findReceipt(
  session: TenantSession,
  id: string,
): Promise<(StoredReceipt & { readonly createdAt: Date }) | null> {
  const [row] = await session.query<StoredReceipt & { createdAt: Date }>(
    `SELECT r.id, r.question, r.commit_number AS "commitNumber", r.as_of AS "asOf", r.completeness,
       v.versions, r.created_at AS "createdAt"
     FROM receipt r
     JOIN receipt_versions v ON v.tenant_id = $1 AND v.hash = r.versions_hash
     WHERE r.tenant_id = $1 AND r.id = $2`,
    [session.tenant.id, id],
  )
  return row ?? null
}

export interface ReceiptRow {
  readonly id: string
  readonly question: unknown
  readonly commitNumber: number
  readonly createdAt: Date
}

/** Newest first, from the one behind `before` on. */
export async function listReceipts(
  session: TenantSession,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<ReceiptRow[]> {
  return session.query<ReceiptRow>(
    `SELECT id, question, commit_number AS "commitNumber", created_at AS "createdAt"
     FROM receipt
     WHERE tenant_id = $1 AND ($2::text IS NULL OR (created_at, id) < (
       SELECT created_at, id FROM receipt WHERE tenant_id = $1 AND id = $2))
     ORDER BY created_at DESC, id DESC LIMIT $3`,
    [session.tenant.id, before ?? null, limit],
  )
}

/** Forgets receipts that are older, and moves of pointers that were overtaken before; how many receipts. */
export async function sweepReceipts(session: TenantSession, keepDays: number): Promise<number> {
  const [row] = await session.query<{ swept: number }>('SELECT receipts_sweep($1) AS swept', [
    keepDays,
  ])
  return row?.swept ?? 0
}
