import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError, type ErrorData } from '#kernel/errors.ts'
import type { BodyEncoding, BodyFormat, WaitingFormat } from '#model/append.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

/** An append dataset of a tenant that this process is at work on. */
export interface LaneLease {
  readonly tenant: Tenant
  readonly dataset: string
  readonly fence: number
}

/** Lanes in which something is due, longest first. */
export async function claimLanes(
  session: SystemSession,
  most: number,
  leaseMs: number,
): Promise<LaneLease[]> {
  const rows = await session.query<{
    tenant_id: number
    slug: string
    dataset: string
    fence: number
  }>('SELECT * FROM append_claim($1, $2)', [most, leaseMs])
  return rows.map(({ tenant_id, slug, dataset, fence }) => ({
    tenant: brandTenant(tenant_id, slug),
    dataset,
    fence,
  }))
}

/** What is due in a lane, by the catalog's clock. */
export interface LaneState {
  readonly flush: boolean
  readonly settle: boolean
  readonly compact: boolean
  /** In a row, up to now. */
  readonly failures: number
  /** What was told last is still under way: the task that plans it, or its run. */
  readonly settling: boolean
}

/** Throws `lease-lost`. Renews the lease. */
export async function openLane(
  session: TenantSession,
  lease: LaneLease,
  leaseMs: number,
): Promise<LaneState> {
  const [row] = await session.query<LaneState>(
    `UPDATE append_lane l SET leased_until = millrace_now() + $4 * interval '1 millisecond'
     WHERE l.tenant_id = $1 AND l.dataset = $2 AND l.fence = $3
     RETURNING coalesce(l.flush_at <= millrace_now(), false) AS flush,
       coalesce(l.settle_at <= millrace_now(), false) AS settle,
       coalesce(l.compact_at <= millrace_now(), false) AS compact,
       l.failures,
       (EXISTS (SELECT FROM task t WHERE t.tenant_id = $1 AND t.id = l.settle_task
          AND t.state IN ('ready', 'running'))
        OR EXISTS (SELECT FROM run r WHERE r.tenant_id = $1 AND r.trigger_id = 'append ' || l.dataset
          AND r.state = 'running')) AS settling`,
    [session.tenant.id, lease.dataset, lease.fence, leaseMs],
  )
  if (!row) throw lost(lease)
  return row
}

export interface WaitingBody {
  readonly id: string
  readonly receivedAt: Date
  readonly format: WaitingFormat
  readonly encoding: BodyEncoding
  readonly bytes: number
  readonly body: Buffer
}

/** A request with rows. */
export interface RowsBody extends WaitingBody {
  readonly format: BodyFormat
}

export function hasRows(body: WaitingBody): body is RowsBody {
  return body.format !== 'quarantine'
}

/** What has waited for longest, at most so much of it, but one at least. */
export async function waitingBodies(
  session: TenantSession,
  dataset: string,
  most: { readonly requests: number; readonly bytes: number },
): Promise<WaitingBody[]> {
  return session.query<WaitingBody>(
    `SELECT w.id, w.received_at AS "receivedAt", a.format, a.encoding, a.bytes, a.body
     FROM (
       SELECT id, received_at, bytes, sum(bytes) OVER (ORDER BY received_at, id) AS upto
       FROM (
         SELECT id, received_at, bytes FROM acknowledgement
         WHERE tenant_id = $1 AND dataset = $2 AND body IS NOT NULL
         ORDER BY received_at, id LIMIT $3
       ) AS first
     ) AS w
     JOIN acknowledgement a ON a.tenant_id = $1 AND a.id = w.id
     WHERE w.upto - w.bytes < $4
     ORDER BY w.received_at, w.id`,
    [session.tenant.id, dataset, most.requests, most.bytes],
  )
}

