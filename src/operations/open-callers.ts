import { ownerOfKey } from '#catalog/keys.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import { remember } from '#kernel/remember.ts'
import { fullAccess } from '#model/access.ts'
import type { Callers } from '#operations/callers.ts'
import { hashOfKey, isWellFormedKey } from '#operations/keys/api-key.ts'
import { permissions, type Caller, type Permission } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { openSessionCallers } from '#operations/session-callers.ts'

/** A revoked key is refused after this time at the latest. */
const REMEMBERED_MS = 1000
const REMEMBERED_MAX = 10_000

export function openCallers(parts: Pick<Parts, 'catalog' | 'clock'>): Callers {
  const { catalog, clock } = parts
  const keyHolder = remember(
    clock,
    { forMs: REMEMBERED_MS, most: REMEMBERED_MAX },
    async (hash): Promise<Caller | null> => {
      const owner = await ownerOfKey(catalog, Buffer.from(hash, 'hex'))
      if (!owner) return null
      const held = owner.permissions.filter(isPermission)
      return {
        tenant: owner.tenant,
        permissions: new Set(held.includes('operator') ? permissions : held),
        access: owner.access,
        name: `key ${owner.keyId}`,
        person: null,
      }
    },
  )

  return {
    async byKey(key) {
      if (!isWellFormedKey(key)) return null
      return keyHolder(hashOfKey(key).toString('hex'))
    },
    bySession: openSessionCallers(parts),
    async operator(slug, name) {
      const tenant = await tenantBySlug(catalog, slug)
      if (!tenant) throw new MillraceError('tenant-unknown', { tenant: slug })
      return { tenant, permissions: new Set(permissions), access: fullAccess, name, person: null }
    },
  }
}

function isPermission(text: string): text is Permission {
  return (permissions as readonly string[]).includes(text)
}
