import type { Operation } from '#operations/operation.ts'

/** What the header is called, as Node gives it. */
export const IDEMPOTENCY_HEADER = 'idempotency-key'

/**
 * True for operations that are carried out once for each key: those that change something in a tenant.
 * Those that take the header as a field keep keys of their own; what people do before they are in a
 * tenant is proved by links and codes that work once.
 */
export function takesIdempotencyKey({ permission, rest }: Operation): boolean {
  if (rest.method === 'GET' || permission === 'anyone' || permission === 'person') return false
  if (permission === 'read' || permission === 'export') return false
  return !Object.values(rest.headers ?? {}).includes(IDEMPOTENCY_HEADER)
}