/** In the transaction of a publish, before it: throws `lease-lost` where another process has the lane. */
export async function holdLane(session: TenantSession, lease: LaneLease): Promise<void> {
  const [held] = await session.query(
    `SELECT FROM append_lane WHERE tenant_id = $1 AND dataset = $2 AND fence = $3 FOR UPDATE`,
    [session.tenant.id, lease.dataset, lease.fence],
  )
  if (!held) throw lost(lease)
}

/** Counts of one request whose rows are in the dataset from this transaction on. */
export interface SettledBody {
  readonly id: string
  readonly bytes: number
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
  readonly withheld: number
  readonly erased: number
}

/** While so much waits there is no pause. */
const MUCH_BYTES = 1_000_000

/** Ends what was flushed: bodies go, counts stay, analyses are to be told. */
export async function settleBodies(
  session: TenantSession,
  lease: LaneLease,
  settled: {
    readonly bodies: readonly SettledBody[]
    readonly commitNumber: number | null
    /** Null: nothing that analyses read has changed. */
    readonly settleMs: number | null
    /** Null: this says nothing about it. */
    readonly drainRate: number | null
    /** The next segment comes so long after this one at the earliest, unless much waits. */
    readonly pauseMs: number
    readonly compact: boolean
  },
): Promise<void> {
  const { bodies, commitNumber, settleMs, drainRate, pauseMs, compact } = settled
  await session.query(
    `WITH done AS (
       UPDATE acknowledgement a SET body = NULL, settled_at = millrace_now(), commit_number = $4,
         rows = CASE a.format WHEN 'quarantine' THEN d.received ELSE a.rows END, accepted = d.accepted, repaired = d.repaired,
         quarantined = d.quarantined, withheld = d.withheld, erased = d.erased
       FROM jsonb_to_recordset($3) AS d (id text, received int, accepted int, repaired int,
         quarantined int, withheld int, erased int)
       WHERE a.tenant_id = $1 AND a.id = d.id AND a.body IS NOT NULL
       RETURNING a.bytes
     ), counted AS (
       SELECT count(*)::int AS requests, coalesce(sum(bytes), 0)::bigint AS bytes FROM done
     )
     UPDATE append_lane l
     SET waiting_requests = l.waiting_requests - c.requests, waiting_bytes = l.waiting_bytes - c.bytes,
       flush_at = CASE
         WHEN l.waiting_bytes - c.bytes > $9 THEN millrace_now()
         WHEN l.waiting_requests > c.requests
           THEN millrace_now() + $7 * interval '1 millisecond' END,
       settle_at = CASE WHEN $5::double precision IS NULL THEN l.settle_at
         ELSE coalesce(l.settle_at, millrace_now() + $5 * interval '1 millisecond') END,
       compact_at = CASE WHEN $8 THEN coalesce(l.compact_at, millrace_now()) ELSE l.compact_at END,
       drain_rate = coalesce(l.drain_rate * 0.7 + $6::double precision * 0.3, $6, l.drain_rate),
       failures = 0, error = NULL,
       failing_since = NULL
     FROM counted c WHERE l.tenant_id = $1 AND l.dataset = $2`,
    [
      session.tenant.id,
      lease.dataset,
      toJson(bodies),
      commitNumber,
      settleMs,
      drainRate,
      pauseMs,
      compact,
      MUCH_BYTES,
    ],
  )
}

/** Lets others have the lane. `isDone`: all that was due went well. */
export async function releaseLane(
  session: TenantSession,
  lease: LaneLease,
  isDone: boolean,
): Promise<void> {
  await session.query(
    `UPDATE append_lane SET leased_until = NULL, failures = CASE WHEN $4 THEN 0 ELSE failures END,
       error = CASE WHEN $4 THEN NULL ELSE error END,
       failing_since = CASE WHEN $4 THEN NULL ELSE failing_since END
     WHERE tenant_id = $1 AND dataset = $2 AND fence = $3`,
    [session.tenant.id, lease.dataset, lease.fence, isDone],
  )
}

