import type { SystemSession } from '#catalog/session.ts'

/**
 * Ends deliveries whose time is over, and forgets what ended longer ago; at most `max` of each.
 * Returns paths of files that nobody wants any more: no row names them by now.
 */
export async function sweepDeliveries(
  session: SystemSession,
  keepMs: number,
  max: number,
): Promise<string[]> {
  const rows = await session.query<{ path: string }>('SELECT path FROM deliveries_sweep($1, $2)', [
    keepMs,
    max,
  ])
  return rows.map(({ path }) => path)
}

/** Files of deliveries that have to be there, of all tenants: those after a path. */
export async function deliveryPaths(
  session: SystemSession,
  after: string,
  max: number,
): Promise<string[]> {
  const rows = await session.query<{ path: string }>('SELECT path FROM delivery_paths($1, $2)', [
    after,
    max,
  ])
  return rows.map(({ path }) => path)
}
