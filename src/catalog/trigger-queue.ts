import { toJson } from '#catalog/json.ts'
import type { SystemSession } from '#catalog/session.ts'
import type { Firing, FiringState } from '#catalog/trigger-firings.ts'
import type { TriggerKind } from '#catalog/triggers.ts'
import type { ErrorData } from '#kernel/errors.ts'

/** A trigger whose time has come, locked until the transaction ends. */
export interface DueTrigger {
  readonly tenantId: number
  readonly id: string
  readonly kind: TriggerKind
  readonly name: string
  readonly definition: unknown
  readonly dueAt: Date | null
  readonly nextAt: Date
  readonly state: Readonly<Record<string, unknown>>
  /** The task of a sensor's last look has not ended. */
  readonly open: boolean
  readonly now: Date
}

export interface TriggerMove {
  readonly tenantId: number
  readonly id: string
  readonly dueAt: Date | null
  readonly nextAt: Date | null
  /** Default: as it is. */
  readonly state?: Readonly<Record<string, unknown>> | undefined
  readonly error?: Pick<ErrorData, 'code' | 'details'> | undefined
  /** Enqueues the next look of a sensor. */
  readonly look?: boolean | undefined
  /** For the outbox. */
  readonly tell?: { readonly kind: string; readonly payload: object } | undefined
}

export interface NewFiring {
  readonly tenantId: number
  readonly triggerId: string
  readonly dueAt: Date
  readonly cause: Firing['cause']
  readonly state: Extract<FiringState, 'started' | 'missed'>
  readonly detail?: string | undefined
}

/** The earliest first; those that another scheduler holds are passed over. */
export async function dueTriggers(session: SystemSession, most: number): Promise<DueTrigger[]> {
  return session.query<DueTrigger>(
    `SELECT tenant_id AS "tenantId", id, kind, name, definition, due_at AS "dueAt",
       next_at AS "nextAt", state, open, now FROM trigger_due($1)`,
    [most],
  )
}

/** In the transaction of {@link dueTriggers}: moves them on and enqueues what they start. */
export async function moveTriggers(
  session: SystemSession,
  moves: readonly TriggerMove[],
  firings: readonly NewFiring[],
): Promise<void> {
  if (moves.length === 0) return
  await session.query('SELECT trigger_move($1, $2)', [toJson(moves), toJson(firings)])
}

/** Starts firings that waited for former ones; returns how many. */
export async function startQueuedFirings(session: SystemSession): Promise<number> {
  const [row] = await session.query<{ started: number }>('SELECT trigger_unqueue() AS started')
  return row?.started ?? 0
}

/** Milliseconds until the next trigger is due; null: none is. */
export async function nextTriggerMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT trigger_next_wake() AS ms')
  return row?.ms ?? null
}

export interface NewestPartition {
  readonly tenantId: number
  readonly dataset: string
  readonly partition: string
  readonly publishedAt: Date
}

/** One for each that has anything published. */
export async function newestPartitions(
  session: SystemSession,
  asked: readonly { readonly tenantId: number; readonly dataset: string }[],
): Promise<NewestPartition[]> {
  if (asked.length === 0) return []
  return session.query<NewestPartition>(
    `SELECT tenant_id AS "tenantId", dataset, partition, published_at AS "publishedAt"
     FROM freshness_newest($1)`,
    [toJson(asked)],
  )
}

export interface DeclaredRule {
  readonly dataset: string
  readonly maxAgeMs: number
  readonly pack: string
}

/**
 * Rules of definitions, for the next so many tenants that have published anything, where they have
 * the dataset; a tenant's own rule stays. Begins after 0; returns where to go on, null at the end.
 */
export async function declareFreshness(
  session: SystemSession,
  rules: readonly DeclaredRule[],
  after: number,
  most: number,
): Promise<number | null> {
  const [row] = await session.query<{ next: number | null }>(
    'SELECT freshness_declare($1, $2, $3) AS next',
    [toJson(rules), after, most],
  )
  return row?.next ?? null
}
