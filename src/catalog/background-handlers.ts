import type { TenantSession } from '#catalog/session.ts'

/** An address of another service that carries out tasks of a name. */
export interface CallHandler {
  readonly name: string
  readonly url: string
  /** Longest answer to one request. */
  readonly timeoutMs: number
  readonly createdAt: Date
  readonly changedAt: Date
}

const COLUMNS = `name, url, timeout_ms AS "timeoutMs", created_at AS "createdAt",
  changed_at AS "changedAt"`

/**
 * Registers the address for a name, or changes it; a null secret (sealed) keeps the one that is
 * there. False when there is none to keep, and nothing was changed.
 */
export async function setCallHandler(
  session: TenantSession,
  handler: { readonly name: string; readonly url: string; readonly timeoutMs: number },
  secret: string | null,
): Promise<boolean> {
  const rows = await session.query(
    secret === null
      ? `UPDATE call_handler SET url = $3, timeout_ms = $4, changed_at = millrace_now()
         WHERE tenant_id = $1 AND name = $2 RETURNING name`
      : `INSERT INTO call_handler AS h (tenant_id, name, url, timeout_ms, secret)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, name) DO UPDATE
         SET url = $3, timeout_ms = $4, secret = $5, changed_at = millrace_now() RETURNING name`,
    [
      session.tenant.id,
      handler.name,
      handler.url,
      handler.timeoutMs,
      ...(secret === null ? [] : [secret]),
    ],
  )
  return rows.length > 0
}

/** False when there was none. Tasks that are posted from now on wait for whoever leases them. */
export async function removeCallHandler(session: TenantSession, name: string): Promise<boolean> {
  const rows = await session.query(
    'DELETE FROM call_handler WHERE tenant_id = $1 AND name = $2 RETURNING name',
    [session.tenant.id, name],
  )
  return rows.length > 0
}

/** By name. */
export async function listCallHandlers(session: TenantSession): Promise<CallHandler[]> {
  return session.query<CallHandler>(
    `SELECT ${COLUMNS} FROM call_handler WHERE tenant_id = $1 ORDER BY name`,
    [session.tenant.id],
  )
}

/** With the sealed secret, for whoever calls; null when there is none of that name. */
export async function getCallHandler(
  session: TenantSession,
  name: string,
): Promise<(CallHandler & { readonly secret: string }) | null> {
  const [row] = await session.query<CallHandler & { secret: string }>(
    `SELECT ${COLUMNS}, secret FROM call_handler WHERE tenant_id = $1 AND name = $2`,
    [session.tenant.id, name],
  )
  return row ?? null
}

/** Of these names, those that an address carries out. */
export async function calledNames(
  session: TenantSession,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set()
  const rows = await session.query<{ name: string }>(
    'SELECT name FROM call_handler WHERE tenant_id = $1 AND name = ANY ($2)',
    [session.tenant.id, names],
  )
  return new Set(rows.map(({ name }) => name))
}

/** The sealed secret that signs the tenant's callbacks; null: it has none yet. */
export async function callbackSecret(
  session: TenantSession,
): Promise<{ readonly secret: string; readonly shownAt: Date | null } | null> {
  const [row] = await session.query<{ secret: string; shownAt: Date | null }>(
    'SELECT secret, shown_at AS "shownAt" FROM callback_secret WHERE tenant_id = $1',
    [session.tenant.id],
  )
  return row ?? null
}

/** Makes it the tenant's where there is none, or in place of the one that there is. */
export async function setCallbackSecret(
  session: TenantSession,
  sealed: string,
  former: 'keep' | 'replace',
): Promise<void> {
  await session.query(
    `INSERT INTO callback_secret (tenant_id, secret) VALUES ($1, $2)
     ON CONFLICT (tenant_id) DO ${
       former === 'keep' ? 'NOTHING' : 'UPDATE SET secret = $2, shown_at = NULL'
     }`,
    [session.tenant.id, sealed],
  )
}

/** True for one caller, who shows it; false for everybody after. */
export async function takeCallbackSecret(session: TenantSession): Promise<boolean> {
  const rows = await session.query(
    `UPDATE callback_secret SET shown_at = millrace_now()
     WHERE tenant_id = $1 AND shown_at IS NULL RETURNING tenant_id`,
    [session.tenant.id],
  )
  return rows.length > 0
}
