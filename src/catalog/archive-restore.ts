import { toJson } from '#catalog/json.ts'
import type { SystemSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

/** A tenant that is being brought back; `number` fences a process that was taken for dead. */
export interface RestoreDraft {
  readonly slug: string
  readonly tenantId: number
  readonly number: number
  /** A former try has left rows behind. */
  readonly isLeftOver: boolean
}

/** As every tenant is named; the draft of one has a name that is none. */
const SLUG = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/**
 * Nothing finds the tenant before `finishRestore`. Throws `tenant-slug-invalid`, `tenant-exists`,
 * `tenant-gone`, `restore-under-way`.
 */
export async function beginRestore(
  session: SystemSession,
  slug: string,
  by: string,
  leaseMs: number,
): Promise<RestoreDraft> {
  if (!SLUG.test(slug)) throw new MillraceError('tenant-slug-invalid', { tenant: slug })
  const [row] = await session.query<{
    outcome: 'begun' | 'again' | 'busy' | 'exists' | 'deleted'
    tenantId: number
    number: number
  }>('SELECT outcome, draft_id AS "tenantId", number FROM restore_begin($1, $2, $3)', [
    slug,
    by,
    leaseMs,
  ])
  const { outcome = 'busy', tenantId = 0, number = 0 } = row ?? {}
  if (outcome === 'busy') throw new MillraceError('restore-under-way', { tenant: slug })
  if (outcome === 'exists') throw new MillraceError('tenant-exists', { tenant: slug })
  if (outcome === 'deleted') throw new MillraceError('tenant-gone', { tenant: slug })
  return { slug, tenantId, number, isLeftOver: outcome === 'again' }
}

/** With 0 ms it is let go of, for the next who tries. False: another process has taken over. */
export async function keepRestore(
  session: SystemSession,
  { slug, number }: RestoreDraft,
  leaseMs: number,
): Promise<boolean> {
  const [row] = await session.query<{ ours: boolean }>('SELECT restore_keep($1, $2, $3) AS ours', [
    slug,
    number,
    leaseMs,
  ])
  return row?.ours ?? false
}

/** One that nobody has gone on with for `idleMs`; null: there is none. */
export async function takeLapsedRestore(
  session: SystemSession,
  idleMs: number,
  leaseMs: number,
): Promise<RestoreDraft | null> {
  const [row] = await session.query<{ slug: string; tenantId: number; number: number }>(
    'SELECT slug, draft_id AS "tenantId", number FROM restore_lapsed($1, $2)',
    [idleMs, leaseMs],
  )
  return row ? { ...row, isLeftOver: true } : null
}

/** Gives it up, once its rows have been removed: the name is free again. */
export async function abandonRestore(
  session: SystemSession,
  { slug, number }: RestoreDraft,
): Promise<void> {
  await session.query('SELECT restore_abandon($1, $2)', [slug, number])
}

/** Columns of a list that rows of the table cannot bring. */
export async function unknownColumns(
  session: SystemSession,
  table: string,
  columns: readonly string[],
): Promise<string[]> {
  const [row] = await session.query<{ unknown: string[] }>(
    'SELECT archive_unknown_columns($1, $2) AS unknown',
    [table, columns],
  )
  return row?.unknown ?? []
}

/** `lines`: as `tenantRows` gave them. False: another process has taken over. */
export async function restoreRows(
  session: SystemSession,
  { slug, number }: RestoreDraft,
  table: string,
  columns: readonly string[],
  lines: readonly string[],
): Promise<boolean> {
  const [row] = await session.query<{ rows: number | null }>(
    'SELECT restore_rows($1, $2, $3, $4, $5) AS rows',
    [slug, number, table, columns, `[${lines.join(',')}]`],
  )
  return row?.rows != null
}

export interface RestoredMember {
  /** Of a new account, where the address has none. */
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly created_at: string
}

/** False: another process has taken over. */
export async function restoreMembers(
  session: SystemSession,
  { slug, number }: RestoreDraft,
  members: readonly RestoredMember[],
): Promise<boolean> {
  const [row] = await session.query<{ rows: number | null }>(
    'SELECT restore_members($1, $2, $3) AS rows',
    [slug, number, toJson(members)],
  )
  return row?.rows != null
}

/**
 * Brings the rules about erased subjects up to date, where the tenant that the archive is of is here.
 * Returns how many subjects are erased; null: another process has taken over.
 */
export async function restoreErased(
  session: SystemSession,
  { slug, number }: RestoreDraft,
): Promise<number | null> {
  const [row] = await session.query<{ erased: number | null }>(
    'SELECT restore_erased($1, $2) AS erased',
    [slug, number],
  )
  return row?.erased ?? null
}

/** Makes it visible, with this step in its audit log. False: another process has taken over. */
export async function finishRestore(
  session: SystemSession,
  { slug, number }: RestoreDraft,
  tenantRow: Readonly<Record<string, unknown>>,
  about: { readonly actor: string; readonly detail: string },
): Promise<boolean> {
  const [row] = await session.query<{ done: boolean }>(
    'SELECT restore_finish($1, $2, $3, $4, $5) AS done',
    [slug, number, toJson(tenantRow), about.actor, about.detail],
  )
  return row?.done ?? false
}
