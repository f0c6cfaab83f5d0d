import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Clock } from '#kernel/clock.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { isCaller } from '#operations/invoke.ts'
import type { Identity, StreamOutput } from '#operations/operation.ts'

/** How often it is looked whether the caller may still listen; callers are remembered for a second. */
const LOOK_EVERY_MS = 200
/** Who asked may not be found for a while, when the catalog is away: that ends nothing. */
const refusals = new Set(['unauthenticated', 'tenant-unknown', 'tenant-suspended'])

export interface EventStreamOptions {
  /** Aborted when the caller has gone or the server stops. */
  readonly signal: AbortSignal
  /** Aborted first when the server stops: listeners go elsewhere. */
  readonly draining: AbortSignal | undefined
  readonly clock: Clock
}

/** Sends a stream that has no end of its own, for as long as its caller may listen. */
export async function sendEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  output: StreamOutput,
  { signal, draining, clock }: EventStreamOptions,
) {
  const ended = new AbortController()
  const ends = AbortSignal.any([signal, ended.signal, ...(draining ? [draining] : [])])
  const bytes = await output.open(ends)
  bytes.once('close', () => ended.abort())
  void endWhenRefused(request, ended, clock)
  reply
    .type(output.contentType)
    .header('cache-control', 'no-store, no-transform')
    // nginx would keep events back until it has a page of them.
    .header('x-accel-buffering', 'no')
  return reply.send(bytes)
}

async function endWhenRefused(
  { caller, identifyAgain }: FastifyRequest,
  ended: AbortController,
  clock: Clock,
): Promise<void> {
  while (!ended.signal.aborted) {
    await clock.sleep(LOOK_EVERY_MS, ended.signal).catch(() => {})
    if (ended.signal.aborted || caller === null || identifyAgain === null) return
    try {
      if (!isSame(caller, await identifyAgain())) ended.abort()
    } catch (error) {
      if (refusals.has(toMillraceError(error).code)) ended.abort()
    }
  }
}

/** Whoever sees more or less than before begins anew. */
function isSame(former: Identity, now: Identity): boolean {
  if (!isCaller(former) || !isCaller(now)) return false
  return (
    former.name === now.name &&
    former.tenant.id === now.tenant.id &&
    now.permissions.has('read') &&
    JSON.stringify(former.access) === JSON.stringify(now.access)
  )
}
