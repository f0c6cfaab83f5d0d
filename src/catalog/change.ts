import { AsyncLocalStorage } from 'node:async_hooks'

import { appendAudit, appendAuditOf, type AuditEvent } from '#catalog/audit.ts'
import type { Session, SystemSession, TenantSession } from '#catalog/session.ts'
import type { Tenant } from '#model/tenant.ts'

/** A change that somebody makes, while it is being made. */
interface Change {
  readonly event: AuditEvent
  /** The tenant that it was asked for: that of transactions in which none is set. */
  readonly tenant: Tenant
  /** Tenants in whose log it stands. */
  readonly noted: Set<number>
  isOver: boolean
}

const current = new AsyncLocalStorage<Change>()
/** Tenants that a transaction has noted a change for, by what only its sessions share. */
const notedWithin = new WeakMap<Session['query'], Set<number>>()

/**
 * What `work` writes into the catalog is this change: the first transaction of each tenant that
 * writes anything appends the event to that tenant's audit log, so that the change and its row are
 * committed together. A change that writes nothing leaves no row: `isNoted` tells.
 */
export async function asChange<T>(
  event: AuditEvent,
  tenant: Tenant,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly isNoted: boolean }> {
  const change: Change = { event, tenant, noted: new Set(), isOver: false }
  try {
    const result = await current.run(change, work)
    return { result, isNoted: change.noted.size > 0 }
  } finally {
    // What goes on behind the caller's back is not his change any more.
    change.isOver = true
  }
}

/**
 * For the catalog: the end of each transaction, or of a part of it that works for another tenant.
 * Returns what to call when it has been committed.
 */
export async function noteChange(session: TenantSession | SystemSession): Promise<() => void> {
  const change = current.getStore()
  if (!change || change.isOver) return nothing
  const tenant = 'tenant' in session ? session.tenant : change.tenant
  const noted = notedWithin.get(session.query) ?? new Set<number>()
  notedWithin.set(session.query, noted)
  if (!change.noted.has(tenant.id) && !noted.has(tenant.id)) {
    const isNoted =
      'tenant' in session
        ? await appendAudit(session, change.event, 'if-written')
        : await appendAuditOf(session, tenant.id, change.event, 'if-written')
    if (isNoted) noted.add(tenant.id)
  }
  // With what parts of the transaction have noted: only its end knows that it has been committed.
  return () => noted.forEach((id) => change.noted.add(id))
}

function nothing(): void {}
