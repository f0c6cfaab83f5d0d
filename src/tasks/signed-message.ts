import { createHmac } from 'node:crypto'

import type { Clock } from '#kernel/clock.ts'
import type { Random } from '#kernel/random.ts'

// The format of Standard Webhooks (standardwebhooks.com, specification 1.0), for which libraries in
// most languages verify: HMAC-SHA256 over `<id>.<seconds>.<body>`, in base64 after `v1,`.

/** What every secret begins with. */
export const SECRET_PREFIX = 'whsec_'

/** A new secret, `whsec_` and 32 random bytes in base64. */
export function mintSecret(random: Random): string {
  return `${SECRET_PREFIX}${Buffer.from(random.bytes(32)).toString('base64')}`
}

export interface Message {
  /** The same for every try, so that the receiver can tell what it has had. */
  readonly id: string
  /** JSON. */
  readonly body: string
  /** Null: sent unsigned. */
  readonly secret: string | null
}

/** Headers that prove who sent the message, and when. */
export function signedHeaders(
  { id, body, secret }: Message,
  clock: Pick<Clock, 'now'>,
): Record<string, string> {
  const seconds = Math.floor(clock.now().getTime() / 1_000)
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
  }
  if (secret === null) return headers
  return { ...headers, 'webhook-signature': signatureOf(secret, id, seconds, body) }
}

function signatureOf(secret: string, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
  const digest = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return `v1,${digest}`
}

/** An object as JSON with one more field, whose value is JSON already. */
export function withRawField(head: object, name: string, json: string): string {
  return `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(name)}:${json}}`
}

/** Milliseconds that a `Retry-After` header asks for, at most a day; null: it asks for nothing. */
export function retryAfterMs(header: string | undefined, clock: Clock): number | null {
  if (header === undefined) return null
  const ms = /^\d+$/.test(header.trim())
    ? Number(header) * 1_000
    : Date.parse(header) - clock.now().getTime()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 86_400_000) : null
}
