import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { BodyEncoding, WaitingFormat } from '#model/append.ts'

/**
 * Rows for an append dataset, as they arrived. The contract of everything that brings rows in, requests
 * as well as pollers and streams: what `append` was called for is kept once its transaction is committed.
 */
export interface AppendedBody {
  /** Name of the acknowledgement; new. */
  readonly id: string
  readonly dataset: string
  readonly bytes: Buffer
  readonly format: WaitingFormat
  readonly encoding: BodyEncoding
  /** Of the bytes, their format and coding, hexadecimal. */
  readonly sha256: string
  /** Rows in it, good and bad. */
  readonly rows: number
  /** The same key with the same bytes is the same request. */
  readonly idempotencyKey: string | null
  /** Moves in the same transaction; nothing is kept where it does not stand at `from`. */
  readonly sourcePosition?: SourcePosition
}

/** How far whoever brings the rows in has come, in words of its own; null: it has not begun. */
export interface SourcePosition {
  readonly name: string
  readonly from: string | null
  readonly to: string
}

export interface Appended {
  readonly id: string
  readonly receivedAt: Date
  readonly rows: number
  /** True: a former request had this key and these bytes, and this is its acknowledgement. */
  readonly existed: boolean
}

/** Time that requests have to join the first one in its segment. */
const GATHER_MS = 100

/**
 * Keeps bodies of one tenant, parallel to the list: acknowledged, or refused one by one
 * (`append-key-reused`, `append-position-moved`).
 */
export async function append(
  session: TenantSession,
  bodies: readonly AppendedBody[],
): Promise<(Appended | MillraceError)[]> {
  const refused = new Map<string, MillraceError>()
  for (const body of bodies) {
    const { sourcePosition } = body
    const error = sourcePosition && (await movePosition(session, body.dataset, sourcePosition))
    if (error) refused.set(body.id, error)
  }
  const wanted = bodies.filter(({ id }) => !refused.has(id))
  const made = new Map((await insertBodies(session, wanted)).map((row) => [row.id, row]))
  await raiseLanes(
    session,
    wanted.filter(({ id }) => made.has(id)),
  )
  const former = await findKeys(
    session,
    wanted.filter(({ id }) => !made.has(id)),
  )
  return bodies.map((body) => {
    const error = refused.get(body.id)
    if (error) return error
    const own = made.get(body.id)
    if (own) return { ...own, existed: false }
    const known = former.get(keyName(body))
    if (!known) throw new MillraceError('internal', { message: `${body.id} has no row` })
    if (known.sha256 === body.sha256) {
      return { id: known.id, receivedAt: known.receivedAt, rows: known.rows, existed: true }
    }
    const key = body.idempotencyKey ?? ''
    const { dataset } = body
    return new MillraceError('append-key-reused', { key, dataset, acknowledgement: known.id })
  })
}

type BodyRow = Pick<Appended, 'id' | 'receivedAt' | 'rows'>

/** Keys in one order for everybody, so that twins wait for each other in a line and not in a ring. */
async function insertBodies(
  session: TenantSession,
  bodies: readonly AppendedBody[],
): Promise<BodyRow[]> {
  if (bodies.length === 0) return []
  const ordered = bodies.toSorted((a, b) => (keyName(a) < keyName(b) ? -1 : 1))
  const values = ordered.flatMap((body) => [
    body.id,
    body.dataset,
    body.format,
    body.encoding,
    body.bytes,
    body.bytes.length,
    body.sha256,
    body.rows,
    body.idempotencyKey,
  ])
  const lines = ordered.map((_body, at) => {
    const first = 2 + at * 9
    const places = Array.from({ length: 9 }, (_, place) => `$${first + place}`)
    return `($1, ${places.join(', ')})`
  })
  return session.query<BodyRow>(
    `INSERT INTO acknowledgement (tenant_id, id, dataset, format, encoding, body, bytes, sha256, rows,
       idempotency_key)
     VALUES ${lines.join(', ')}
     ON CONFLICT (tenant_id, dataset, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
     RETURNING id, received_at AS "receivedAt", rows`,
    [session.tenant.id, ...values],
  )
}

