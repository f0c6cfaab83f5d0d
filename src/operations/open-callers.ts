import { tenantByKeyHash, tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import { fullAccess } from '#model/access.ts'
import type { Callers } from '#operations/callers.ts'
import { hashOfKey, isWellFormedKey } from '#operations/keys/api-key.ts'
import { permissions, type Caller, type Permission } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

/** A revoked key is refused after this time at the latest. */
const REMEMBERED_MS = 1000
const REMEMBERED_MAX = 1000

export function openCallers(parts: Pick<Parts, 'catalog' | 'clock'>): Callers {
  const { catalog, clock } = parts
  const remembered = new Map<string, { readonly caller: Caller; readonly untilMs: number }>()

  return {
    async byKey(key) {
      if (!isWellFormedKey(key)) return null
      const hash = hashOfKey(key)
      const id = Buffer.from(hash).toString('hex')
      const known = remembered.get(id)
      if (known && known.untilMs > clock.monotonicMs()) return known.caller
      remembered.delete(id)
      const owner = await tenantByKeyHash(catalog, hash)
      if (!owner) return null
      const held = owner.permissions.filter(isPermission)
      const granted = new Set(held.includes('operator') ? permissions : held)
      const caller: Caller = {
        tenant: owner.tenant,
        permissions: granted,
        access: fullAccess,
        name: `key ${owner.keyId}`,
        person: null,
      }
      if (remembered.size >= REMEMBERED_MAX) remembered.clear()
      remembered.set(id, { caller, untilMs: clock.monotonicMs() + REMEMBERED_MS })
      return caller
    },
    async bySession() {
      return null
    },
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
