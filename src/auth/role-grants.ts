import { holdRole } from '#catalog/member-roles.ts'
import { hasOtherOwner, lockMember, removeMember, setMemberRole } from '#catalog/members.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { isBuiltInRole, rolePermissions } from '#model/role.ts'

/** Whoever gives or takes roles. */
export interface Granter {
  readonly name: string
  readonly permissions: ReadonlySet<string>
}

/**
 * What a role of the tenant allows; one that the tenant has made stays until the transaction ends.
 * Throws `role-unknown`.
 */
export async function permissionsOfRole(
  session: TenantSession,
  role: string,
): Promise<readonly string[]> {
  if (isBuiltInRole(role)) return rolePermissions(role, null)
  const own = await holdRole(session, role)
  if (!own) throw new MillraceError('role-unknown', { role })
  return own.permissions
}

/** Nobody gives what he does not have. Throws `grant-beyond`, `role-unknown`. */
export async function assertMayGrant(
  session: TenantSession,
  granter: Granter,
  role: string,
): Promise<void> {
  const permissions = await permissionsOfRole(session, role)
  const permission = permissions.find((one) => !granter.permissions.has(one))
  if (permission !== undefined) {
    throw new MillraceError('grant-beyond', { permission, caller: granter.name })
  }
}

/**
 * Nobody lowers or removes whoever may do more; an owner stays. Throws `member-unknown`,
 * `member-beyond`, `grant-beyond`, `role-unknown`, `last-owner`.
 */
export async function changeRoleOf(
  session: TenantSession,
  granter: Granter,
  member: string,
  role: string,
): Promise<void> {
  const former = await lockedRole(session, member)
  await assertMayTake(session, granter, former)
  await assertMayGrant(session, granter, role)
  if (role !== 'owner') await assertOwnerStays(session, member, former)
  await setMemberRole(session, member, role)
}

/** As above. */
export async function dismissMember(
  session: TenantSession,
  granter: Granter,
  member: string,
): Promise<void> {
  const former = await lockedRole(session, member)
  await assertMayTake(session, granter, former)
  await assertOwnerStays(session, member, former)
  await removeMember(session, member)
}

/** Whoever leaves needs nobody's leave. Throws `member-unknown`, `last-owner`. */
export async function leave(session: TenantSession, member: string): Promise<void> {
  await assertOwnerStays(session, member, await lockedRole(session, member))
  await removeMember(session, member)
}

async function lockedRole(session: TenantSession, member: string): Promise<string> {
  const role = await lockMember(session, member)
  if (role === null) throw new MillraceError('member-unknown', { member })
  return role
}

async function assertMayTake(
  session: TenantSession,
  { name: caller, permissions }: Granter,
  role: string,
): Promise<void> {
  const held = await permissionsOfRole(session, role)
  const permission = held.find((one) => !permissions.has(one))
  if (permission !== undefined) {
    throw new MillraceError('member-beyond', { caller, role, permission })
  }
}

async function assertOwnerStays(
  session: TenantSession,
  member: string,
  role: string,
): Promise<void> {
  if (role === 'owner' && !(await hasOtherOwner(session, member))) {
    throw new MillraceError('last-owner')
  }
}
