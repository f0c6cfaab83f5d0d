import type { Catalog } from '#catalog/catalog.ts'
import { sweepEvents } from '#catalog/events.ts'
import { startOutbox, type OutboxWorker } from '#catalog/outbox.ts'
import {
  claimEvents,
  nextSubscriptionMs,
  settleEvent,
  type ClaimedEvent,
  type Try,
} from '#catalog/subscription-deliveries.ts'
import type { Egress } from '#egress/egress.ts'
import { eventHeaders, subscriptionSecretPlace } from '#events/event-message.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { backoffMs } from '#kernel/retry.ts'
import type { Secrets } from '#secrets/secrets.ts'
import { retryAfterMs } from '#tasks/signed-message.ts'

export interface SubscriptionSenderParts {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly egress: Egress
  readonly secrets: Secrets
}

/** Requests under way at the same time, and how many of them for one tenant. */
const SLOTS = 32
const SHARE = 4
const TIMEOUT_MS = 15_000
/** A subscription that was taken and not settled is somebody else's after this time. */
const LEASE_MS = 60_000
const ANSWER_BYTES_MAX = 64 * 1024
const ANSWER_KEPT = 200
const BACKOFF = { firstMs: 2_000, factor: 3, ceilingMs: 3_600_000 }
const KEEP_MS = 7 * 86_400_000
/** Gone: the receiver asks to be told nothing any more. */
const GONE = 410

/**
 * Tells subscriptions of events: each event at least once, for three days, one after the other for each
 * subscription. One that is refused is tried again later, and those behind it are sent meanwhile; where
 * nothing arrives, the pauses between all of them grow. Any number of senders may share a catalog.
 * Removes events of long ago, too.
 */
export function startSubscriptionSender(parts: SubscriptionSenderParts): OutboxWorker {
  return startOutbox<ClaimedEvent>(parts, {
    name: 'events',
    slots: SLOTS,
    claim: (session, max) => claimEvents(session, { max, share: SHARE, leaseMs: LEASE_MS }),
    nextMs: nextSubscriptionMs,
    carryOut: (claimed, signal) => carryOut(parts, claimed, signal),
    sweep: (session, max) => sweepEvents(session, KEEP_MS, max),
  })
}

async function carryOut(
  parts: SubscriptionSenderParts,
  claimed: ClaimedEvent,
  signal: AbortSignal,
): Promise<void> {
  const tried = await send(parts, claimed, signal)
  const state = await parts.catalog.asSystem((session) => settleEvent(session, claimed, tried))
  if (state !== 'failing' || tried.failure === null) return
  parts.log.warn('a subscription is sent nothing any more', {
    tenant: claimed.event.tenant,
    subscription: claimed.subscriptionId,
    error: tried.failure.error,
  })
}

async function send(
  { clock, egress, random, secrets }: SubscriptionSenderParts,
  claimed: ClaimedEvent,
  signal: AbortSignal,
): Promise<Try> {
  const { tenantId, subscriptionId, event, attempt, failures } = claimed
  const startedMs = clock.monotonicMs()
  const patience = {
    delayMs: backoffMs(BACKOFF, attempt, random),
    // The first that does not arrive may be refused for what it is: the next is sent at once.
    pauseMs: failures === 0 ? 0 : backoffMs(BACKOFF, failures, random),
  }
  const failed = (error: string, more: Partial<NonNullable<Try['failure']>> = {}) => ({
    durationMs: clock.monotonicMs() - startedMs,
    status: null,
    answer: null,
    failure: { error, ...patience, isFinal: false, ...more },
  })
  try {
    const place = (column: 'secret' | 'former_secret') =>
      subscriptionSecretPlace(tenantId, subscriptionId, column)
    const former = claimed.formerSecret
    const signing = [
      secrets.open(claimed.secret, place('secret')),
      ...(former === null ? [] : [secrets.open(former, place('former_secret'))]),
    ]
    const body = JSON.stringify(event)
    const answer = await egress.request({
      method: 'POST',
      url: claimed.url,
      headers: eventHeaders(event, body, { now: clock.now(), secrets: signing }),
      body,
      timeoutMs: TIMEOUT_MS,
      maxBytes: ANSWER_BYTES_MAX,
      maxRedirects: 0,
      signal,
    })
    const { status } = answer
    const durationMs = clock.monotonicMs() - startedMs
    const told = { durationMs, status, answer: beginningOf(answer.body) }
    if (status >= 200 && status < 300) return { ...told, failure: null }
    const asked = retryAfterMs(answer.headers['retry-after'], clock) ?? 0
    const { failure } = failed(`it answered ${status}`, {
      delayMs: Math.max(patience.delayMs, asked),
      pauseMs: Math.max(patience.pauseMs, asked),
      isFinal: status === GONE,
    })
    return { ...told, failure }
  } catch (error) {
    if (signal.aborted) return failed('the server was stopping', { delayMs: 0, pauseMs: 0 })
    return failed(error instanceof Error ? error.message : String(error))
  }
}

/** At most 200 bytes of whole characters, as text that the catalog can store. */
export function beginningOf(body: Buffer): string {
  const whole = body.subarray(0, ANSWER_KEPT)
  const text = new TextDecoder().decode(whole, { stream: body.length > ANSWER_KEPT })
  return text.toWellFormed().replaceAll('\u0000', '\ufffd')
}
