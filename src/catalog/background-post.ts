import { taskName } from '#catalog/background-ids.ts'
import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { TaskClass } from '#model/run.ts'
import { STANDARD_ATTEMPTS, type RetryPolicy } from '#model/task-definition.ts'

/** A task for the queue, checked already (see tasks/prepare-tasks.ts). */
export interface NewBackgroundTask {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string
  readonly handler: 'code' | 'call' | 'pull'
  /** JSON, kept as it is. */
  readonly payload: string
  /** Who asked: `key mk_…`, `schedule nightly`. */
  readonly askedBy: string
  /** Default `normal`. */
  readonly class?: TaskClass | undefined
  /** −100 to 100, higher first; default 0. */
  readonly priority?: number | undefined
  /** Not before this time, or after so long; default: at once. */
  readonly runAt?: Date | undefined
  readonly delayMs?: number | undefined
  /** Longest attempt; default: as long as its lease is renewed. */
  readonly timeoutMs?: number | undefined
  /** Fails when nobody has begun it so long after it became due. */
  readonly startWithinMs?: number | undefined
  readonly retry?: RetryPolicy | undefined
  readonly concurrencyKey?: string | undefined
  /** Tasks of the tenant with that key that run at the same time; default 1. */
  readonly concurrencyLimit?: number | undefined
  readonly tags?: readonly string[] | undefined
  readonly callbackUrl?: string | undefined
  /** The same key with the same request is the same task; with another request it is an error. */
  readonly idempotencyKey?: string | undefined
}

export interface PostedTask {
  readonly id: number
  /** False: an earlier request with this idempotency key has made it. */
  readonly isNew: boolean
}

/** Rows of one statement: the embedded engine blocks the event loop while it runs. */
const CHUNK = 10_000
/** From so many tasks on the planner is told of them. */
const MANY = 500

/**
 * Puts tasks into the queue, all or none, when the transaction commits; parallel to the list. Throws
 * `idempotency-reused`, which names the position.
 */
export async function postTasks(
  session: TenantSession,
  items: readonly NewBackgroundTask[],
): Promise<PostedTask[]> {
  if (items.length === 0) return []
  const hashes = items.map((item) => (item.idempotencyKey === undefined ? null : hashOf(item)))
  // Twice the same key in one list: the later ones are the first one.
  const firsts = new Map<string, number>()
  for (const [position, { idempotencyKey }] of items.entries()) {
    if (idempotencyKey === undefined) continue
    const first = firsts.get(idempotencyKey) ?? position
    firsts.set(idempotencyKey, first)
    if (hashes[first] !== hashes[position]) throw reused(position, idempotencyKey)
  }
  const known = await findKeys(session, [...firsts.keys()])
  const fresh = items.flatMap((item, position) =>
    item.idempotencyKey === undefined ||
    (firsts.get(item.idempotencyKey) === position && !known.has(item.idempotencyKey))
      ? [position]
      : [],
  )
  const made = await insertNew(session, items, hashes, fresh)
  // A twin of this request may have come in between: what it made counts.
  const missed = fresh.filter((position) => !made.has(position))
  const twins = await findKeys(
    session,
    missed.map((position) => items[position]?.idempotencyKey as string),
  )
  for (const [key, row] of twins) known.set(key, row)
  if (made.size > 0) await announce(session, made.size)

  return items.map(({ idempotencyKey: key }, position) => {
    const own = made.get(position)
    if (own !== undefined) return { id: own, isNew: true }
    const former = known.get(key as string)
    if (former && former.hash !== hashes[position]) throw reused(position, key as string)
    const id = former?.id ?? made.get(firsts.get(key as string) ?? -1)
    if (id === undefined)
      throw new MillraceError('internal', { message: 'a posted task has no row' })
    return { id, isNew: false }
  })
}

async function announce(session: TenantSession, count: number): Promise<void> {
  if (count >= MANY) await session.query('SELECT tasks_analyze()')
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
}

/** Whoever asks is no part of it: a request may be repeated with another key of the same tenant. */
function hashOf({ askedBy: _by, handler: _handler, ...request }: NewBackgroundTask): string {
  return sha256(canonicalJson(request))
}

function reused(position: number, key: string): MillraceError {
  return new MillraceError('idempotency-reused', { position, key })
}

async function findKeys(
  session: TenantSession,
  keys: readonly string[],
): Promise<Map<string, { id: number; hash: string }>> {
  if (keys.length === 0) return new Map()
  const rows = await session.query<{ key: string; id: number; hash: string }>(
    `SELECT dedupe_key AS key, task_id AS id, request_hash AS hash FROM background_task
     WHERE tenant_id = $1 AND dedupe_key = ANY ($2)`,
    [session.tenant.id, keys],
  )
  return new Map(rows.map(({ key, id, hash }) => [key, { id, hash }]))
}

/** Ids by position; positions whose key a twin has taken meanwhile are left out. */
async function insertNew(
  session: TenantSession,
  items: readonly NewBackgroundTask[],
  hashes: readonly (string | null)[],
  fresh: readonly number[],
): Promise<Map<number, number>> {
  const made = new Map<number, number>()
  // Keys in one order for everybody, so that twins wait for each other in a line and not in a ring.
  const ordered = fresh.toSorted((a, b) => {
    const [left, right] = [items[a]?.idempotencyKey ?? '', items[b]?.idempotencyKey ?? '']
    return left < right ? -1 : left > right ? 1 : a - b
  })
  const ids = await takeIds(session, fresh)
  for (let from = 0; from < ordered.length; from += CHUNK) {
    const some = ordered.slice(from, from + CHUNK)
    for (const id of await insertDetails(session, items, hashes, some, ids))
      made.set(id.position, id.id)
  }
  const wanted = fresh.filter((position) => made.has(position))
  for (let from = 0; from < wanted.length; from += CHUNK) {
    await insertTasks(session, items, wanted.slice(from, from + CHUNK), made)
  }
  return made
}

