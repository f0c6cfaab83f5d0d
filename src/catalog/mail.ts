import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { spendQuota } from '#catalog/usage.ts'

export const mailStates = ['queued', 'sending', 'sent', 'failed', 'bounced'] as const
export type MailState = (typeof mailStates)[number]

export interface NewMail {
  readonly id: string
  readonly recipient: string
  readonly recipientName: string | null
  readonly template: string
  /** Of the template; nothing secret. */
  readonly data: Readonly<Record<string, unknown>>
  /** Its secret data, sealed. */
  readonly sealed: string | null
}

/**
 * Puts mail of the tenant, or of the deployment, into the outbox. Throws `quota-exceeded` for a tenant
 * that has had its mails of the day.
 */
export async function insertMail(
  session: TenantSession | SystemSession,
  { id, recipient, recipientName, template, data, sealed }: NewMail,
): Promise<void> {
  const values = [id, recipient, recipientName, template, toJson(data), sealed]
  if ('tenant' in session) {
    await spendQuota(session, 'mails')
    await session.query(
      `INSERT INTO mail (tenant_id, id, recipient, recipient_name, template, data, sealed)
       VALUES ($7, $1, $2, $3, $4, $5, $6)`,
      [...values, session.tenant.id],
    )
  } else await session.query('SELECT mail_queue($1, $2, $3, $4, $5, $6)', values)
}

export interface MailInfo {
  readonly id: string
  readonly recipient: string
  readonly template: string
  readonly state: MailState
  readonly attempts: number
  readonly error: string | null
  readonly createdAt: Date
  /** Of the next try; null when there will be none. */
  readonly nextAt: Date | null
  readonly endedAt: Date | null
}

const INFO = `id, recipient, template, state, attempts, error, created_at AS "createdAt",
  CASE WHEN ended_at IS NULL THEN next_at END AS "nextAt", ended_at AS "endedAt"`

/** The tenant's mail, newest first. */
export async function listMail(
  session: TenantSession,
  ask: {
    readonly state: MailState | null
    /** Id of the last one that was seen. */
    readonly after: string | null
    readonly limit: number
  },
): Promise<MailInfo[]> {
  return session.query<MailInfo>(
    `SELECT ${INFO} FROM mail
     WHERE tenant_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR id < $3)
     ORDER BY tenant_id DESC, id DESC LIMIT $4`,
    [session.tenant.id, ask.state, ask.after, ask.limit],
  )
}

export async function getMail(session: TenantSession, id: string): Promise<MailInfo | null> {
  const [row] = await session.query<MailInfo>(
    `SELECT ${INFO} FROM mail WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  return row ?? null
}

/** States of those of these mails that are still known, by their ids. */
export async function mailStatesOf(
  session: TenantSession,
  ids: readonly string[],
): Promise<ReadonlyMap<string, MailState>> {
  const rows = await session.query<{ id: string; state: MailState }>(
    'SELECT id, state FROM mail WHERE tenant_id = $1 AND id = ANY ($2)',
    [session.tenant.id, ids],
  )
  return new Map(rows.map(({ id, state }) => [id, state]))
}

/** Has what came to no good end tried again for two days; false: it did not, or there is none. */
export async function retryMail(session: TenantSession, id: string): Promise<boolean> {
  const rows = await session.query(
    `UPDATE mail SET state = 'queued', next_at = millrace_now(), error = NULL, ended_at = NULL,
       until = millrace_now() + interval '2 days'
     WHERE tenant_id = $1 AND id = $2 AND state IN ('failed', 'bounced') RETURNING id`,
    [session.tenant.id, id],
  )
  return rows.length > 0
}

/** Mail that a sender has taken. */
export interface ClaimedMail extends NewMail {
  readonly tenantId: number | null
  /** Of this try, from 1; names the claim when it is settled. */
  readonly number: number
  /** Without its brackets. */
  readonly messageId: string
}

/** What is due, of any tenant; another sender may have it when `leaseMs` are over. */
export async function claimMail(
  session: SystemSession,
  ask: { readonly max: number; readonly leaseMs: number; readonly domain: string },
): Promise<ClaimedMail[]> {
  return session.query<ClaimedMail>(
    `SELECT id, tenant_id AS "tenantId", recipient, recipient_name AS "recipientName", template,
       data, sealed, number, message_id AS "messageId"
     FROM mail_claim($1, $2, $3)`,
    [ask.max, ask.leaseMs, ask.domain],
  )
}

/**
 * How a try came out. Null: sent; without a delay: refused for good. Returns the state then, null
 * when another sender has it by now.
 */
export async function settleMail(
  session: SystemSession,
  { id, number }: Pick<ClaimedMail, 'id' | 'number'>,
  failure: { readonly error: string; readonly delayMs: number | null } | null,
): Promise<MailState | null> {
  const [row] = await session.query<{ state: MailState | null }>(
    'SELECT mail_settle($1, $2, $3, $4) AS state',
    [id, number, failure?.error ?? null, failure?.delayMs ?? null],
  )
  return row?.state ?? null
}

/** Milliseconds until mail is due; null: there is none. */
export async function nextMailMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT mail_next_wake() AS ms')
  return row?.ms ?? null
}

/** Removes mail that came to its end longer ago; at most `max`. Returns how many. */
export async function sweepMail(
  session: SystemSession,
  keepMs: number,
  max: number,
): Promise<number> {
  const [row] = await session.query<{ swept: number }>('SELECT mail_sweep($1, $2) AS swept', [
    keepMs,
    max,
  ])
  return row?.swept ?? 0
}
