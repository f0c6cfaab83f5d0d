import {
  claimCallbacks,
  nextCallbackMs,
  settleCallback,
  sweepBackgroundTasks,
  type Callback,
} from '#catalog/background-callbacks.ts'
import { taskName } from '#catalog/background-ids.ts'
import { startOutbox, type OutboxWorker } from '#catalog/outbox.ts'
import { backoffMs } from '#kernel/retry.ts'
import type { TaskParts } from '#tasks/parts.ts'
import { retryAfterMs, signedHeaders, withRawField } from '#tasks/signed-message.ts'
import { callbackSecretPlace, openSigningSecret } from '#tasks/signing-secret.ts'

/** Callbacks under way at the same time. */
const SLOTS = 16
const TIMEOUT_MS = 15_000
/** A callback that was taken and not settled is somebody else's after this time. */
const LEASE_MS = 60_000
const ANSWER_BYTES_MAX = 64 * 1024
const BACKOFF = { firstMs: 2_000, factor: 3, ceilingMs: 3_600_000 }
const KEEP_MS = 30 * 86_400_000

type DelivererParts = Omit<TaskParts, 'definition'>

/**
 * Tells callers that their tasks have ended: at least once, for a day. Any number of deliverers may
 * share a catalog. Removes tasks that ended long ago, too.
 */
export function startDeliverer(parts: DelivererParts): OutboxWorker {
  return startOutbox<Callback>(parts, {
    name: 'callbacks',
    slots: SLOTS,
    claim: (session, max) => claimCallbacks(session, max, LEASE_MS),
    nextMs: nextCallbackMs,
    carryOut: (callback, signal) => deliver(parts, callback, signal),
    sweep: (session, max) => sweepBackgroundTasks(session, KEEP_MS, max),
  })
}

async function deliver(
  parts: DelivererParts,
  callback: Callback,
  signal: AbortSignal,
): Promise<void> {
  const failure = await send(parts, callback, signal)
  const state = await parts.catalog.asSystem((session) =>
    settleCallback(session, callback, failure),
  )
  if (state !== 'given-up') return
  parts.log.warn('gave up on a callback', {
    tenant: callback.tenantSlug,
    task: taskName(callback.taskId),
    tries: callback.number,
    error: failure?.error,
  })
}

/** Null: it was received. */
async function send(
  { clock, egress, random, secrets }: DelivererParts,
  callback: Callback,
  signal: AbortSignal,
): Promise<{ error: string; delayMs: number } | null> {
  const patienceMs = backoffMs(BACKOFF, callback.number, random)
  const id = `event_${taskName(callback.id).slice('task_'.length)}`
  const body = bodyOf(callback, id)
  try {
    const place = callbackSecretPlace(callback.tenantId)
    const secret = callback.secret && openSigningSecret(secrets, callback.secret, place)
    const { status, headers } = await egress.request({
      method: 'POST',
      url: callback.url,
      headers: signedHeaders({ id, body, secret }, clock),
      body,
      timeoutMs: TIMEOUT_MS,
      maxBytes: ANSWER_BYTES_MAX,
      maxRedirects: 0,
      signal,
    })
    if (status >= 200 && status < 300) return null
    const asked = retryAfterMs(headers['retry-after'], clock)
    return { error: `it answered ${status}`, delayMs: Math.max(patienceMs, asked ?? 0) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { error: message, delayMs: signal.aborted ? 0 : patienceMs }
  }
}

/** What the receiver of a callback reads; the result is the task's own JSON. */
function bodyOf(callback: Callback, event: string): string {
  const { taskError: error } = callback
  const head = {
    event,
    type: 'task.ended',
    task: taskName(callback.taskId),
    name: callback.name,
    state: callback.taskState,
    attempts: callback.attempts,
    endedAt: callback.endedAt.toISOString(),
    error: error && { code: error.code, message: error.message, remedy: error.remedy },
  }
  return withRawField(head, 'result', callback.result ?? 'null')
}
