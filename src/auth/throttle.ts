import type { SystemSession } from '#catalog/session.ts'
import {
  clearFailures,
  countFailure,
  throttleWait,
  undoFailure,
  type ThrottleRule,
} from '#catalog/sign-in-throttle.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'

/**
 * Guessing is slowed in the catalog, so that it is over any number of processes together: of one
 * account, and from one network address over all accounts. A try counts before it is judged, so that
 * a thousand at once are no more than one after the other; what succeeds is taken off again.
 */
const MINUTE = 60_000

/** About 300 tries a day; whoever is shut out by others waits five minutes at most. */
const accountRule: ThrottleRule = {
  free: 5,
  delayMs: 1_000,
  longestMs: 5 * MINUTE,
  forgetMs: 10 * MINUTE,
}
/** Many people may stand behind one address. */
const addressRule: ThrottleRule = {
  free: 50,
  delayMs: 1_000,
  longestMs: 15 * MINUTE,
  forgetMs: MINUTE,
}
/** Mails that somebody can have sent to an account. */
const mailRule: ThrottleRule = {
  free: 3,
  delayMs: 5 * MINUTE,
  longestMs: 60 * MINUTE,
  forgetMs: 20 * MINUTE,
}

/** Who tries. `email` need not be an address, let alone one of an account. */
export interface Attempt {
  readonly email: string
  readonly address: string | null
}

/** Counts a try. Throws `sign-in-throttled`. */
export async function beginAttempt(
  session: SystemSession,
  { email, address }: Attempt,
): Promise<void> {
  const from = subjectOfAddress(address)
  if (from !== null) refuseFor(await throttleWait(session, from))
  refuseFor(await countFailure(session, subjectOfAccount(email), accountRule))
}

/** The try was wrong. */
export async function attemptFailed(session: SystemSession, { address }: Attempt): Promise<void> {
  const from = subjectOfAddress(address)
  if (from !== null) await countFailure(session, from, addressRule)
}

/** The try was right as far as it went, or was not judged. */
export async function attemptUndone(session: SystemSession, { email }: Attempt): Promise<void> {
  await undoFailure(session, subjectOfAccount(email))
}

export async function attemptSucceeded(session: SystemSession, { email }: Attempt): Promise<void> {
  await clearFailures(session, subjectOfAccount(email))
}

/** Something that brings no password: a link's token. Throws `sign-in-throttled`. */
export async function refuseAddress(session: SystemSession, address: string | null): Promise<void> {
  const from = subjectOfAddress(address)
  if (from !== null) refuseFor(await throttleWait(session, from))
}

/** Before a mail that anybody can ask for. Throws `sign-in-throttled`. */
export async function countMail(
  session: SystemSession,
  { email, address }: Attempt,
): Promise<void> {
  const from = subjectOfAddress(address)
  if (from !== null) {
    refuseFor(await throttleWait(session, from))
    refuseFor(await countFailure(session, from, addressRule))
  }
  refuseFor(await countFailure(session, `mail ${sha256(email)}`, mailRule))
}

function refuseFor(waitMs: number): void {
  if (waitMs <= 0) return
  throw new MillraceError('sign-in-throttled', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
}

/** A hash: what people type into the wrong field is not kept. */
function subjectOfAccount(email: string): string {
  return `account ${sha256(email)}`
}

/** An address of IPv6 stands for its /64, which is what one customer of a network has at least. */
function subjectOfAddress(address: string | null): string | null {
  if (address === null) return null
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return `address ${mapped}`
  if (!address.includes(':')) return `address ${address}`
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':')
    while (groups.length + rest.length < 8) groups.push('0')
    groups.push(...rest)
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `address ${network.join(':')}::/64`
}
