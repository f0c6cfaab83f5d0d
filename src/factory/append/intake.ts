import {
  append,
  waitingInAll,
  waitingOf,
  type Appended,
  type AppendedBody,
} from '#catalog/append.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { assertRoom } from '#catalog/usage.ts'
import { countRows } from '#engine/append/count-rows.ts'
import { unfold } from '#engine/append/unfold.ts'
import type { AppendSource } from '#factory/append/parts.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Ids } from '#kernel/ids.ts'
import type { BodyEncoding, BodyFormat } from '#model/append.ts'
import type { Tenant } from '#model/tenant.ts'

/** Rows as somebody sends them. */
export interface SentRows {
  readonly bytes: Buffer
  readonly format: BodyFormat
  readonly encoding: BodyEncoding
  readonly idempotencyKey: string | null
}

/**
 * Takes rows in: what it has resolved for is kept. Requests of one tenant that come together are
 * committed together.
 */
export interface Intake {
  /**
   * Throws, and has kept nothing then: `append-unreadable` and its like where the body is none,
   * `append-key-reused`, `append-waiting`, `append-overloaded`, `quota-exceeded`.
   */
  append(catalog: Catalog, tenant: Tenant, source: AppendSource, sent: SentRows): Promise<Appended>
}

export interface IntakeParts {
  readonly clock: Clock
  readonly ids: Ids
  /** Bytes that may wait, of a tenant and in all. */
  readonly tenantBytesMax: number
  readonly bytesMax: number
}

interface Sent {
  readonly body: AppendedBody
  readonly done: PromiseWithResolvers<Appended>
}

/** One commit takes at most so much, so that nobody waits long for his neighbours. */
const COMMIT_REQUESTS = 64
const COMMIT_BYTES = 8_000_000
const LOOK_AT_ALL_EVERY_MS = 1_000
/** Where nobody knows yet how fast things go. */
const RATE_BYTES = 2_000_000
const RETRY_SECONDS_MAX = 60

export function createIntake(parts: IntakeParts): Intake {
  const queues = new WeakMap<Catalog, Map<number, Sent[]>>()
  const inAll = new WeakMap<Catalog, { bytes: number; atMs: number }>()

  /** One transaction after the other for each tenant: what comes during one is the next. */
  async function commitAll(
    catalog: Catalog,
    tenant: Tenant,
    tenants: Map<number, Sent[]>,
    queue: Sent[],
  ): Promise<void> {
    while (queue.length > 0) {
      const sent = takeSome(queue)
      try {
        const answers = await catalog.asTenant(tenant, async (session) => {
          const { bytes, drainRate } = await waitingOf(session)
          if (bytes > parts.tenantBytesMax) throw tooMuch(tenant, bytes, drainRate)
          await assertRoom(session, 1)
          return append(
            session,
            sent.map(({ body }) => body),
          )
        })
        for (const [at, { done }] of sent.entries()) {
          const answer = answers[at]
          if (answer instanceof MillraceError) done.reject(answer)
          else if (answer) done.resolve(answer)
        }
      } catch (error) {
        for (const { done } of sent) done.reject(error)
      }
    }
    tenants.delete(tenant.id)
  }

  function tooMuch(tenant: Tenant, bytes: number, drainRate: number | null): MillraceError {
    return new MillraceError('append-waiting', {
      tenant: tenant.slug,
      waitingBytes: bytes,
      maxBytes: parts.tenantBytesMax,
      retryAfterSeconds: secondsFor(bytes, parts.tenantBytesMax, drainRate),
    })
  }

  async function assertNotOverloaded(catalog: Catalog): Promise<void> {
    const nowMs = parts.clock.monotonicMs()
    let known = inAll.get(catalog)
    if (!known || nowMs - known.atMs >= LOOK_AT_ALL_EVERY_MS) {
      // Before the answer comes, so that one request asks.
      inAll.set(catalog, { bytes: known?.bytes ?? 0, atMs: nowMs })
      known = { bytes: await catalog.asSystem(waitingInAll), atMs: nowMs }
      inAll.set(catalog, known)
    }
    if (known.bytes <= parts.bytesMax) return
    throw new MillraceError('append-overloaded', {
      waitingBytes: known.bytes,
      maxBytes: parts.bytesMax,
      retryAfterSeconds: secondsFor(known.bytes, parts.bytesMax, null),
    })
  }

  return {
    async append(catalog, tenant, source, { bytes, format, encoding, idempotencyKey }) {
      await assertNotOverloaded(catalog)
      const rows = countRows(source, format, await unfold(bytes, encoding))
      const body: AppendedBody = {
        id: parts.ids.next('ack'),
        dataset: source.name,
        bytes,
        format,
        encoding,
        sha256: sha256(`${format} ${encoding} ${sha256(bytes)}`),
        rows,
        idempotencyKey,
      }
      const done = Promise.withResolvers<Appended>()
      const tenants = queues.get(catalog) ?? new Map<number, Sent[]>()
      queues.set(catalog, tenants)
      const queue = tenants.get(tenant.id)
      if (queue) queue.push({ body, done })
      else {
        const own = [{ body, done }]
        tenants.set(tenant.id, own)
        void commitAll(catalog, tenant, tenants, own)
      }
      return done.promise
    },
  }
}

function takeSome(queue: Sent[]): Sent[] {
  let bytes = 0
  let count = 0
  for (const { body } of queue) {
    if (count === COMMIT_REQUESTS || (count > 0 && bytes + body.bytes.length > COMMIT_BYTES)) break
    bytes += body.bytes.length
    count++
  }
  return queue.splice(0, count)
}

/** Until a fifth of what may wait is free again, as fast as it has gone lately. */
function secondsFor(bytes: number, bytesMax: number, drainRate: number | null): number {
  const seconds = Math.ceil((bytes - bytesMax * 0.8) / Math.max(1, drainRate ?? RATE_BYTES))
  return Math.min(RETRY_SECONDS_MAX, Math.max(1, seconds))
}
