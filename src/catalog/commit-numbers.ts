import type { SystemSession } from '#catalog/session.ts'

/** The newest commit of each of these tenants. */
export async function commitNumbers(
  session: SystemSession,
  tenantIds: readonly number[],
): Promise<Map<number, number>> {
  const rows = await session.query<{ id: number; number: number }>(
    'SELECT id, number FROM commit_numbers($1)',
    [tenantIds],
  )
  return new Map(rows.map(({ id, number }) => [id, number]))
}