/** In the order of the list, which is the order of starting. */
async function takeIds(
  session: TenantSession,
  positions: readonly number[],
): Promise<Map<number, number>> {
  const [row] = await session.query<{ ids: number[] | null }>(
    `SELECT json_agg(id) AS ids FROM (SELECT nextval('task_id') AS id FROM generate_series(1, $1)) AS i`,
    [positions.length],
  )
  return new Map(positions.map((position, index) => [position, row?.ids?.[index] as number]))
}

async function insertDetails(
  session: TenantSession,
  items: readonly NewBackgroundTask[],
  hashes: readonly (string | null)[],
  positions: readonly number[],
  ids: ReadonlyMap<number, number>,
): Promise<{ id: number; position: number }[]> {
  const chosen = positions.map((position) => items[position] as NewBackgroundTask)
  const byId = new Map(positions.map((position) => [ids.get(position) as number, position]))
  const rows = await session.query<{ id: number }>(
    `INSERT INTO background_task (tenant_id, task_id, payload, callback_url, retry, dedupe_key,
       request_hash, asked_by)
     SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::jsonb[], $6::text[],
       $7::text[], $8::text[])
     ON CONFLICT (tenant_id, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
     RETURNING task_id AS id`,
    [
      session.tenant.id,
      positions.map((position) => ids.get(position)),
      chosen.map(({ payload }) => payload),
      chosen.map(({ callbackUrl }) => callbackUrl ?? null),
      chosen.map(({ retry }) => (retry ? toJson(retry) : null)),
      chosen.map(({ idempotencyKey }) => idempotencyKey ?? null),
      positions.map((position) => hashes[position]),
      chosen.map(({ askedBy }) => askedBy),
    ],
  )
  return rows.map(({ id }) => ({ id, position: byId.get(id) as number }))
}

async function insertTasks(
  session: TenantSession,
  items: readonly NewBackgroundTask[],
  positions: readonly number[],
  ids: ReadonlyMap<number, number>,
): Promise<void> {
  const chosen = positions.map((position) => items[position] as NewBackgroundTask)
  const own = positions.map((position) => ids.get(position) as number)
  // Most tasks share the same few sets of these; they travel once each.
  const kinds = new Map<string, number>()
  const kindOf = chosen.map((item) => {
    const text = toJson({
      name: item.name,
      handler: item.handler,
      class: item.class ?? 'normal',
      priority: item.priority ?? 0,
      // A called service gets one task a request; whoever leases says how many it takes.
      batchMax: item.handler === 'call' ? 1 : 256,
      maxAttempts: item.retry?.attempts ?? STANDARD_ATTEMPTS,
      tags: [...new Set(item.tags)].sort(),
      timeoutMs: item.timeoutMs,
      startWithinMs: item.startWithinMs,
      delayMs: item.delayMs,
      keyLimit: item.concurrencyLimit ?? 1,
    })
    const place = kinds.get(text) ?? kinds.size
    kinds.set(text, place)
    return place
  })
  await session.query(
    `INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, handler, class, priority, dataset,
       partition, conditional, forced, reason, batch_max, max_attempts, tags, timeout_ms,
       concurrency_key, key_limit, callback, state, waiting, run_after, start_before)
     SELECT $1, t.id, '', 0, 0, 'background', k.handler, k.class, k.priority, k.name,
       t.public_id, false, false, '', k."batchMax", k."maxAttempts", k.tags, k."timeoutMs",
       t.concurrency_key, k."keyLimit", t.callback, 'ready', 0,
       CASE WHEN due.at > now.at THEN due.at END,
       greatest(due.at, now.at) + k."startWithinMs" * interval '1 millisecond'
     FROM (SELECT millrace_now() AS at) AS now
     CROSS JOIN unnest($2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::int[])
       AS t (id, public_id, concurrency_key, callback, run_at, shared)
     JOIN (
       SELECT s.place - 1 AS place, r.*
       FROM jsonb_array_elements($8) WITH ORDINALITY AS s (value, place)
       CROSS JOIN jsonb_to_record(s.value) AS r (name text, handler text, class text, priority int,
         "batchMax" int, "maxAttempts" int, tags text[], "timeoutMs" double precision,
         "startWithinMs" double precision, "delayMs" double precision, "keyLimit" int)
     ) AS k ON k.place = t.shared
     CROSS JOIN LATERAL (
       SELECT coalesce(t.run_at, now.at + k."delayMs" * interval '1 millisecond', now.at) AS at
     ) AS due`,
    [
      session.tenant.id,
      own,
      own.map(taskName),
      chosen.map(({ concurrencyKey }) => concurrencyKey ?? null),
      chosen.map(({ callbackUrl }) => callbackUrl !== undefined),
      chosen.map(({ runAt }) => runAt ?? null),
      kindOf,
      `[${[...kinds.keys()].join(',')}]`,
    ],
  )
}
