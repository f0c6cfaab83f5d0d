import { toJson } from '#catalog/json.ts'
import type { SystemSession } from '#catalog/session.ts'
import type { ClaimedTask } from '#model/run.ts'

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
  /** What this slot can do, as beginnings of lanes (see {@link lanesOf}). */
  readonly lanes: readonly string[]
  /** Tasks that ask for a tag which is not among these are left to others. */
  readonly tags?: readonly string[] | undefined
  /** Only this tenant's tasks: for workers of other services, which hold a key of one tenant. */
  readonly tenantId?: number | undefined
  /**
   * A batch of background tasks is at most this part of what is ready; default 4. 0: a batch ahead of
   * its time, only of short tasks that are there in plenty.
   */
  readonly share?: number | undefined
  /** Batches that this worker ended since it claimed last, so that fair shares know what they took. */
  readonly used?: readonly SlotUse[] | undefined
}

/** Slot time that an ended batch took. */
export interface SlotUse {
  readonly tenantId: number
  /** Name of background tasks, whose pace decides on the size of batches; null for others. */
  readonly name: string | null
  readonly slotMs: number
  /** Of it, what the tasks themselves took; default: all of it. */
  readonly tasksMs?: number
  readonly tasks: number
}

/** Beginnings of lanes: everything that a slot of ours does, calls, or tasks of these names for a foreign worker. */
export const lanesOf = {
  slot: ['factory/', 'code/'],
  /** What may be claimed ahead of its time, with a `share` of 0. */
  short: ['code/'],
  call: ['call/'],
  delivery: ['delivery/'],
  pull: (names: readonly string[]) => names.map((name) => `pull/${name}/`),
} as const

/**
 * One batch for one slot: tasks of one tenant and lane, leased to the worker, by priority and age;
 * empty when nothing is ready that this worker may do now. Whose turn it is follows from the slot
 * time that each tenant has had for its weight. All tasks of a batch share one fencing number,
 * which no other claim ever has.
 */
export async function claim(session: SystemSession, request: ClaimRequest): Promise<ClaimedTask[]> {
  const { used } = request
  return session.query<ClaimedTask>(
    `SELECT id, tenant_id AS "tenantId", tenant_slug AS "tenantSlug", run_id AS "runId", kind,
       handler, dataset, partition, conditional, forced, attempt, fence, timeout_ms AS "timeoutMs"
     FROM queue_claim($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      request.worker,
      request.leaseMs,
      request.maxTasks,
      request.lanes,
      request.tags ?? [],
      request.tenantId ?? null,
      request.share ?? 4,
      used && used.length > 0 ? toJson(used) : null,
    ],
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
  /** Empty: a task that belongs to no run. */
  readonly runId: string
  /** Null: nobody had begun it. */
  readonly worker: string | null
  /** Its lease ran out, its attempt took too long, or nobody began it in time. */
  readonly cause: 'silent' | 'slow' | 'waited'
  /** True: it had no attempt left (or its run is being cancelled) and has ended. */
  readonly ended: boolean
}

/** Takes tasks back whose time is over: ready again, or failed after their last attempt. */
export async function expireTasks(session: SystemSession): Promise<Expired[]> {
  return session.query<Expired>(
    `SELECT id AS "taskId", tenant_id AS "tenantId", run_id AS "runId", worker, cause, ended
     FROM queue_expire()`,
  )
}

/**
 * Takes back at once whatever a former owner of this home was at work on when it died: whoever holds
 * the home's lock knows that nobody else can hold a lease. Never for a catalog that is shared.
 */
export async function requeueAbandoned(session: SystemSession): Promise<Expired[]> {
  await session.query('SELECT queue_abandon_leases()')
  return expireTasks(session)
}

/** Milliseconds until a delayed task becomes ready or a lease runs out; null: nothing to wait for. */
export async function nextWakeMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT queue_next_wake() AS ms')
  return row?.ms ?? null
}

/** Milliseconds until a delayed task is due, or a rate allows another start; null: nothing to wait for. */
export async function nextReadyMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT queue_next_ready() AS ms')
  return row?.ms ?? null
}

/**
 * What nobody would find otherwise: rows of workers that are gone, lanes that nobody looks at. Returns
 * how many lanes no claim had been told of, which is a bug where it is not 0.
 */
export async function tidyQueue(session: SystemSession): Promise<number> {
  const [row] = await session.query<{ missing: number }>('SELECT queue_tidy() AS missing')
  return row?.missing ?? 0
}
