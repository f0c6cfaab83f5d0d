import type { SystemSession, TenantSession } from '#catalog/session.ts'

/** A request that is to be carried out once. */
export interface IdempotentRequest {
  /** Who asks, as in the audit log. */
  readonly caller: string
  /** The one that came with it. */
  readonly key: string
  readonly operation: string
  /** SHA-256 of what is asked. */
  readonly fingerprint: Uint8Array
  /** Of whoever carries it out; a new one for each try. */
  readonly token: string
}

/**
 * What became of a claim.
 *
 *   ours      carry it out
 *   other     the key stands for another request
 *   busy      somebody carries it out at this moment
 *   unknown   it changed something, and whoever did it has vanished before it could answer
 *   answered  with the answer, where it is kept
 */
export type Claim =
  | { readonly state: 'ours' | 'other' | 'busy' | 'unknown' }
  | { readonly state: 'answered'; readonly answer: string | null; readonly sealed: string | null }

export async function claimRequest(
  session: TenantSession,
  request: IdempotentRequest,
  { leaseMs, keepMs }: { readonly leaseMs: number; readonly keepMs: number },
): Promise<Claim> {
  const { caller, key, operation, token } = request
  const fingerprint = Buffer.from(request.fingerprint)
  const claimed = await session.query(
    `INSERT INTO idempotent_request AS r
       (tenant_id, caller, key, operation, fingerprint, token, lease_until)
     VALUES ($1, $2, $3, $4, $5, $6, millrace_now() + $7 * interval '1 millisecond')
     ON CONFLICT (tenant_id, caller, key) DO UPDATE
     SET operation = excluded.operation, fingerprint = excluded.fingerprint, token = excluded.token,
       state = 'claimed', changed = false, lease_until = excluded.lease_until, answer = NULL,
       sealed_answer = NULL, created_at = excluded.created_at
     WHERE r.created_at < millrace_now() - $8 * interval '1 millisecond'
       OR (r.state = 'claimed' AND NOT r.changed AND r.lease_until <= millrace_now()
         AND r.operation = excluded.operation AND r.fingerprint = excluded.fingerprint)
     RETURNING r.token`,
    [session.tenant.id, caller, key, operation, fingerprint, token, leaseMs, keepMs],
  )
  if (claimed.length > 0) return { state: 'ours' }
  const [former] = await session.query<{
    same: boolean
    state: 'claimed' | 'answered'
    atWork: boolean
    answer: string | null
    sealed: string | null
  }>(
    `SELECT operation = $4 AND fingerprint = $5 AS same, state, lease_until > millrace_now() AS "atWork",
       answer, sealed_answer AS sealed
     FROM idempotent_request WHERE tenant_id = $1 AND caller = $2 AND key = $3`,
    [session.tenant.id, caller, key, operation, fingerprint],
  )
  // Gone since: whoever had it has given it back.
  if (!former) return { state: 'busy' }
  if (!former.same) return { state: 'other' }
  if (former.state === 'claimed') return { state: former.atWork ? 'busy' : 'unknown' }
  return { state: 'answered', answer: former.answer, sealed: former.sealed }
}

type Claimed = Pick<IdempotentRequest, 'caller' | 'key' | 'token'>

/** False: it is not ours any more. */
export async function keepRequest(
  session: TenantSession,
  { caller, key, token }: Claimed,
  leaseMs: number,
): Promise<boolean> {
  const kept = await session.query(
    `UPDATE idempotent_request SET lease_until = millrace_now() + $5 * interval '1 millisecond'
     WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND token = $4 AND state = 'claimed'
     RETURNING key`,
    [session.tenant.id, caller, key, token, leaseMs],
  )
  return kept.length > 0
}

/** Both null: it has been carried out, and its answer is not kept. */
export async function answerRequest(
  session: TenantSession,
  { caller, key, token }: Claimed,
  { answer, sealed }: { readonly answer: string | null; readonly sealed: string | null },
): Promise<void> {
  await session.query(
    `UPDATE idempotent_request SET state = 'answered', answer = $5, sealed_answer = $6
     WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND token = $4 AND state = 'claimed'`,
    [session.tenant.id, caller, key, token, answer, sealed],
  )
}

/** Gives the key back, unless something was changed: false. */
export async function releaseRequest(
  session: TenantSession,
  { caller, key, token }: Claimed,
): Promise<boolean> {
  const released = await session.query(
    `DELETE FROM idempotent_request
     WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND token = $4 AND NOT changed RETURNING key`,
    [session.tenant.id, caller, key, token],
  )
  return released.length > 0
}

/** How many requests older than that are forgotten. */
export async function sweepRequests(session: SystemSession, keepMs: number): Promise<number> {
  const [row] = await session.query<{ count: number }>('SELECT idempotent_sweep($1) AS count', [
    keepMs,
  ])
  return row?.count ?? 0
}
