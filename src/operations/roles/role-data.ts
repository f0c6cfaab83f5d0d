import { z } from 'zod'

import { isBuiltInRole } from '#model/role.ts'
import { accessData } from '#operations/keys/access-input.ts'

/** What a role of the tenant's own may hold. */
const rolePermissions = ['read', 'export', 'write', 'run', 'admin'] as const

export const permissionsField = z
  .array(z.enum(rolePermissions))
  .min(1)
  .max(rolePermissions.length)
  .describe('What its members may do.')

export const newRoleField = z
  .string()
  .min(1)
  .max(60)
  .refine((text) => text.isWellFormed() && !/[\p{Cc}\p{Cf}]|^\s|\s$/u.test(text), {
    error: 'has characters that cannot be seen, or a space at an end',
  })
  .refine((text) => !isBuiltInRole(text.toLowerCase()), { error: 'is a role of every tenant' })
  .describe('Name of the role.')

export const ownRoleField = z
  .string()
  .min(1)
  .max(60)
  .meta({ names: 'role' })
  .describe('Name of a role that the tenant has made.')

export const roleData = z
  .object({
    name: z.string(),
    permissions: z.array(z.string()),
    access: accessData,
  })
  .meta({ entity: 'Role' })