/** The last statement, for the rows of lanes stay locked until the commit. */
async function raiseLanes(session: TenantSession, made: readonly AppendedBody[]): Promise<void> {
  const lanes = [...Map.groupBy(made, ({ dataset }) => dataset)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )
  if (lanes.length === 0) return
  await session.query(
    `INSERT INTO append_lane AS l (tenant_id, dataset, waiting_requests, waiting_bytes, flush_at)
     SELECT $1, t.dataset, t.requests, t.bytes, millrace_now() + $5 * interval '1 millisecond'
     FROM unnest($2::text[], $3::int[], $4::bigint[]) AS t (dataset, requests, bytes)
     ON CONFLICT (tenant_id, dataset) DO UPDATE
     SET waiting_requests = l.waiting_requests + excluded.waiting_requests,
       waiting_bytes = l.waiting_bytes + excluded.waiting_bytes,
       flush_at = coalesce(l.flush_at, excluded.flush_at)`,
    [
      session.tenant.id,
      lanes.map(([dataset]) => dataset),
      lanes.map(([, bodies]) => bodies.length),
      lanes.map(([, bodies]) => bodies.reduce((sum, { bytes }) => sum + bytes.length, 0)),
      GATHER_MS,
    ],
  )
}

async function findKeys(
  session: TenantSession,
  bodies: readonly AppendedBody[],
): Promise<Map<string, BodyRow & { readonly sha256: string }>> {
  if (bodies.length === 0) return new Map()
  const rows = await session.query<
    BodyRow & { readonly sha256: string; dataset: string; idempotencyKey: string }
  >(
    `SELECT a.id, a.dataset, a.idempotency_key AS "idempotencyKey", a.received_at AS "receivedAt",
       a.rows, a.sha256
     FROM unnest($2::text[], $3::text[]) AS k (dataset, key)
     JOIN acknowledgement a
       ON a.tenant_id = $1 AND a.dataset = k.dataset AND a.idempotency_key = k.key`,
    [
      session.tenant.id,
      bodies.map(({ dataset }) => dataset),
      bodies.map(({ idempotencyKey }) => idempotencyKey),
    ],
  )
  return new Map(rows.map((row) => [keyName(row), row]))
}

function keyName(body: { readonly dataset: string; readonly idempotencyKey: string | null }) {
  return `${body.dataset} ${body.idempotencyKey ?? ''}`
}

async function movePosition(
  session: TenantSession,
  dataset: string,
  { name, from, to }: SourcePosition,
): Promise<MillraceError | null> {
  const { id } = session.tenant
  const moved =
    from === null
      ? await session.query(
          `INSERT INTO append_position (tenant_id, dataset, name, position) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING name`,
          [id, dataset, name, to],
        )
      : await session.query(
          `UPDATE append_position SET position = $5, moved_at = millrace_now()
         WHERE tenant_id = $1 AND dataset = $2 AND name = $3 AND position = $4 RETURNING name`,
          [id, dataset, name, from, to],
        )
  if (moved.length > 0) return null
  const position = await sourcePosition(session, dataset, name)
  return new MillraceError('append-position-moved', {
    name,
    dataset,
    position: position ?? 'its beginning',
    expected: from ?? 'its beginning',
  })
}

/** How far the reader of that name has come; null: it has not begun. */
export async function sourcePosition(
  session: TenantSession,
  dataset: string,
  name: string,
): Promise<string | null> {
  const [row] = await session.query<{ position: string }>(
    'SELECT position FROM append_position WHERE tenant_id = $1 AND dataset = $2 AND name = $3',
    [session.tenant.id, dataset, name],
  )
  return row?.position ?? null
}

/** Bytes of the tenant that wait, and how many of them go in a second; null: nobody knows yet. */
export async function waitingOf(
  session: TenantSession,
): Promise<{ readonly bytes: number; readonly drainRate: number | null }> {
  const [row] = await session.query<{ bytes: number; drainRate: number | null }>(
    `SELECT coalesce(sum(waiting_bytes), 0)::bigint AS bytes, sum(drain_rate) AS "drainRate"
     FROM append_lane WHERE tenant_id = $1 AND waiting_requests > 0`,
    [session.tenant.id],
  )
  return row ?? { bytes: 0, drainRate: null }
}

/** Bytes that wait in all, of all tenants. */
export async function waitingInAll(session: SystemSession): Promise<number> {
  const [row] = await session.query<{ bytes: number }>('SELECT append_waiting() AS bytes')
  return row?.bytes ?? 0
}
