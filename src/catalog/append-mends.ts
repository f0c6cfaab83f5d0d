import { append } from '#catalog/append.ts'
import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { sha256 } from '#kernel/hash.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** A partition whose held rows are to be judged again. */
export interface NewReplay {
  /** Name of the acknowledgement; new. */
  readonly id: string
  readonly partition: PartitionKey
  /** Rows that it holds back now. */
  readonly held: number
}

/**
 * Asks for replays of rows that were sent, in the transaction that applies their fixes: each waits in
 * the lane as a request with rows does, and what it does is published once, or not at all.
 */
export async function askForReplays(
  session: TenantSession,
  dataset: string,
  replays: readonly NewReplay[],
): Promise<void> {
  await session.query(
    `UPDATE fix f SET acknowledgement = r.id
     FROM jsonb_to_recordset($3) AS r (id text, partition text)
     WHERE f.tenant_id = $1 AND f.dataset = $2 AND f.partition = r.partition
       AND f.state = 'applied' AND f.acknowledgement IS NULL`,
    [session.tenant.id, dataset, toJson(replays)],
  )
  await append(
    session,
    replays.map(({ id, partition, held }) => ({
      id,
      dataset,
      bytes: Buffer.from(partition),
      format: 'quarantine' as const,
      encoding: 'identity' as const,
      sha256: sha256(`quarantine ${partition}`),
      rows: held,
      idempotencyKey: null,
    })),
  )
}

/** What became of rows of one request that had been held back. */
export interface MendedRequest {
  readonly id: string
  /** Judged again; they are held back no more, but for `quarantined` of them. */
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
  readonly withheld: number
  readonly erased: number
}

/** Tells the acknowledgements of the requests that the rows came with, as far as they are kept still. */
export async function noteMended(
  session: TenantSession,
  requests: readonly MendedRequest[],
): Promise<void> {
  const changed = requests.filter(({ received, quarantined }) => received !== quarantined)
  if (changed.length === 0) return
  await session.query(
    `UPDATE acknowledgement a
     SET accepted = a.accepted + d.accepted, repaired = coalesce(a.repaired, 0) + d.repaired,
       quarantined = a.quarantined - d.received + d.quarantined,
       withheld = a.withheld + d.withheld, erased = a.erased + d.erased
     FROM jsonb_to_recordset($2) AS d (id text, received int, accepted int, repaired int,
       quarantined int, withheld int, erased int)
     WHERE a.tenant_id = $1 AND a.id = d.id AND a.settled_at IS NOT NULL`,
    [session.tenant.id, toJson(changed)],
  )
}
