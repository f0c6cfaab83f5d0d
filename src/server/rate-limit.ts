import type { FastifyReply } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import { isCaller } from '#operations/invoke.ts'
import type { Identity } from '#operations/operation.ts'
import { isLoopback } from '#server/authenticate.ts'
import type {
  RateLimiter,
  RateOwner,
  RateState,
  RateVerdict,
} from '#operations/rates/rate-limiter.ts'

/**
 * Whose buckets a request takes from: those of its credential and of the tenant; of its address while
 * nobody is known, unless that is this machine's own or hides behind a proxy on it. What runs the
 * deployment itself is free, and operators use up no tenant's rate.
 */
export function rateOwners(identity: Identity, address: string): readonly RateOwner[] {
  const known = ownersOf.get(identity)
  if (known) return known
  const owners = findOwners(identity, address)
  if (isCaller(identity)) ownersOf.set(identity, owners)
  return owners
}

/** Of callers, who are the same object from one request to the next for a while. */
const ownersOf = new WeakMap<Identity, readonly RateOwner[]>()

function findOwners(identity: Identity, address: string): RateOwner[] {
  const owners: RateOwner[] = []
  const tenantId = isCaller(identity) ? identity.tenant.id : 0
  const [how, id] = identity.name.split(' ')
  if (identity.person !== null) {
    owners.push({ kind: 'user', tenantId: 0, subject: identity.person.userId })
  } else if (how === 'key' && id !== undefined) {
    owners.push({ kind: 'key', tenantId, subject: id })
  } else if (!isCaller(identity)) {
    return isLoopback(address) ? [] : [addressOwner(address)]
  }
  if (isCaller(identity) && !identity.permissions.has('operator')) {
    owners.push({ kind: 'tenant', tenantId, subject: String(tenantId) })
  }
  return owners
}

function addressOwner(address: string): RateOwner {
  return { kind: 'address', tenantId: 0, subject: networkOf(address) }
}

/** Whoever has one address of version 6 has the 2^64 beside it, too. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  if (tail !== undefined) {
    while (groups.length + after.length < 8) groups.push('0')
  }
  const network = [...groups, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}

/**
 * Takes a token for the request and says in its headers how many are left
 * (draft-ietf-httpapi-ratelimit-headers). Throws `rate-limited`.
 */
export async function holdRate(
  limiter: RateLimiter,
  reply: FastifyReply,
  owners: readonly RateOwner[],
): Promise<void> {
  if (owners.length === 0) return
  const { states, refused } = await limiter.take(owners)
  if (states.length > 0) {
    reply.header('ratelimit-policy', states.map(policyOf).join(', '))
    reply.header('ratelimit', states.map(leftOf).join(', '))
  }
  refuse(refused)
}

/** Takes a token, of which no header can tell any more. Throws `rate-limited`. */
export async function assertRate(
  limiter: RateLimiter,
  owners: readonly RateOwner[],
): Promise<void> {
  if (owners.length === 0) return
  refuse((await limiter.take(owners)).refused)
}

function refuse(refused: RateVerdict['refused']): void {
  if (!refused) return
  const { owner, perMinute, burst } = refused.state
  throw new MillraceError('rate-limited', {
    whose: spoken[owner.kind],
    perMinute,
    burst,
    retryAfterSeconds: Math.max(1, Math.ceil(refused.waitMs / 1000)),
  })
}

const spoken: Readonly<Record<RateOwner['kind'], string>> = {
  tenant: 'this tenant',
  key: 'this key',
  user: 'this user',
  address: 'this address',
}

function policyOf({ owner, perMinute, burst }: RateState): string {
  return `"${owner.kind}";q=${perMinute};w=60;millrace-burst=${burst}`
}

function leftOf({ owner, left, fullInMs }: RateState): string {
  return `"${owner.kind}";r=${left};t=${Math.ceil(fullInMs / 1000)}`
}
