import type { Permission } from '#operations/operation.ts'

/** Of the key that a tenant begins with: all that keys may hold. */
export const FIRST_KEY_PERMISSIONS = [
  'read',
  'export',
  'write',
  'run',
  'admin',
] as const satisfies readonly Permission[]
