import type { TenantSession } from '#catalog/session.ts'

const ROWS_AT_ONCE = 500

/** Everything that the transaction reads from here on is of one moment. Its first statement. */
export async function beginSnapshot(session: TenantSession): Promise<void> {
  await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await session.query(`SET LOCAL timezone = 'UTC'`)
  await session.query(`SET LOCAL idle_in_transaction_session_timeout = '60s'`)
}

/**
 * The rows of the session's tenant in a table, by its primary key, some at a time: each the text of a
 * JSON object with the columns that are not NULL. Paths of files begin below the tenant's folder.
 */
export async function* tenantRows(
  session: TenantSession,
  table: string,
  columns: readonly string[],
): AsyncGenerator<string[]> {
  await session.query('SELECT archive_read($1, $2)', [table, columns])
  for (;;) {
    const rows = await session.query<{ line: string }>(`FETCH ${ROWS_AT_ONCE} FROM archive`)
    if (rows.length > 0) yield rows.map(({ line }) => line)
    if (rows.length < ROWS_AT_ONCE) break
  }
  await session.query('CLOSE archive')
}

export interface ArchivedMember {
  readonly email: string
  readonly name: string
  readonly role: string
  readonly created_at: string
  /** The tenant's own provider vouches for the address. */
  readonly at_home: boolean
}

/** Members of the session's tenant by address, without those whose account is disabled. */
export async function archivedMembers(session: TenantSession): Promise<ArchivedMember[]> {
  return session.query<ArchivedMember>(
    'SELECT email, name, role, created_at::text, at_home FROM archive_members()',
  )
}

/** The tenant's own row without number and name. */
export async function tenantRow(session: TenantSession): Promise<Record<string, unknown>> {
  const [found] = await session.query<{ row: Record<string, unknown> }>(
    'SELECT archive_tenant() AS row',
  )
  return found?.row ?? {}
}
