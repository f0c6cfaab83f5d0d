import {
  answerRequest,
  claimRequest,
  keepRequest,
  releaseRequest,
  sweepRequests,
  type IdempotentRequest,
} from '#catalog/idempotent-requests.ts'
import { takeChore } from '#catalog/chores.ts'
import { asOnce } from '#catalog/once.ts'
import { MillraceError, toErrorData, toMillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Tenant } from '#model/tenant.ts'
import { readAnswer, toStoredAnswer } from '#operations/idempotency/stored-answer.ts'
import { takesIdempotencyKey } from '#operations/idempotency/takes-key.ts'
import type { Caller, Identity, Operation, OperationContext } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

const KEEP_MS = 24 * 3_600_000
const LEASE_MS = 30_000
const RENEW_MS = 10_000
const SWEEP_MS = 600_000

/**
 * Carries out a write that came with an idempotency key once for that key, tenant and caller:
 *
 *   claim → work, under the claim → answer kept → every repeat gets it
 *
 * A failure that changed nothing gives the key back. One that changed something is an answer, too,
 * unless trying again may help: then nobody knows how far it came, and repeats are told so. Throws
 * `idempotency-mismatch`, `idempotency-busy`, `idempotency-unknown`, `idempotency-spent`.
 */
export async function withOnce<T>(
  operation: Operation,
  input: object,
  context: OperationContext<Identity>,
  work: () => Promise<T>,
): Promise<T> {
  const { door, parts } = context
  const key = door.idempotency?.key ?? null
  if (key === null || operation.rest.method === 'GET') return work()
  if (!takesIdempotencyKey(operation) || !('tenant' in context.caller)) {
    if (operation.permission !== 'anyone' && operation.permission !== 'person') return work()
    throw new MillraceError('idempotency-unavailable', { operation: operation.name })
  }
  const { tenant, name: caller } = context.caller as Caller
  const request = toRequest(parts, operation, { caller, key, input })
  sweepNow(parts)
  const claim = await parts.catalog.asTenant(tenant, (session) =>
    claimRequest(session, request, { leaseMs: LEASE_MS, keepMs: KEEP_MS }),
  )
  switch (claim.state) {
    case 'ours':
      return carryOut(parts, tenant, operation, request, work)
    case 'other':
      throw new MillraceError('idempotency-mismatch', { key })
    case 'busy':
      throw new MillraceError('idempotency-busy', { key, retryAfterSeconds: 1 })
    case 'unknown':
      throw new MillraceError('idempotency-unknown', { key })
    case 'answered': {
      const answer = readAnswer(parts, tenant, request, claim)
      if (answer === null) throw new MillraceError('idempotency-spent', { key })
      door.idempotency?.replayed()
      if ('error' in answer) throw answer.error
      return answer.output as T
    }
  }
}

function toRequest(
  { random }: Parts,
  { name }: Operation,
  { caller, key, input }: { caller: string; key: string; input: object },
): IdempotentRequest {
  // The fields stand in the order of the schema, so equal requests are equal texts.
  const fingerprint = Buffer.from(sha256(JSON.stringify([caller, key, name, input])), 'hex')
  const token = Buffer.from(random.bytes(16)).toString('hex')
  return { caller, key, operation: name, fingerprint, token }
}

async function carryOut<T>(
  parts: Parts,
  tenant: Tenant,
  operation: Operation,
  request: IdempotentRequest,
  work: () => Promise<T>,
): Promise<T> {
  const { catalog, log } = parts
  const done = new AbortController()
  const renewing = renew(parts, tenant, request, done.signal)
  const keeping = async (keep: () => Promise<unknown>) => {
    done.abort(new Error('it has been carried out'))
    await renewing
    // Whoever asked has his answer all the same; a repeat is told that the outcome is unknown.
    await keep().catch((error: unknown) => log.warn('an answer was not kept', { error }))
  }
  try {
    const output = await asOnce(tenant, request, work)
    const stored = toStoredAnswer(parts, tenant, operation, request, { output })
    await keeping(() =>
      catalog.asTenant(tenant, (session) => answerRequest(session, request, stored)),
    )
    return output
  } catch (thrown) {
    await keeping(() =>
      catalog.asTenant(tenant, async (session) => {
        if (await releaseRequest(session, request)) return
        const { entry } = toMillraceError(thrown)
        if (entry.retryable || entry.kind === 'bug') return keepRequest(session, request, 0)
        const error = toErrorData(thrown)
        const stored = toStoredAnswer(parts, tenant, operation, request, { error })
        return answerRequest(session, request, stored)
      }),
    )
    throw thrown
  }
}

async function renew(
  { catalog, clock, log }: Parts,
  tenant: Tenant,
  request: IdempotentRequest,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(RENEW_MS, signal)
    } catch {
      return
    }
    await catalog
      .asTenant(tenant, (session) => keepRequest(session, request, LEASE_MS))
      .catch((error: unknown) => log.warn('a claim was not renewed', { error }))
  }
}

/** When this process looked last, by catalog. */
const swept = new WeakMap<object, number>()

function sweepNow({ catalog, clock, log }: Parts): void {
  const nowMs = clock.monotonicMs()
  if (nowMs - (swept.get(catalog) ?? Number.NEGATIVE_INFINITY) < SWEEP_MS) return
  swept.set(catalog, nowMs)
  void catalog
    .asSystem(async (session) => {
      if (await takeChore(session, 'idempotency-sweep', SWEEP_MS)) {
        await sweepRequests(session, KEEP_MS)
      }
    })
    .catch((error: unknown) => log.warn('old idempotency keys were not swept', { error }))
}
