import { createHmac, timingSafeEqual } from 'node:crypto'

import type { Tenant } from '#model/tenant.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'

// A token is `<tenant>.<signature>`: HMAC-SHA256 over tenant and delivery, with a secret that each
// delivery has for itself. It opens nothing but its own file, and nothing any more once the delivery
// has expired, has been removed, or has lost its secret. The time that it works until is the
// delivery's own, so that an extension reaches links that were sent.

const SIGNATURE = /^[A-Za-z0-9_-]{43}$/

export function linkSecretPlace(tenantId: number, delivery: string): SecretPlace {
  return secretPlace(tenantId, 'delivery.link_secret', delivery)
}

/** `secret`: 32 bytes in base64url. */
export function linkToken(secret: string, tenant: Tenant, delivery: string): string {
  return `${tenant.slug}.${signature(secret, tenant, delivery)}`
}

/** Whose file a token claims to open; null: it is no token. */
export function tenantOfToken(token: string): string | null {
  const [slug = '', mac = '', ...more] = token.split('.')
  if (more.length > 0 || !SIGNATURE.test(mac) || !/^[a-z][a-z0-9-]{0,99}$/.test(slug)) return null
  return slug
}

export function isTokenOf(
  token: string,
  secret: string,
  tenant: Tenant,
  delivery: string,
): boolean {
  const expected = Buffer.from(linkToken(secret, tenant, delivery))
  const given = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function signature(secret: string, tenant: Tenant, delivery: string): string {
  const text = JSON.stringify(['millrace delivery', tenant.id, tenant.slug, delivery])
  return createHmac('sha256', Buffer.from(secret, 'base64url')).update(text).digest('base64url')
}
