import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { actionDigest, type Fix, type FixAction } from '#model/mend.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface NewFix {
  readonly record: string
  readonly line: number
  readonly reason: string
  readonly action: FixAction | { readonly kind: 'withdraw' }
}

export interface FixRow {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly record: string
  readonly state: 'pending' | 'applied'
  readonly line: number
  readonly reason: string
  /** Null: it spoke of somebody who is erased. */
  readonly action: FixAction | { readonly kind: 'withdraw' } | null
  readonly createdAt: Date
  readonly createdBy: string
  readonly appliedAt: Date | null
  /** Of a row that was sent: that of the replay that did it. */
  readonly acknowledgement: string | null
}

/** Writes fixes down, pending; a pending one of the same record is replaced. */
export async function putFixes(
  session: TenantSession,
  place: { readonly dataset: string; readonly partition: PartitionKey; readonly by: string },
  fixes: readonly NewFix[],
): Promise<void> {
  await session.query(
    `INSERT INTO fix (tenant_id, dataset, partition, record, line, reason, action, digest, created_by)
     SELECT $1, $2, $3, f.record, f.line, f.reason, f.action, f.digest, $4
     FROM jsonb_to_recordset($5) AS f (record text, line bigint, reason text, action jsonb, digest text)
     ON CONFLICT (tenant_id, dataset, partition, record, state) DO UPDATE
     SET line = excluded.line, reason = excluded.reason, action = excluded.action,
       digest = excluded.digest, created_by = excluded.created_by, created_at = millrace_now()`,
    [
      session.tenant.id,
      place.dataset,
      place.partition,
      place.by,
      toJson(fixes.map((fix) => ({ ...fix, digest: actionDigest(fix.action) }))),
    ],
  )
}

/** After that place, in the order of the key. `partitions` null: all. */
export async function listFixes(
  session: TenantSession,
  asked: {
    readonly dataset: string | null
    readonly state: FixRow['state'] | null
    readonly after: readonly [string, string, string, string] | null
    readonly limit: number
  },
): Promise<FixRow[]> {
  const [dataset, partition, record, state] = asked.after ?? ['', '', '', '']
  return session.query<FixRow>(
    `SELECT dataset, partition, record, state, line, reason, action, created_at AS "createdAt",
       created_by AS "createdBy", applied_at AS "appliedAt", acknowledgement
     FROM fix
     WHERE tenant_id = $1 AND (dataset, partition, record, state) > ($2, $3, $4, $5)
       AND ($6::text IS NULL OR dataset = $6) AND ($7::text IS NULL OR state = $7)
     ORDER BY dataset, partition, record, state LIMIT $8`,
    [session.tenant.id, dataset, partition, record, state, asked.dataset, asked.state, asked.limit],
  )
}

/** Fixes of these records that are applied: the records are no longer held back by themselves. */
export async function appliedFixes(
  session: TenantSession,
  place: { readonly dataset: string; readonly partition: PartitionKey },
  records: readonly string[],
): Promise<{ record: string; line: number; reason: string }[]> {
  return session.query(
    `SELECT record, line, reason FROM fix
     WHERE tenant_id = $1 AND dataset = $2 AND partition = $3 AND record = ANY ($4)
       AND state = 'applied'`,
    [session.tenant.id, place.dataset, place.partition, records],
  )
}

/** Takes pending fixes of these records away, and asks for the end of applied ones. Returns the records. */
export async function withdrawFixes(
  session: TenantSession,
  place: { readonly dataset: string; readonly partition: PartitionKey; readonly by: string },
  records: readonly string[],
): Promise<string[]> {
  const gone = await session.query<{ record: string }>(
    `DELETE FROM fix WHERE tenant_id = $1 AND dataset = $2 AND partition = $3
       AND record = ANY ($4) AND state = 'pending' RETURNING record`,
    [session.tenant.id, place.dataset, place.partition, records],
  )
  const applied = await appliedFixes(session, place, records)
  const action = { kind: 'withdraw' } as const
  await putFixes(session, place, applied.map((fix) => ({ ...fix, action }))) // prettier-ignore
  return [...new Set([...gone, ...applied].map(({ record }) => record))].toSorted()
}

