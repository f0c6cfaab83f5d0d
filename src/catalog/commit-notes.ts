import type { Session, TenantSession } from '#catalog/session.ts'

/** Tenants whose next commit number a transaction took, by what only its sessions share. */
const taken = new WeakMap<Session['query'], Set<number>>()

/** The tenant has a newer commit once this transaction is committed. */
export function noteCommit({ query, tenant }: TenantSession): void {
  const tenants = taken.get(query) ?? new Set()
  taken.set(query, tenants.add(tenant.id))
}

export function notedCommits({ query }: Session): Iterable<number> {
  return taken.get(query) ?? []
}
