import { timingSafeEqual } from 'node:crypto'

import type { OidcChecks } from '#auth/oidc-client.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Random } from '#kernel/random.ts'
import { secretPlace } from '#secrets/secret-place.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** A sign-on that a browser has begun. Nothing is kept of it but what the browser holds, sealed. */
export interface SignOnFlow extends OidcChecks {
  readonly provider: string
  readonly revision: string
  /** Path of ours that the browser goes to in the end. */
  readonly returnTo: string
  /** Milliseconds since 1970. */
  readonly until: number
}

export const FLOW_MINUTES = 10
const CHANCE_BYTES = 32
const place = secretPlace(null, 'sign-on.flow')

interface FlowParts {
  readonly clock: Clock
  readonly random: Random
  readonly secrets: Secrets
}

/** Throws `secret-key-none`. */
export function beginFlow(
  { clock, random, secrets }: FlowParts,
  provider: { readonly id: string; readonly revision: string },
  returnTo: string,
): { readonly flow: SignOnFlow; readonly sealed: string } {
  const chance = () => Buffer.from(random.bytes(CHANCE_BYTES)).toString('base64url')
  const flow: SignOnFlow = {
    provider: provider.id,
    revision: provider.revision,
    returnTo,
    state: chance(),
    nonce: chance(),
    verifier: chance(),
    until: clock.now().getTime() + FLOW_MINUTES * 60_000,
  }
  return { flow, sealed: secrets.seal(JSON.stringify(flow), place) }
}

/**
 * The flow that a browser has begun and comes back from. Throws `sign-on-lost` unless it is that of the
 * provider and of the state in the address.
 */
export function endFlow(
  { clock, secrets }: Omit<FlowParts, 'random'>,
  sealed: string | null,
  provider: string,
  state: string,
): SignOnFlow {
  const lost = (cause?: unknown) =>
    new MillraceError('sign-on-lost', { minutes: FLOW_MINUTES }, { cause })
  if (sealed === null) throw lost()
  let flow: SignOnFlow
  try {
    flow = JSON.parse(secrets.open(sealed, place)) as SignOnFlow
  } catch (error) {
    throw lost(error)
  }
  const isOfIt = flow.provider === provider && isEqual(flow.state, state)
  if (!isOfIt || flow.until < clock.now().getTime()) throw lost()
  return flow
}

function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a)), Buffer.from(sha256(b)))
}

/**
 * A path of ours from what somebody put into a link; `/` for everything that could lead elsewhere. The
 * URL standard reads `//host`, `/\host` and tabs in between as another host.
 */
export function ownPath(text: string | undefined): string {
  const base = 'http://own.invalid'
  const url = text?.startsWith('/') ? URL.parse(text, base) : null
  if (!url || url.origin !== base || url.pathname.startsWith('//')) return '/'
  return url.pathname + url.search + url.hash
}
