import type { SeenAccess } from '~/doors/seen-data.ts'

/** What a role lets somebody do, from the least to the most. */
export const gridPermissions = ['read', 'export', 'write', 'run', 'admin', 'owner'] as const
export type GridPermission = (typeof gridPermissions)[number]

export interface RoleRights {
  readonly name: string
  readonly permissions: ReadonlySet<string>
  /** Null: all of the data. */
  readonly access: SeenAccess | null
  readonly isBuiltIn: boolean
}

interface RoleAnswer {
  readonly builtIn: readonly { readonly name: string; readonly permissions: readonly string[] }[]
  readonly roles: readonly {
    readonly name: string
    readonly permissions: readonly string[]
    readonly access: SeenAccess
  }[]
}

/** Rights by the name of the role, those of every tenant first. */
export function rightsByRole({ builtIn, roles }: RoleAnswer): ReadonlyMap<string, RoleRights> {
  const every = [
    ...builtIn.map(({ name, permissions }) => ({
      name,
      permissions: new Set(permissions),
      access: null,
      isBuiltIn: true,
    })),
    ...roles.map(({ name, permissions, access }) => ({
      name,
      permissions: new Set(permissions),
      access: isLimited(access) ? access : null,
      isBuiltIn: false,
    })),
  ]
  return new Map(every.map((role) => [role.name, role]))
}

function isLimited({ endpoints, columns, rows }: SeenAccess): boolean {
  return endpoints !== null || Object.keys(columns).length > 0 || Object.keys(rows).length > 0
}

/** How many people may do each thing. */
export function holdersOf(
  members: readonly { readonly role: string }[],
  rights: ReadonlyMap<string, RoleRights>,
): Readonly<Record<GridPermission, number>> {
  const count = (permission: string) =>
    members.filter(({ role }) => rights.get(role)?.permissions.has(permission)).length
  return Object.fromEntries(gridPermissions.map((one) => [one, count(one)])) as Record<
    GridPermission,
    number
  >
}

/** Roles that the viewer may give: nobody gives what he does not have. */
export function rolesToGive(
  rights: ReadonlyMap<string, RoleRights>,
  own: readonly string[],
): RoleRights[] {
  const held = new Set(own)
  return [...rights.values()].filter(
    ({ permissions }) =>
      held.has('operator') || [...permissions].every((permission) => held.has(permission)),
  )
}
