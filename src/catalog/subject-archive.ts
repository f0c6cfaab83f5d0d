import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { SubjectRule } from '#model/subject.ts'

/** What travels with an archive of a tenant, so that whoever was erased does not come back with it. */
export interface SubjectArchive {
  readonly key: string
  /** Of subjects whose collection is off: the value, in base64. */
  readonly rules: readonly (SubjectRule & { readonly value: string | null })[]
}

/** Null where the tenant has no rules. */
export async function exportSubjectRules(session: TenantSession): Promise<SubjectArchive | null> {
  const [known] = await session.query<{ key: Buffer }>(
    'SELECT key FROM subject_key WHERE tenant_id = $1',
    [session.tenant.id],
  )
  if (!known) return null
  const rules = await session.query<SubjectArchive['rules'][number]>(
    `SELECT kind, hash, state, bytes, encode(value, 'base64') AS value FROM subject_rule
     WHERE tenant_id = $1 ORDER BY kind, hash`,
    [session.tenant.id],
  )
  return { key: known.key.toString('hex'), rules }
}

/**
 * Into a tenant that has no rules of its own yet; to be followed by `replayErasures` before anybody
 * sees the data. The archive may be older than an erasure: hand over the newest rules that there are.
 */
export async function importSubjectRules(
  session: TenantSession,
  { key, rules }: SubjectArchive,
): Promise<void> {
  await session.query(
    `INSERT INTO subject_key (tenant_id, key, number) VALUES ($1, $2, 1)
     ON CONFLICT (tenant_id) DO UPDATE SET key = excluded.key, number = subject_key.number + 1`,
    [session.tenant.id, Buffer.from(key, 'hex')],
  )
  await session.query(
    `INSERT INTO subject_rule (tenant_id, kind, hash, state, bytes, value)
     SELECT $1, r.kind, r.hash, r.state, r.bytes, decode(r.value, 'base64')
     FROM jsonb_to_recordset($2) AS r (kind text, hash text, state text, bytes int, value text)
     ON CONFLICT DO NOTHING`,
    [session.tenant.id, toJson(rules)],
  )
}
