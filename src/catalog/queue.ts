import type { SystemSession } from '#catalog/session.ts'
import type { ClaimedTask, TaskKind } from '#model/run.ts'

export interface Lease {
  readonly taskId: number
  readonly fence: number
}

export interface ClaimRequest {
  /** Name of the slot's process, for attempts and messages. */
  readonly worker: string
  readonly leaseMs: number
  /** Largest batch; tasks may ask for smaller ones (`NewTask.batchMax`). */
  readonly maxTasks: number
  /** Default: all kinds. */
  readonly kinds?: readonly TaskKind[]
}

/**
 * One batch for one slot: tasks of one tenant, run, dataset and kind, leased to the worker, in the
 * order of the plan; empty when nothing is ready. The tenant with the fewest busy slots for its
 * weight comes first. All tasks of a batch share one fencing number, which no other claim ever has.
 */
export async function claim(session: SystemSession, request: ClaimRequest): Promise<ClaimedTask[]> {
  return session.query<ClaimedTask>(
    `SELECT id, tenant_id AS "tenantId", tenant_slug AS "tenantSlug", run_id AS "runId", kind,
       dataset, partition, conditional, forced, attempt, fence
     FROM queue_claim($1, $2, $3, $4)`,
    [request.worker, request.leaseMs, request.maxTasks, request.kinds ?? null],
  )
}

export interface Heartbeat {
  /** Somebody else has them, or they have ended: stop, publish nothing. */
  readonly lost: readonly number[]
  /** Ours still, but the run is being cancelled: stop and end them `cancelled`. */
  readonly cancel: readonly number[]
}

/** Makes leases last `leaseMs` from now; one that ran out is renewed if nobody else took the task. */
export async function heartbeat(
  session: SystemSession,
  leases: readonly Lease[],
  leaseMs: number,
): Promise<Heartbeat> {
  if (leases.length === 0) return { lost: [], cancel: [] }
  const renewed = await session.query<{ id: number; cancel: boolean }>(
    'SELECT id, cancel FROM queue_heartbeat($1, $2, $3)',
    [leases.map(({ taskId }) => taskId), leases.map(({ fence }) => fence), leaseMs],
  )
  const ours = new Set(renewed.map(({ id }) => id))
  return {
    lost: leases.map(({ taskId }) => taskId).filter((id) => !ours.has(id)),
    cancel: renewed.filter(({ cancel }) => cancel).map(({ id }) => id),
  }
}

export interface Expired {
  readonly taskId: number
  readonly tenantId: number
  readonly runId: string
  readonly worker: string
  /** True: it had no attempt left (or its run is being cancelled) and has ended. */
  readonly ended: boolean
}

/** Takes tasks back whose lease ran out: ready again, or failed after their last attempt. */
export async function requeueExpired(session: SystemSession): Promise<Expired[]> {
  return session.query<Expired>(
    `SELECT id AS "taskId", tenant_id AS "tenantId", run_id AS "runId", worker, ended
     FROM queue_requeue_expired()`,
  )
}

/**
 * Takes back at once whatever a former owner of this home was at work on when it died: whoever holds
 * the home's lock knows that nobody else can hold a lease. Never for a catalog that is shared.
 */
export async function requeueAbandoned(session: SystemSession): Promise<Expired[]> {
  await session.query('SELECT queue_abandon_leases()')
  return requeueExpired(session)
}

/** Milliseconds until a delayed task becomes ready or a lease runs out; null: nothing to wait for. */
export async function nextWakeMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT queue_next_wake() AS ms')
  return row?.ms ?? null
}
