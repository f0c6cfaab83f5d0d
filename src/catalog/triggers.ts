import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import { MillraceError, type ErrorData } from '#kernel/errors.ts'

export type TriggerKind = 'schedule' | 'sensor' | 'freshness'

export interface Trigger {
  readonly id: string
  readonly kind: TriggerKind
  /** Of a sensor its source, of a freshness rule its dataset. */
  readonly name: string
  readonly definition: unknown
  readonly createdAt: Date
  readonly createdBy: string
  readonly pausedAt: Date | null
  readonly pausedBy: string | null
  readonly dueAt: Date | null
  /** Null: paused, or never again. */
  readonly nextAt: Date | null
  readonly state: Readonly<Record<string, unknown>>
  readonly failures: number
  readonly error: ErrorData | null
}

const COLUMNS = `id, kind, name, definition, created_at AS "createdAt", created_by AS "createdBy",
  paused_at AS "pausedAt", paused_by AS "pausedBy", due_at AS "dueAt", next_at AS "nextAt", state,
  failures, error`

type TriggerRow = Omit<Trigger, 'error'> & { readonly error: StoredError | null }

function toTrigger(row: TriggerRow): Trigger {
  return { ...row, error: readError(row.error) }
}

/** By name; of one kind. */
export async function listTriggers(session: TenantSession, kind: TriggerKind): Promise<Trigger[]> {
  const rows = await session.query<TriggerRow>(
    `SELECT ${COLUMNS} FROM trigger WHERE tenant_id = $1 AND kind = $2 ORDER BY name`,
    [session.tenant.id, kind],
  )
  return rows.map(toTrigger)
}

/** Throws `trigger-unknown`. */
export async function getTrigger(
  session: TenantSession,
  kind: TriggerKind,
  name: string,
): Promise<Trigger> {
  const [row] = await session.query<TriggerRow>(
    `SELECT ${COLUMNS} FROM trigger WHERE tenant_id = $1 AND kind = $2 AND name = $3`,
    [session.tenant.id, kind, name],
  )
  if (!row) throw new MillraceError('trigger-unknown', { kind, name })
  return toTrigger(row)
}

/** Null when it was deleted. */
export async function triggerById(session: TenantSession, id: string): Promise<Trigger | null> {
  const [row] = await session.query<TriggerRow>(
    `SELECT ${COLUMNS} FROM trigger WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  return row ? toTrigger(row) : null
}

/** Null when it was deleted. With its row locked until the transaction ends. */
export async function lockTrigger(session: TenantSession, id: string): Promise<Trigger | null> {
  const [row] = await session.query<TriggerRow>(
    `SELECT ${COLUMNS} FROM trigger WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    [session.tenant.id, id],
  )
  return row ? toTrigger(row) : null
}

export interface NewTrigger {
  readonly id: string
  readonly kind: TriggerKind
  readonly name: string
  readonly definition: unknown
  readonly createdBy: string
  readonly dueAt: Date | null
  /** Null: now. */
  readonly nextAt: Date | null
}

/** Throws `trigger-exists`. */
export async function createTrigger(session: TenantSession, trigger: NewTrigger): Promise<void> {
  const made = await session.query(
    `INSERT INTO trigger (tenant_id, id, kind, name, definition, created_by, due_at, next_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8, millrace_now()))
     ON CONFLICT (tenant_id, kind, name) DO NOTHING RETURNING id`,
    [
      session.tenant.id,
      trigger.id,
      trigger.kind,
      trigger.name,
      toJson(trigger.definition),
      trigger.createdBy,
      trigger.dueAt,
      trigger.nextAt,
    ],
  )
  if (made.length === 0) {
    throw new MillraceError('trigger-exists', { kind: trigger.kind, name: trigger.name })
  }
}

/** What it started goes on. Throws `trigger-unknown`. */
export async function deleteTrigger(
  session: TenantSession,
  kind: TriggerKind,
  name: string,
): Promise<void> {
  const { id } = await getTrigger(session, kind, name)
  await session.query('DELETE FROM trigger_firing WHERE tenant_id = $1 AND trigger_id = $2', [
    session.tenant.id,
    id,
  ])
  await session.query('DELETE FROM trigger WHERE tenant_id = $1 AND id = $2', [
    session.tenant.id,
    id,
  ])
}

/** A second time it changes nothing. Due times meanwhile are not made up for. */
export async function pauseTrigger(session: TenantSession, id: string, by: string): Promise<void> {
  await session.query(
    `UPDATE trigger SET paused_at = coalesce(paused_at, millrace_now()),
       paused_by = CASE WHEN paused_at IS NULL THEN $3 ELSE paused_by END, next_at = NULL
     WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id, by],
  )
}

export async function resumeTrigger(
  session: TenantSession,
  id: string,
  { dueAt, nextAt }: { readonly dueAt: Date | null; readonly nextAt: Date | null },
): Promise<void> {
  await session.query(
    `UPDATE trigger SET paused_at = NULL, paused_by = NULL, due_at = $3,
       next_at = coalesce($4, millrace_now()) WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id, dueAt, nextAt],
  )
}

/** How a look came out: when to look again (in ms from now), what to remember, what went wrong. */
export async function noteLook(
  session: TenantSession,
  id: string,
  look: {
    readonly againMs: number
    readonly state?: Readonly<Record<string, unknown>> | undefined
    readonly error: ErrorData | null
  },
): Promise<void> {
  await session.query(
    `UPDATE trigger SET failures = CASE WHEN $4::jsonb IS NULL THEN 0 ELSE failures + 1 END,
       error = $4, state = coalesce($5, state),
       next_at = CASE WHEN paused_at IS NULL
         THEN millrace_now() + $3 * interval '1 millisecond' END
     WHERE tenant_id = $1 AND id = $2`,
    [
      session.tenant.id,
      id,
      look.againMs,
      look.error ? toJson(look.error) : null,
      look.state ? toJson(look.state) : null,
    ],
  )
}

/** The catalog's clock, which due times go by. */
export async function catalogNow(session: TenantSession): Promise<Date> {
  const [row] = await session.query<{ now: Date }>('SELECT millrace_now() AS now')
  return row?.now as Date
}

/** A tenant's own rule, in place of the one of the definition. */
export async function setFreshness(
  session: TenantSession,
  rule: {
    readonly id: string
    readonly dataset: string
    readonly maxAgeMs: number
    readonly createdBy: string
  },
): Promise<void> {
  const definition = toJson({ maxAgeMs: rule.maxAgeMs, origin: 'tenant' })
  await session.query(
    `INSERT INTO trigger (tenant_id, id, kind, name, definition, created_by, next_at)
     VALUES ($1, $2, 'freshness', $3, $4, $5, millrace_now())
     ON CONFLICT (tenant_id, kind, name) DO UPDATE
     SET definition = excluded.definition, created_by = excluded.created_by,
       next_at = excluded.next_at`,
    [session.tenant.id, rule.id, rule.dataset, definition, rule.createdBy],
  )
}
