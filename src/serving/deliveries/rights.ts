import type { Catalog } from '#catalog/catalog.ts'
import { databaseNow } from '#catalog/delivery-tasks.ts'
import { getKey } from '#catalog/keys.ts'
import { membershipsOf } from '#catalog/memberships.ts'
import { tenantStanding } from '#catalog/tenant-states.ts'
import { userById } from '#catalog/users.ts'
import { beyond } from '#model/access-beyond.ts'
import type { Access } from '#model/access.ts'
import type { Tenant } from '#model/tenant.ts'

export interface AskedBy {
  /** As the audit log names them. */
  readonly askedBy: string
  /** What they might see when they asked. */
  readonly access: Access
}

/**
 * True while whoever asked may still export what they asked for: the tenant is active, the key works
 * or the user is a member who can sign in, with `export` and an access that shows no less than then.
 * `directory` is where keys and members are. What Millrace asked for by itself counts as the tenant's.
 */
export async function mayStillHave(
  directory: Catalog,
  tenant: Tenant,
  { askedBy, access }: AskedBy,
): Promise<boolean> {
  const standing = await directory.asSystem((session) => tenantStanding(session, tenant.id))
  if (standing?.state !== 'active') return false
  const [kind, id = ''] = askedBy.split(' ')
  if (kind === 'key') return mayKey(directory, tenant, id, access)
  if (kind === 'user') return mayUser(directory, tenant, id, access)
  if (kind === 'operator' && id !== '') {
    const user = await directory.asSystem((session) => userById(session, id))
    return user !== null && user.isOperator && user.disabledAt === null
  }
  return true
}

async function mayKey(
  directory: Catalog,
  tenant: Tenant,
  id: string,
  access: Access,
): Promise<boolean> {
  const key = await directory.asTenant(tenant, (session) => getKey(session, id))
  if (!key || key.revokedAt !== null || !key.permissions.includes('export')) return false
  const now = await directory.asTenant(tenant, databaseNow)
  if (key.expiresAt !== null && key.expiresAt <= now) return false
  return beyond(access, key.access) === null
}

async function mayUser(
  directory: Catalog,
  tenant: Tenant,
  id: string,
  access: Access,
): Promise<boolean> {
  return directory.asSystem(async (session) => {
    const user = await userById(session, id)
    if (!user || user.disabledAt !== null) return false
    const membership = (await membershipsOf(session, id)).find((one) => one.tenant.id === tenant.id)
    if (!membership?.permissions.includes('export')) return false
    return beyond(access, membership.access) === null
  })
}
