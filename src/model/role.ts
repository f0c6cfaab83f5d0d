/** Roles that every tenant has, and what they allow there; each has all of the one before it. */
export const builtInRoles = {
  viewer: ['read', 'export'],
  analyst: ['read', 'export', 'write', 'run'],
  admin: ['read', 'export', 'write', 'run', 'admin'],
  owner: ['read', 'export', 'write', 'run', 'admin', 'owner'],
} as const

export type BuiltInRole = keyof typeof builtInRoles

export function isBuiltInRole(name: string): name is BuiltInRole {
  return Object.hasOwn(builtInRoles, name)
}

/** What a role allows; `own` are those of a role that the tenant has made. Nothing for an unknown one. */
export function rolePermissions(role: string, own: readonly string[] | null): readonly string[] {
  return isBuiltInRole(role) ? builtInRoles[role] : (own ?? [])
}
