import type { Session } from '#catalog/session.ts'

/** Any fixed number. */
const SETUP_LOCK = 742_001

/** Until the transaction ends: processes that start together set the database up one after the other. */
export async function lockSetup(session: Session): Promise<void> {
  await session.query('SELECT pg_advisory_xact_lock($1)', [SETUP_LOCK])
}
