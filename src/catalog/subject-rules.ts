import type { Publication } from '#catalog/publish.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { keyedHash } from '#kernel/keyed-hash.ts'
import type { Random } from '#kernel/random.ts'
import type { SubjectRule, SubjectRules, SubjectRuleState } from '#model/subject.ts'

/** The tenant's key of hashes; made when it is first needed. */
export async function subjectKey(session: TenantSession, random: Random): Promise<Buffer> {
  const { key } = await keyOf(session)
  if (key) return key
  await session.query(
    'INSERT INTO subject_key (tenant_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [session.tenant.id, Buffer.from(random.bytes(32))],
  )
  return (await keyOf(session)).key as Buffer
}

/** Null where the tenant has no rules, and so no key. */
export async function subjectHash(
  session: TenantSession,
  kind: string,
  value: string,
): Promise<string | null> {
  const { key } = await keyOf(session)
  return key && keyedHash(key, kind, value)
}

export interface NumberedRules {
  /** For `assertRules`; null: no rule can be about what is read. */
  readonly number: number | null
  /** Null: no rule is about one of these kinds. */
  readonly rules: SubjectRules | null
}

/** The rules for some kinds, with the number under which what is read by them may be published. */
export async function loadRules(
  session: TenantSession,
  kinds: readonly string[],
  state?: SubjectRuleState,
): Promise<NumberedRules> {
  if (kinds.length === 0) return { number: null, rules: null }
  const { number, key } = await keyOf(session)
  if (!key) return { number, rules: null }
  const rules = await session.query<SubjectRule>(
    `SELECT kind, hash, state, bytes FROM subject_rule
     WHERE tenant_id = $1 AND kind = ANY ($2) AND ($3::text IS NULL OR state = $3)
     ORDER BY kind, hash`,
    [session.tenant.id, kinds, state ?? null],
  )
  return { number, rules: rules.length === 0 ? null : { key: key.toString('hex'), rules } }
}

/**
 * In the transaction of a publish, after it: throws `subjects-changed` where a rule has come since
 * the rules were loaded. The tenant's row lock, which a publish holds, orders rules and publishes.
 */
export async function assertRules(
  session: TenantSession,
  { commitNumber }: Publication,
  number: number | null,
): Promise<void> {
  if (number === null) return
  if (commitNumber === null) await lockTenant(session)
  if ((await keyOf(session)).number !== number) throw new MillraceError('subjects-changed')
}

/**
 * Throws `subjects-changed` where rows were erased from one of the versions that something is computed
 * from. In the transaction of its publish, after it, nothing can come between.
 */
export async function assertNotErased(
  session: TenantSession,
  versionIds: readonly number[],
  published?: Publication,
): Promise<void> {
  if (published?.commitNumber === null) await lockTenant(session)
  const [erased] = await session.query(
    `SELECT FROM version
     WHERE tenant_id = $1 AND id = ANY ($2) AND erased_by IS NOT NULL
       AND EXISTS (SELECT FROM subject_key WHERE tenant_id = $1)
     LIMIT 1`,
    [session.tenant.id, versionIds],
  )
  if (erased) throw new MillraceError('subjects-changed')
}

/** Sets a rule. What is erased stays so: throws `subject-erased` where the collection is to go off. */
export async function setRule(
  session: TenantSession,
  random: Random,
  rule: { readonly kind: string; readonly value: string; readonly state: SubjectRuleState },
): Promise<string> {
  const { kind, value, state } = rule
  await lockTenant(session)
  const bytes = Buffer.from(value)
  const hash = keyedHash(await subjectKey(session, random), kind, bytes)
  await refuseErased(session, kind, hash, state)
  await session.query(
    `INSERT INTO subject_rule (tenant_id, kind, hash, state, bytes, value)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (tenant_id, kind, hash) DO UPDATE
     SET state = excluded.state, value = excluded.value, since = millrace_now()
     WHERE subject_rule.state <> excluded.state`,
    [session.tenant.id, kind, hash, state, bytes.length, state === 'off' ? bytes : null],
  )
  await raiseNumber(session)
  return hash
}

