import { extendLease } from '#catalog/background-ends.ts'
import { getCallHandler, type CallHandler } from '#catalog/background-handlers.ts'
import { loadTaskOrders, type TaskOrder } from '#catalog/background-tasks.ts'
import type { EgressResponse } from '#egress/call.ts'
import type { StopReason } from '#factory/attempt.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'
import { writeEnds, type Failure, type Outcome } from '#tasks/batch-ends.ts'
import type { TaskParts } from '#tasks/parts.ts'
import { retryAfterMs, signedHeaders, withRawField } from '#tasks/signed-message.ts'
import { handlerSecretPlace, openSigningSecret } from '#tasks/signing-secret.ts'

/** What a slot for calls does with the task that it has claimed; never throws for a failing task. */
export function createCallWorker(
  parts: TaskParts,
): (batch: readonly ClaimedTask[], signal: AbortSignal) => Promise<void> {
  return async (batch, signal) => {
    await Promise.all(batch.map((task) => carryOut(parts, task, signal)))
  }
}

const ANSWER_BYTES_MAX = 1_000_000
/** How long a service that said 202 may take before it has to say more. */
const ACCEPTED_MS = 3_600_000

async function carryOut(parts: TaskParts, task: ClaimedTask, signal: AbortSignal): Promise<void> {
  const tenant = brandTenant(task.tenantId, task.tenantSlug)
  const startedMs = parts.clock.monotonicMs()
  let order: TaskOrder | undefined
  let outcome: Outcome | 'accepted'
  try {
    const found = await parts.catalog.asTenant(tenant, async (session) => ({
      order: (await loadTaskOrders(session, [task.id])).get(task.id),
      handler: await getCallHandler(session, task.dataset),
    }))
    order = found.order
    if (!found.handler) throw new MillraceError('task-handler-unknown', { name: task.dataset })
    outcome = await call(parts, tenant, { task, order, handler: found.handler, signal })
  } catch (thrown) {
    outcome = outcomeOf(task, thrown, signal)
  }
  if (outcome === 'accepted') return
  const wallMs = parts.clock.monotonicMs() - startedMs
  const timed = 'wallMs' in outcome ? { ...outcome, wallMs } : outcome
  const ends = [{ task, retry: order?.retry ?? null, outcome: timed }]
  // Its lease runs out, and it is tried again.
  await writeEnds(parts, tenant, ends).catch((error: unknown) =>
    parts.log.error('writing how a call ended', { error, task: task.partition }),
  )
}

interface Call {
  readonly task: ClaimedTask
  readonly order: TaskOrder | undefined
  readonly handler: CallHandler & { readonly secret: string }
  readonly signal: AbortSignal
}

async function call(
  parts: TaskParts,
  tenant: Tenant,
  { task, order, handler, signal }: Call,
): Promise<Outcome | 'accepted'> {
  const head = {
    task: task.partition,
    name: task.dataset,
    attempt: task.attempt,
    fence: task.fence,
    idempotencyKey: order?.idempotencyKey ?? task.partition,
    deadlineAt: order?.deadlineAt?.toISOString() ?? null,
  }
  const body = withRawField(head, 'payload', order?.payload ?? 'null')
  const place = handlerSecretPlace(task.tenantId, handler.name)
  const secret = openSigningSecret(parts.secrets, handler.secret, place)
  const message = { id: task.partition, body, secret }
  const response = await parts.egress.request({
    method: 'POST',
    url: handler.url,
    headers: signedHeaders(message, parts.clock),
    body,
    timeoutMs: Math.min(handler.timeoutMs, task.timeoutMs ?? Infinity),
    maxBytes: ANSWER_BYTES_MAX,
    maxRedirects: 0,
    signal,
  })
  const { status } = response
  if (status === 202) return accept(parts, tenant, task, response)
  if (status >= 200 && status < 300) {
    return { as: 'done', result: resultOf(task, response), wallMs: 0 }
  }
  return { as: 'failed', failure: failureOf(parts, task, response), wallMs: 0 }
}

/**
 * 202: the service works on by itself and completes the task over the API, or keeps the lease with
 * heartbeats. The slot is free meanwhile.
 */
async function accept(
  parts: TaskParts,
  tenant: Tenant,
  task: ClaimedTask,
  response: EgressResponse,
): Promise<'accepted'> {
  const wanted = leaseOf(response)
  const kept = await parts.catalog.asTenant(tenant, (session) =>
    extendLease(session, { taskId: task.id, fence: task.fence }, wanted, `service ${task.dataset}`),
  )
  if (!kept) parts.log.warn('a service accepted a task that it has lost', { task: task.partition })
  return 'accepted'
}

/** `{"leaseMs": …}` in the answer, at least a second and at most a week. */
function leaseOf({ body }: EgressResponse): number {
  try {
    const { leaseMs } = JSON.parse(body.toString('utf8')) as { readonly leaseMs?: unknown }
    if (typeof leaseMs === 'number') return Math.min(Math.max(leaseMs, 1_000), 604_800_000)
  } catch {
    // Nothing said is nothing wanted.
  }
  return ACCEPTED_MS
}

function resultOf(task: ClaimedTask, { body, url }: EgressResponse): string | undefined {
  const text = body.toString('utf8').trim()
  if (text === '') return undefined
  try {
    JSON.parse(text)
    return text
  } catch (error) {
    const { origin } = new URL(url)
    const message = error instanceof Error ? error.message : String(error)
    throw new MillraceError('task-call-answer', { origin, name: task.dataset, message })
  }
}

/** What may pass if it is asked again; every other refusal is final. */
const passing = new Set([408, 425, 429])

function failureOf(parts: TaskParts, task: ClaimedTask, response: EgressResponse): Failure {
  const { status, headers, body, url } = response
  const answer = body.toString('utf8').trim().slice(0, 500) || 'no explanation'
  const details = { origin: new URL(url).origin, name: task.dataset, status, answer }
  if (status < 500 && !passing.has(status)) {
    return { error: new MillraceError('task-call-refused', details) }
  }
  const delayMs = retryAfterMs(headers['retry-after'], parts.clock)
  return { error: new MillraceError('task-call-failed', details), delayMs }
}

function outcomeOf(task: ClaimedTask, thrown: unknown, signal: AbortSignal): Outcome {
  if (signal.aborted) {
    if ((signal.reason as StopReason) !== 'cancelled') return { as: 'released' }
    const error = new MillraceError('task-cancelled', { name: task.dataset })
    return { as: 'cancelled', error, wallMs: 0 }
  }
  const error = toMillraceError(thrown)
  // The name of a service may be unknown for a while, and its address may be allowed later: only
  // what the service itself said is final.
  const retryable = error.entry.retryable || error.code === 'task-handler-unknown'
  return { as: 'failed', failure: { error, retryable }, wallMs: 0 }
}
