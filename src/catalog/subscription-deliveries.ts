import { toEvent, type EventRow } from '#catalog/events.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { wake, type SubscriptionState } from '#catalog/subscriptions.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DomainEvent } from '#model/domain-event.ts'

/** An event that a sender has taken, for a subscription that nobody else sends to meanwhile. */
export interface ClaimedEvent {
  readonly tenantId: number
  readonly subscriptionId: string
  readonly url: string
  /** Sealed. */
  readonly secret: string
  /** Sealed; null: only one signs. */
  readonly formerSecret: string | null
  /** Names the claim when it is settled. */
  readonly number: number
  readonly event: DomainEvent
  /** Number of this try, from 1. */
  readonly attempt: number
  /** Tries of the subscription that came to nothing since one arrived. */
  readonly failures: number
}

type ClaimedRow = Omit<ClaimedEvent, 'event'> & EventRow & { readonly tenantSlug: string }

/** What is due, of any tenant: one event of each subscription, and of a tenant `share` subscriptions. */
export async function claimEvents(
  session: SystemSession,
  ask: { readonly max: number; readonly share: number; readonly leaseMs: number },
): Promise<ClaimedEvent[]> {
  const rows = await session.query<ClaimedRow>(
    `SELECT tenant_id AS "tenantId", tenant_slug AS "tenantSlug", id AS "subscriptionId", url, secret,
       former_secret AS "formerSecret", number, sequence, kind, payload, created_at AS "createdAt",
       attempt, failures
     FROM subscriptions_claim($1, $2, $3)`,
    [ask.max, ask.share, ask.leaseMs],
  )
  return rows.map(({ tenantSlug, sequence, kind, payload, createdAt, ...claimed }) => ({
    ...claimed,
    event: toEvent(tenantSlug, { sequence, kind, payload, createdAt }),
  }))
}

/** One try to tell a subscription of an event. */
export interface Try {
  readonly durationMs: number
  /** Null: there was no answer. */
  readonly status: number | null
  /** The beginning of the answer. */
  readonly answer: string | null
  /** Null: it arrived. */
  readonly failure: {
    readonly error: string
    /** Until the same event is tried again. */
    readonly delayMs: number
    /** Until anything is sent to the subscription. */
    readonly pauseMs: number
    /** The receiver wants no more. */
    readonly isFinal: boolean
  } | null
}

/** Returns the state of the subscription then, null when another sender has it by now. */
export async function settleEvent(
  session: SystemSession,
  { tenantId, subscriptionId, number, event }: ClaimedEvent,
  { durationMs, status, answer, failure }: Try,
): Promise<SubscriptionState | null> {
  const [row] = await session.query<{ state: SubscriptionState | null }>(
    'SELECT subscription_settle($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) AS state',
    [
      tenantId,
      subscriptionId,
      number,
      event.sequence,
      Math.round(durationMs),
      status,
      answer,
      failure?.error ?? null,
      failure?.delayMs ?? null,
      failure?.pauseMs ?? null,
      failure?.isFinal ?? false,
    ],
  )
  return row?.state ?? null
}

/** Milliseconds until a subscription has something to send; null: none has. */
export async function nextSubscriptionMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT subscriptions_next_wake() AS ms')
  return row?.ms ?? null
}

export const eventDeliveryStates = ['waiting', 'delivered', 'given-up'] as const

export interface EventDelivery {
  readonly sequence: number
  readonly kind: string
  readonly state: (typeof eventDeliveryStates)[number]
  readonly attempts: number
  /** Not before; null: it is not sent any more. */
  readonly nextAt: Date | null
  readonly endedAt: Date | null
  /** The newest 20, newest first. */
  readonly tries: readonly {
    readonly number: number
    readonly endedAt: string
    readonly durationMs: number
    readonly status: number | null
    readonly answer: string | null
    readonly error: string | null
  }[]
}

/** What a subscription was, or is to be, told of; newest first. */
export async function listEventDeliveries(
  session: TenantSession,
  ask: {
    readonly subscriptionId: string
    readonly state: EventDelivery['state'] | null
    /** Sequence of the last one that was seen. */
    readonly after: number | null
    readonly limit: number
  },
): Promise<EventDelivery[]> {
  return session.query<EventDelivery>(
    `SELECT d.sequence, o.kind, d.state, d.attempts, d.ended_at AS "endedAt",
       CASE WHEN d.state = 'waiting' THEN d.next_at END AS "nextAt", t.tries
     FROM event_delivery d
     JOIN outbox o ON o.tenant_id = $1 AND o.sequence = d.sequence
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('number', a.number, 'endedAt', a.ended_at,
         'durationMs', a.duration_ms, 'status', a.status, 'answer', a.answer, 'error', a.error)
         ORDER BY a.number DESC), '[]') AS tries
       FROM (SELECT * FROM event_attempt a WHERE a.tenant_id = $1 AND a.subscription_id = $2
         AND a.sequence = d.sequence ORDER BY a.number DESC LIMIT 20) AS a
     ) AS t
     WHERE d.tenant_id = $1 AND d.subscription_id = $2
       AND ($3::text IS NULL OR d.state = $3) AND ($4::bigint IS NULL OR d.sequence < $4)
     ORDER BY d.sequence DESC LIMIT $5`,
    [session.tenant.id, ask.subscriptionId, ask.state, ask.after, ask.limit],
  )
}

/**
 * Sends an event once more, or everything that was given up (null), for three days from now. Returns
 * how many. Throws `subscription-event-unknown` for one that the subscription was not to be told of.
 */
export async function redeliverEvents(
  session: TenantSession,
  subscriptionId: string,
  sequence: number | null,
): Promise<number> {
  const { id } = session.tenant
  // First the subscription, then what belongs to it: as whoever settles a try does.
  await session.query(
    `UPDATE event_subscription 
     SET due_at = CASE WHEN leased_until > millrace_now() THEN due_at
       ELSE least(due_at, millrace_now()) END
     WHERE tenant_id = $1 AND id = $2`,
    [id, subscriptionId],
  )
  const rows = await session.query(
    `UPDATE event_delivery SET state = 'waiting', ended_at = NULL, next_at = millrace_now(),
       until = millrace_now() + interval '3 days'
     WHERE tenant_id = $1 AND subscription_id = $2
       AND CASE WHEN $3::bigint IS NULL THEN state = 'given-up' ELSE sequence = $3 END
     RETURNING sequence`,
    [id, subscriptionId, sequence],
  )
  if (sequence !== null && rows.length === 0) {
    throw new MillraceError('subscription-event-unknown', {
      subscription: subscriptionId,
      sequence,
    })
  }
  await wake(session)
  return rows.length
}