/** Partitions with fixes that are not applied yet, by key. */
export async function pendingPartitions(
  session: TenantSession,
  dataset: string,
): Promise<{ partition: PartitionKey; fixes: number }[]> {
  return session.query(
    `SELECT partition, count(*) AS fixes FROM fix
     WHERE tenant_id = $1 AND dataset = $2 AND state = 'pending' GROUP BY partition ORDER BY partition`,
    [session.tenant.id, dataset],
  )
}

/** What is pending in these partitions takes its place. Returns how many fixes that were. */
export async function applyFixes(
  session: TenantSession,
  dataset: string,
  partitions: readonly PartitionKey[],
): Promise<number> {
  const place = [session.tenant.id, dataset, partitions]
  await session.query(
    `DELETE FROM fix a USING fix p
     WHERE a.tenant_id = $1 AND a.dataset = $2 AND a.partition = ANY ($3) AND a.state = 'applied'
       AND p.tenant_id = $1 AND p.dataset = $2 AND p.partition = a.partition
       AND p.record = a.record AND p.state = 'pending'`,
    place,
  )
  const withdrawn = await session.query(
    `DELETE FROM fix WHERE tenant_id = $1 AND dataset = $2 AND partition = ANY ($3)
       AND state = 'pending' AND action ->> 'kind' = 'withdraw' RETURNING record`,
    place,
  )
  const applied = await session.query(
    `UPDATE fix SET state = 'applied', applied_at = millrace_now()
     WHERE tenant_id = $1 AND dataset = $2 AND partition = ANY ($3) AND state = 'pending'
     RETURNING record`,
    place,
  )
  return withdrawn.length + applied.length
}

/** Fixes that a partition is read with; `pending`: as if those that wait were applied. */
export async function fixesOf(
  session: TenantSession,
  dataset: string,
  partition: PartitionKey,
  pending: boolean,
): Promise<Fix[]> {
  const rows = await session.query<{ record: string; action: Fix['action'] | null }>(
    `SELECT DISTINCT ON (record) record, action FROM fix
     WHERE tenant_id = $1 AND dataset = $2 AND partition = $3 AND (state = 'applied' OR $4)
     ORDER BY record, state DESC`,
    [session.tenant.id, dataset, partition, pending],
  )
  return rows.flatMap(({ record, action }) =>
    action === null || (action as { kind: string }).kind === 'withdraw' ? [] : [{ record, action }],
  )
}

/** Of each partition that is read with fixes: which they are, as `MendNames` wants it. */
export async function fixNames(
  session: TenantSession,
  dataset: string,
): Promise<Map<PartitionKey, string>> {
  const rows = await session.query<{ partition: PartitionKey; names: string }>(
    `SELECT partition, string_agg(record || digest, ',' ORDER BY record) AS names FROM fix
     WHERE tenant_id = $1 AND dataset = $2 AND state = 'applied' GROUP BY partition`,
    [session.tenant.id, dataset],
  )
  return new Map(rows.map(({ partition, names }) => [partition, names]))
}

/** Fixes whose words may be about somebody, a page at a time in the order of the key. */
export async function fixWords(
  session: TenantSession,
  dataset: string,
  after: readonly [string, string, string],
  limit: number,
): Promise<{ partition: string; record: string; state: string; action: FixAction }[]> {
  return session.query(
    `SELECT partition, record, state, action FROM fix
     WHERE tenant_id = $1 AND dataset = $2 AND (partition, record, state) > ($3, $4, $5)
       AND action IS NOT NULL
     ORDER BY partition, record, state LIMIT $6`,
    [session.tenant.id, dataset, ...after, limit],
  )
}

/** Takes their words away; that there was a fix stays. */
export async function forgetFixes(
  session: TenantSession,
  dataset: string,
  fixes: readonly { partition: string; record: string; state: string }[],
): Promise<void> {
  await session.query(
    `UPDATE fix f SET action = NULL
     FROM jsonb_to_recordset($3) AS g (partition text, record text, state text)
     WHERE f.tenant_id = $1 AND f.dataset = $2 AND f.partition = g.partition
       AND f.record = g.record AND f.state = g.state`,
    [session.tenant.id, dataset, toJson(fixes)],
  )
}
