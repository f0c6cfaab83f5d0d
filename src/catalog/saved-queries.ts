import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { EndpointInput, EndpointParameter } from '#model/endpoint.ts'

/** SQL that is kept under a name, ready to be run. */
export interface SavedQuery {
  readonly name: string
  readonly description: string
  readonly sql: string
  readonly parameters: readonly EndpointParameter[]
  readonly inputs: readonly EndpointInput[]
  /** Of whoever wrote the text last: where it runs, whoever asks for it. */
  readonly trust: 'company' | 'customer'
  readonly createdBy: string
  readonly createdAt: Date
  readonly changedBy: string
  readonly changedAt: Date
}

/** Of one tenant. */
export const SAVED_QUERIES_MAX = 1000

const COLUMNS = `name, description, sql, parameters, inputs, trust, created_by AS "createdBy",
  created_at AS "createdAt", changed_by AS "changedBy", changed_at AS "changedAt"`

type Written = Omit<SavedQuery, 'createdBy' | 'createdAt' | 'changedBy' | 'changedAt'>

/** Throws `saved-query-exists`, `saved-queries-too-many`. */
export async function createSavedQuery(
  session: TenantSession,
  query: Written,
  by: string,
): Promise<SavedQuery> {
  const { id } = session.tenant
  const [count] = await session.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM saved_query WHERE tenant_id = $1',
    [id],
  )
  if ((count?.count ?? 0) >= SAVED_QUERIES_MAX) {
    throw new MillraceError('saved-queries-too-many', { max: SAVED_QUERIES_MAX })
  }
  const { name, description, sql, parameters, inputs, trust } = query
  const [row] = await session.query<SavedQuery>(
    `INSERT INTO saved_query
       (tenant_id, name, description, sql, parameters, inputs, trust, created_by, changed_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${COLUMNS}`,
    [id, name, description, sql, JSON.stringify(parameters), JSON.stringify(inputs), trust, by],
  )
  if (row) return row
  throw new MillraceError('saved-query-exists', { query: name })
}

/** Throws `saved-query-unknown`. */
export async function changeSavedQuery(
  session: TenantSession,
  query: Written,
  by: string,
): Promise<SavedQuery> {
  const { name, description, sql, parameters, inputs, trust } = query
  const [row] = await session.query<SavedQuery>(
    `UPDATE saved_query SET description = $3, sql = $4, parameters = $5, inputs = $6, trust = $7,
       changed_by = $8, changed_at = millrace_now()
     WHERE tenant_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
    [
      session.tenant.id,
      name,
      description,
      sql,
      JSON.stringify(parameters),
      JSON.stringify(inputs),
      trust,
      by,
    ],
  )
  return row ?? unknown(name)
}

/** Throws `saved-query-unknown`. */
export async function getSavedQuery(session: TenantSession, name: string): Promise<SavedQuery> {
  const [row] = await session.query<SavedQuery>(
    `SELECT ${COLUMNS} FROM saved_query WHERE tenant_id = $1 AND name = $2`,
    [session.tenant.id, name],
  )
  return row ?? unknown(name)
}

/** By name, at most `limit` behind `after`. */
export async function listSavedQueries(
  session: TenantSession,
  { limit, after }: { readonly limit: number; readonly after: string | null },
): Promise<SavedQuery[]> {
  return session.query<SavedQuery>(
    `SELECT ${COLUMNS} FROM saved_query
     WHERE tenant_id = $1 AND ($2::text IS NULL OR name > $2 COLLATE "C") ORDER BY name LIMIT $3`,
    [session.tenant.id, after, limit],
  )
}

/** Throws `saved-query-unknown`. */
export async function removeSavedQuery(session: TenantSession, name: string): Promise<void> {
  const rows = await session.query(
    'DELETE FROM saved_query WHERE tenant_id = $1 AND name = $2 RETURNING name',
    [session.tenant.id, name],
  )
  if (rows.length === 0) unknown(name)
}

function unknown(name: string): never {
  throw new MillraceError('saved-query-unknown', { query: name })
}
