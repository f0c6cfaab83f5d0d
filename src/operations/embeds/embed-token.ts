import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

import type { EmbedQuestion } from '#catalog/embeds.ts'
import { canonicalJson } from '#kernel/hash.ts'
import type { Random } from '#kernel/random.ts'
import type { Tenant } from '#model/tenant.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'

// Two kinds of token open a view, and each opens that one only.
//
// The link that Millrace makes: 43 characters, HMAC-SHA256 with a key of the deployment over tenant,
// view, its question and its end. It is as good as the row that it belongs to, and no longer.
//
// The link that the customer's own server signs for one viewer: a JSON Web Token (RFC 7519) with
// HS256 and the secret of the view, `{"exp": …, "values": {…}}`. No other algorithm is read.

const LINK = /^[A-Za-z0-9_-]{43}$/
const SIGNED = /^([A-Za-z0-9_-]{1,500})\.([A-Za-z0-9_-]{1,8000})\.([A-Za-z0-9_-]{43})$/

/** What keys of the deployment are derived for. */
export const LINK_PURPOSE = 'links of embedded views'
const SECRET_PREFIX = 'ems_'

export function embedSecretPlace(tenantId: number, embed: string): SecretPlace {
  return secretPlace(tenantId, 'embed.secret', embed)
}

/** Of whoever signs links for viewers: `ems_` and 32 random bytes in base64url. */
export function mintEmbedSecret(random: Random): string {
  return SECRET_PREFIX + Buffer.from(random.bytes(32)).toString('base64url')
}

export interface LinkedView {
  readonly tenant: Tenant
  readonly id: string
  readonly asked: EmbedQuestion
  readonly viewerValues: readonly string[]
  readonly expiresAt: Date
}

export function linkToken(
  key: Uint8Array,
  { tenant, id, asked, viewerValues, expiresAt }: LinkedView,
): string {
  const text = canonicalJson([
    'millrace embed',
    tenant.id,
    tenant.slug,
    id,
    asked,
    viewerValues,
    expiresAt.toISOString(),
  ])
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** Any of the deployment's keys will do: the newest signs. */
export function isLinkOf(token: string, keys: readonly Uint8Array[], view: LinkedView): boolean {
  return LINK.test(token) && keys.some((key) => isSame(token, linkToken(key, view)))
}

const claims = z.object({
  exp: z.number(),
  values: z.record(z.string().max(200), z.string().max(10_000)).default({}),
})

export interface SignedClaims {
  /** Seconds since 1970. */
  readonly exp: number
  readonly values: Readonly<Record<string, string>>
}

/** What a token for a viewer says; null: it was not signed with this secret. */
export function readSigned(token: string, secret: () => string): SignedClaims | null {
  const [, head = '', body = '', signature = ''] = SIGNED.exec(token) ?? []
  if (signature === '') return null
  const expected = createHmac('sha256', secret()).update(`${head}.${body}`).digest('base64url')
  if (!isSame(signature, expected)) return null
  const header = jsonOf(head)
  if (typeof header !== 'object' || header === null || !('alg' in header)) return null
  if (header.alg !== 'HS256' || 'crit' in header) return null
  return claims.safeParse(jsonOf(body)).data ?? null
}

function jsonOf(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