/** Puts a lane off in which something went wrong: nothing is lost, and everything waits. */
export async function putOffLane(
  session: TenantSession,
  lease: LaneLease,
  error: ErrorData,
): Promise<void> {
  await session.query(
    `UPDATE append_lane SET leased_until = millrace_now()
         + least(60, 0.5 * power(2, least(failures, 10))) * interval '1 second',
       failures = failures + 1, error = $4, failing_since = coalesce(failing_since, millrace_now())
     WHERE tenant_id = $1 AND dataset = $2 AND fence = $3`,
    [session.tenant.id, lease.dataset, lease.fence, toJson(error)],
  )
}

/** Compaction is done, or has more to do. */
export async function noteCompacted(
  session: TenantSession,
  lease: LaneLease,
  more: boolean,
): Promise<void> {
  await session.query(
    `UPDATE append_lane SET compact_at = CASE WHEN $4 THEN millrace_now() END
     WHERE tenant_id = $1 AND dataset = $2 AND fence = $3`,
    [session.tenant.id, lease.dataset, lease.fence, more],
  )
}

/**
 * Has a slot tell analyses of what came since they were told last; put off by `laterMs` (null: it is
 * not) while that is still under way.
 */
export async function tellSettled(
  session: TenantSession,
  lease: LaneLease,
  laterMs: number | null,
): Promise<void> {
  if (laterMs !== null) {
    await session.query(
      `UPDATE append_lane SET settle_at = millrace_now() + $4 * interval '1 millisecond'
       WHERE tenant_id = $1 AND dataset = $2 AND fence = $3`,
      [session.tenant.id, lease.dataset, lease.fence, laterMs],
    )
    return
  }
  await session.query(
    `UPDATE append_lane SET settle_at = NULL,
       settle_task = (trigger_tasks(jsonb_build_array(jsonb_build_object('tenantId', $1::int,
         'task', '(append)', 'place', $2::text)), 'normal'))[1]
     WHERE tenant_id = $1 AND dataset = $2 AND fence = $3`,
    [session.tenant.id, lease.dataset, lease.fence],
  )
}

/** Partitions that were published after what analyses have been told of, and up to which commit. */
export async function unsettledPartitions(
  session: TenantSession,
  dataset: string,
): Promise<{ readonly partitions: readonly string[]; readonly commitNumber: number }> {
  const [row] = await session.query<{ partitions: string[] | null; commitNumber: number | null }>(
    `SELECT array_agg(p.partition ORDER BY p.partition) AS partitions,
       max(p.commit_number) AS "commitNumber"
     FROM append_lane l JOIN partition_pointer p ON p.tenant_id = $1 AND p.environment = 'main'
       AND p.dataset = l.dataset AND p.commit_number > l.settled_commit AND p.version_id IS NOT NULL
     WHERE l.tenant_id = $1 AND l.dataset = $2`,
    [session.tenant.id, dataset],
  )
  return { partitions: row?.partitions ?? [], commitNumber: row?.commitNumber ?? 0 }
}

export async function noteSettled(
  session: TenantSession,
  dataset: string,
  commitNumber: number,
): Promise<void> {
  await session.query(
    `UPDATE append_lane SET settled_commit = greatest(settled_commit, $3)
     WHERE tenant_id = $1 AND dataset = $2`,
    [session.tenant.id, dataset, commitNumber],
  )
}

/** True while requests from before that time wait to become rows of one of the datasets. */
export async function isWaiting(
  session: TenantSession,
  datasets: readonly string[],
  before: Date,
): Promise<boolean> {
  const rows = await session.query(
    `SELECT FROM acknowledgement WHERE tenant_id = $1 AND dataset = ANY ($2) AND body IS NOT NULL
       AND received_at <= $3 LIMIT 1`,
    [session.tenant.id, datasets, before],
  )
  return rows.length > 0
}

function lost({ dataset }: LaneLease): MillraceError {
  return new MillraceError('lease-lost', { tasks: `the segments of ${dataset}` })
}
