import { taskName } from '#catalog/background-ids.ts'
import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { eventId, type DomainEvent, type EventData, type EventKind } from '#model/domain-event.ts'

/**
 * Notes an event in the transaction that makes it true. It gets its place among the tenant's events when
 * that is committed. SQL that does the same inserts tenant_id, kind and payload into `outbox`.
 */
export async function tellEvent<Kind extends EventKind>(
  session: TenantSession,
  kind: Kind,
  data: EventData<Kind>,
): Promise<void> {
  await session.query('INSERT INTO outbox (tenant_id, kind, payload) VALUES ($1, $2, $3)', [
    session.tenant.id,
    kind,
    toJson(data),
  ])
}

/** Where a tenant's events begin and end: those up to `swept` may be gone. */
export interface EventRange {
  readonly last: number
  readonly swept: number
}

export async function eventRange(session: TenantSession): Promise<EventRange> {
  const [row] = await session.query<EventRange>(
    'SELECT last, swept FROM event_head WHERE tenant_id = $1',
    [session.tenant.id],
  )
  return row ?? { last: 0, swept: 0 }
}

export interface EventRow {
  readonly sequence: number
  readonly kind: string
  readonly payload: unknown
  readonly createdAt: Date
}

/** Sequences that one look goes through at most, so that a rare kind costs no more than a frequent one. */
const SPAN = 10_000

export interface EventPage {
  readonly events: readonly DomainEvent[]
  /** Everything up to here was looked at. */
  readonly cursor: number
}

/** The tenant's events after a sequence, in their order. `kinds` null: all. */
export async function listEvents(
  session: TenantSession,
  ask: {
    readonly after: number
    readonly limit: number
    readonly kinds?: readonly string[] | null
    readonly datasets?: readonly string[] | null
  },
): Promise<EventPage> {
  const { after, limit, kinds = null, datasets = null } = ask
  const { id, slug } = session.tenant
  const { last } = await eventRange(session)
  const until = Math.min(last, after + SPAN)
  if (until <= after) return { events: [], cursor: after }
  const rows = await session.query<EventRow>(
    `SELECT sequence, kind, payload, created_at AS "createdAt" FROM outbox
     WHERE tenant_id = $1 AND sequence > $2 AND sequence <= $3
       AND ($4::text[] IS NULL OR kind = ANY ($4)) AND ($5::text[] IS NULL OR dataset = ANY ($5))
     ORDER BY sequence LIMIT $6`,
    [id, after, until, kinds, datasets, limit],
  )
  const events = rows.map((row) => toEvent(slug, row))
  return { events, cursor: rows.length < limit ? until : (events.at(-1)?.sequence ?? until) }
}

export function toEvent(tenant: string, row: EventRow): DomainEvent {
  const { sequence, createdAt } = row
  const kind = row.kind as EventKind
  const data =
    kind === 'task.failed' ? withTaskName(row.payload as { task: number }) : (row.payload as object)
  return {
    id: eventId(tenant, sequence),
    sequence,
    kind,
    at: createdAt.toISOString(),
    tenant,
    data: data as DomainEvent['data'],
  }
}

/** The catalog knows background tasks by number. */
function withTaskName(payload: { readonly task: number }): object {
  return { ...payload, task: taskName(payload.task) }
}

/** Newest sequences of these tenants; those without any event are left out. */
export async function eventHeads(
  session: SystemSession,
  tenantIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await session.query<{ tenantId: number; last: number }>(
    'SELECT tenant_id AS "tenantId", last FROM event_heads($1)',
    [tenantIds],
  )
  return new Map(rows.map(({ tenantId, last }) => [tenantId, last]))
}

/** Removes events that are older, with all that was to be told of them; at most `max`. Returns how many. */
export async function sweepEvents(
  session: SystemSession,
  keepMs: number,
  max: number,
): Promise<number> {
  const [row] = await session.query<{ swept: number }>('SELECT events_sweep($1, $2) AS swept', [
    keepMs,
    max,
  ])
  return row?.swept ?? 0
}
