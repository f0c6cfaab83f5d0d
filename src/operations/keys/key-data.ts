import { z } from 'zod'

import type { ApiKey } from '#catalog/keys.ts'
import { MillraceError } from '#kernel/errors.ts'
import { beyond } from '#model/access-beyond.ts'
import { accessData, toAccessData } from '#operations/keys/access-input.ts'
import type { Caller, Permission } from '#operations/operation.ts'
import { rateData } from '#operations/rates/rate-input.ts'

/** What a key may hold; owners are people. `operator` for operators only. */
export const keyPermissions = ['read', 'export', 'write', 'run', 'admin', 'operator'] as const

export const keyField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'key' })
  .describe('Id of the key: `mk_…` as the list shows it.')

export const keyData = z
  .object({
    id: z.string(),
    name: z.string(),
    permissions: z.array(z.string()),
    access: accessData,
    /** Null: as for every key. */
    rate: rateData.nullable(),
    madeBy: z.string().nullable(),
    /** That user is no member any more; the key works on. */
    makerLeft: z.boolean(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    rotatedAt: z.iso.datetime().nullable(),
    /** Until when the secret before the newest rotation works. */
    formerUntil: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'ApiKey' })

export function toKeyData(key: ApiKey): z.input<typeof keyData> {
  const { id, name, permissions, access, rate, madeBy, makerLeft } = key
  return {
    id,
    name,
    permissions: [...permissions],
    access: toAccessData(access),
    rate,
    madeBy,
    makerLeft,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    rotatedAt: key.rotatedAt?.toISOString() ?? null,
    formerUntil: key.formerUntil?.toISOString() ?? null,
  }
}

/** Nobody hands out what he does not have. Throws `grant-beyond`. */
export function assertGrants(caller: Caller, permissions: readonly string[]): void {
  const lacking = permissions.find(
    (permission) => !caller.permissions.has(permission as Permission),
  )
  if (lacking !== undefined) {
    throw new MillraceError('grant-beyond', { permission: lacking, caller: caller.name })
  }
}

/** Whoever gets a key's secret can do what it can. Throws `grant-beyond`, `access-beyond`. */
export function assertMayHold(caller: Caller, { permissions, access }: ApiKey): void {
  assertGrants(caller, permissions)
  const dataset = beyond(access, caller.access)
  if (dataset !== null) throw new MillraceError('access-beyond', { dataset, caller: caller.name })
}
