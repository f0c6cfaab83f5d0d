import { AsyncLocalStorage } from 'node:async_hooks'

import type { IdempotentRequest } from '#catalog/idempotent-requests.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'

/** A claimed request, while it is being carried out. */
interface Once {
  readonly tenant: Tenant
  readonly request: IdempotentRequest
  isOver: boolean
}

const current = new AsyncLocalStorage<Once>()

/**
 * What `work` writes is done under the claim of the request: each transaction that writes anything
 * notes so on the claim, in itself, and is not committed when another process has taken the claim
 * over. So twins change things once, however long one of them was thought dead.
 */
export async function asOnce<T>(
  tenant: Tenant,
  request: IdempotentRequest,
  work: () => Promise<T>,
): Promise<T> {
  const once: Once = { tenant, request, isOver: false }
  try {
    return await current.run(once, work)
  } finally {
    once.isOver = true
  }
}

/** For the catalog: the end of each transaction. Throws `idempotency-busy`. */
export async function noteOnce(session: TenantSession | SystemSession): Promise<void> {
  const once = current.getStore()
  if (!once || once.isOver) return
  const { caller, key, token } = once.request
  const [row] = await session.query<{ mark: string }>(
    'SELECT idempotent_mark($1, $2, $3, $4) AS mark',
    [once.tenant.id, caller, key, token],
  )
  if (row?.mark === 'lost') throw new MillraceError('idempotency-busy', { key })
}