/** The collection goes on again; returns whether it was off. Throws `subject-erased`. */
export async function clearRule(
  session: TenantSession,
  kind: string,
  value: string,
): Promise<boolean> {
  await lockTenant(session)
  const hash = await subjectHash(session, kind, value)
  if (hash === null) return false
  await refuseErased(session, kind, hash, 'off')
  const gone = await session.query(
    `DELETE FROM subject_rule WHERE tenant_id = $1 AND kind = $2 AND hash = $3 RETURNING hash`,
    [session.tenant.id, kind, hash],
  )
  if (gone.length > 0) await raiseNumber(session)
  return gone.length > 0
}

export interface KnownRule {
  readonly hash: string
  readonly state: SubjectRuleState
  readonly since: Date
}

/** Rules about these values, by value. */
export async function rulesOf(
  session: TenantSession,
  kind: string,
  values: readonly string[],
): Promise<Map<string, KnownRule>> {
  const { key } = await keyOf(session)
  if (!key || values.length === 0) return new Map()
  const hashes = new Map(values.map((value) => [keyedHash(key, kind, value), value]))
  const rows = await session.query<KnownRule>(
    `SELECT hash, state, since FROM subject_rule
     WHERE tenant_id = $1 AND kind = $2 AND hash = ANY ($3)`,
    [session.tenant.id, kind, [...hashes.keys()]],
  )
  return new Map(rows.map((row) => [hashes.get(row.hash) as string, row]))
}

/** Values of one kind whose collection is off, in the order of their bytes. */
export async function valuesOff(
  session: TenantSession,
  kind: string,
  page: { readonly prefix: string; readonly after: string | null; readonly limit: number },
): Promise<string[]> {
  const rows = await session.query<{ value: Buffer }>(
    `SELECT value FROM subject_rule
     WHERE tenant_id = $1 AND kind = $2 AND state = 'off'
       AND substring(value FROM 1 FOR octet_length($3::bytea)) = $3
       AND ($4::bytea IS NULL OR value > $4)
     ORDER BY value LIMIT $5`,
    [
      session.tenant.id,
      kind,
      Buffer.from(page.prefix),
      page.after === null ? null : Buffer.from(page.after),
      page.limit,
    ],
  )
  return rows.map(({ value }) => value.toString())
}

/** Shorter values stand in texts by chance. */
const REDACTED_LENGTH_MIN = 4

/** Takes the value out of what logs and errors of the tenant quote. */
export async function redactSubject(session: TenantSession, value: string): Promise<void> {
  if (value.length < REDACTED_LENGTH_MIN || value.includes('\0')) return
  await session.query('SELECT subject_redact($1)', [value])
}

/** Whoever looks one subject up leaves a row in the audit log, as if something were changed. */
export async function noteLookUp(session: TenantSession): Promise<void> {
  await session.query('SELECT pg_current_xact_id()')
}

async function refuseErased(
  session: TenantSession,
  kind: string,
  hash: string,
  state: SubjectRuleState,
): Promise<void> {
  if (state === 'erased') return
  const [erased] = await session.query(
    `SELECT FROM subject_rule WHERE tenant_id = $1 AND kind = $2 AND hash = $3 AND state = 'erased'`,
    [session.tenant.id, kind, hash],
  )
  if (erased) throw new MillraceError('subject-erased', { kind })
}

async function raiseNumber(session: TenantSession): Promise<void> {
  await session.query('UPDATE subject_key SET number = number + 1 WHERE tenant_id = $1', [
    session.tenant.id,
  ])
}

async function lockTenant(session: TenantSession): Promise<void> {
  await session.query('SELECT FROM tenant WHERE id = $1 FOR UPDATE', [session.tenant.id])
}

async function keyOf(
  session: TenantSession,
): Promise<{ readonly number: number; readonly key: Buffer | null }> {
  const [row] = await session.query<{ number: number; key: Buffer }>(
    'SELECT number, key FROM subject_key WHERE tenant_id = $1',
    [session.tenant.id],
  )
  return row ?? { number: 0, key: null }
}
