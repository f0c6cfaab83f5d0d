import type { TenantSession } from '#catalog/session.ts'
import type { CheckOutcome } from '#model/outcome.ts'

/** Check results parallel to the ids, in the order of the definition. */
export async function checkResults(
  _session: TenantSession,
  _versionIds: readonly number[],
): Promise<CheckOutcome[][]> {
  throw new Error('to be written')
}
