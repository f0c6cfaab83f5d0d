import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

export const subscriptionStates = ['active', 'paused', 'failing'] as const
export type SubscriptionState = (typeof subscriptionStates)[number]

/** An address of another service that is told of events. */
export interface Subscription {
  readonly id: string
  readonly title: string
  readonly url: string
  /** Null: all kinds, also those to come. */
  readonly kinds: readonly string[] | null
  /** Null: all, and events that are about no dataset. */
  readonly datasets: readonly string[] | null
  readonly state: SubscriptionState
  readonly createdBy: string
  readonly createdAt: Date
  readonly changedAt: Date
  /** Tries that came to nothing since one arrived, and since when. */
  readonly failures: number
  readonly failingSince: Date | null
  readonly deliveredAt: Date | null
  /** Of the next try; null: nothing waits, or it is not sent. */
  readonly nextAt: Date | null
  /** Until when the secret before signs, too. */
  readonly formerUntil: Date | null
}

export const SUBSCRIPTIONS_MAX = 50

const OWN = `id, title, url, kinds, datasets, state, created_by AS "createdBy",
  created_at AS "createdAt", changed_at AS "changedAt", failures,
  failing_since AS "failingSince", delivered_at AS "deliveredAt",
  CASE WHEN state = 'active' THEN due_at END AS "nextAt",
  CASE WHEN former_until > millrace_now() THEN former_until END AS "formerUntil"`

/** Throws `subscriptions-exhausted`. */
export async function createSubscription(
  session: TenantSession,
  subscription: Pick<Subscription, 'id' | 'title' | 'url' | 'kinds' | 'datasets' | 'createdBy'> & {
    /** Sealed. */
    readonly secret: string
  },
): Promise<void> {
  const { id, title, url, kinds, datasets, secret, createdBy } = subscription
  // Two at the same time cannot both be the last one.
  await session.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `millrace subscriptions of ${session.tenant.id}`,
  ])
  const made = await session.query(
    `INSERT INTO event_subscription (tenant_id, id, title, url, kinds, datasets, secret, created_by)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8
     WHERE (SELECT count(*) FROM event_subscription WHERE tenant_id = $1) < $9
     RETURNING id`,
    [session.tenant.id, id, title, url, kinds, datasets, secret, createdBy, SUBSCRIPTIONS_MAX],
  )
  if (made.length === 0)
    throw new MillraceError('subscriptions-exhausted', { most: SUBSCRIPTIONS_MAX })
}

/** By id, those after one. */
export async function listSubscriptions(
  session: TenantSession,
  ask: { readonly after: string | null; readonly limit: number },
): Promise<Subscription[]> {
  return session.query<Subscription>(
    `SELECT ${OWN} FROM event_subscription
     WHERE tenant_id = $1 AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [session.tenant.id, ask.after, ask.limit],
  )
}

/** Throws `subscription-unknown`. */
export async function getSubscription(session: TenantSession, id: string): Promise<Subscription> {
  const [row] = await session.query<Subscription>(
    `SELECT ${OWN} FROM event_subscription WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  if (!row) throw new MillraceError('subscription-unknown', { subscription: id })
  return row
}

/** What is not given stays as it is. Throws `subscription-unknown`. */
export async function updateSubscription(
  session: TenantSession,
  id: string,
  change: Partial<Pick<Subscription, 'title' | 'url' | 'kinds' | 'datasets'>>,
): Promise<void> {
  const { title = null, url = null, kinds, datasets } = change
  const rows = await session.query(
    `UPDATE event_subscription
     SET title = coalesce($3, title), url = coalesce($4, url), changed_at = millrace_now(),
       kinds = CASE WHEN $5 THEN $6::text[] ELSE kinds END,
       datasets = CASE WHEN $7 THEN $8::text[] ELSE datasets END
     WHERE tenant_id = $1 AND id = $2 RETURNING id`,
    [
      session.tenant.id,
      id,
      title,
      url,
      kinds !== undefined,
      kinds ?? null,
      datasets !== undefined,
      datasets ?? null,
    ],
  )
  if (rows.length === 0) throw new MillraceError('subscription-unknown', { subscription: id })
}

/** Events wait from now on. Throws `subscription-unknown`. */
export async function pauseSubscription(session: TenantSession, id: string): Promise<void> {
  const rows = await session.query(
    `UPDATE event_subscription SET state = 'paused', changed_at = millrace_now()
     WHERE tenant_id = $1 AND id = $2 RETURNING id`,
    [session.tenant.id, id],
  )
  if (rows.length === 0) throw new MillraceError('subscription-unknown', { subscription: id })
}

/** Sends at once what waits, each for three days more. Throws `subscription-unknown`. */
export async function resumeSubscription(session: TenantSession, id: string): Promise<void> {
  const rows = await session.query(
    `UPDATE event_subscription SET state = 'active', failures = 0, failing_since = NULL,
       changed_at = millrace_now(),
       due_at = CASE WHEN leased_until > millrace_now() THEN due_at ELSE millrace_now() END
     WHERE tenant_id = $1 AND id = $2 RETURNING id`,
    [session.tenant.id, id],
  )
  if (rows.length === 0) throw new MillraceError('subscription-unknown', { subscription: id })
  await session.query(
    `UPDATE event_delivery SET next_at = millrace_now(),
       until = greatest(until, millrace_now() + interval '3 days')
     WHERE tenant_id = $1 AND subscription_id = $2 AND state = 'waiting'`,
    [session.tenant.id, id],
  )
  await wake(session)
}

/** With all that was to be sent. Throws `subscription-unknown`. */
export async function removeSubscription(session: TenantSession, id: string): Promise<void> {
  const given = [session.tenant.id, id]
  const rows = await session.query(
    'DELETE FROM event_subscription WHERE tenant_id = $1 AND id = $2 RETURNING id',
    given,
  )
  if (rows.length === 0) throw new MillraceError('subscription-unknown', { subscription: id })
  for (const table of ['event_delivery', 'event_attempt']) {
    await session.query(`DELETE FROM ${table} WHERE tenant_id = $1 AND subscription_id = $2`, given)
  }
}

/** Sealed. Throws `subscription-unknown`. */
export async function subscriptionSecret(session: TenantSession, id: string): Promise<string> {
  const [row] = await session.query<{ secret: string }>(
    'SELECT secret FROM event_subscription WHERE tenant_id = $1 AND id = $2',
    [session.tenant.id, id],
  )
  if (!row) throw new MillraceError('subscription-unknown', { subscription: id })
  return row.secret
}

/** Signs with a new secret, both sealed, and for so long with the former one, too. Throws `subscription-unknown`. */
export async function rotateSubscriptionSecret(
  session: TenantSession,
  id: string,
  secrets: { readonly fresh: string; readonly former: string; readonly overlapMs: number },
): Promise<Date | null> {
  const [row] = await session.query<{ until: Date | null }>(
    `UPDATE event_subscription SET secret = $3, changed_at = millrace_now(),
       former_secret = CASE WHEN $5 > 0 THEN $4 END,
       former_until = CASE WHEN $5 > 0 THEN millrace_now() + $5 * interval '1 millisecond' END
     WHERE tenant_id = $1 AND id = $2 RETURNING former_until AS until`,
    [session.tenant.id, id, secrets.fresh, secrets.former, secrets.overlapMs],
  )
  if (!row) throw new MillraceError('subscription-unknown', { subscription: id })
  return row.until
}

/** Senders look again when this transaction is committed. */
export async function wake(session: TenantSession): Promise<void> {
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
}
