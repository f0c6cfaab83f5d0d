import { noteChange } from '#catalog/change.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import type { Tenant } from '#model/tenant.ts'

/**
 * A part of a system transaction that works for one tenant, under row-level security as in
 * `asTenant`: what both write is committed together or not at all, and stands in the tenant's own
 * audit log. For what makes a tenant or moves it into another state.
 */
export async function withinTenant<T>(
  system: SystemSession,
  tenant: Tenant,
  work: (session: TenantSession) => Promise<T>,
): Promise<T> {
  const id = Number(tenant.id)
  await system.query(`SET LOCAL ROLE millrace_app; SET LOCAL millrace.tenant = '${id}'`)
  const session: TenantSession = { query: system.query, tenant }
  const result = await work(session)
  await noteChange(session)
  await system.query(`SET LOCAL ROLE millrace_system; SET LOCAL millrace.tenant = ''`)
  return result
}
