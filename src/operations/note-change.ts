import { z } from 'zod'

import { appendAudit, type AuditEvent } from '#catalog/audit.ts'
import { asChange } from '#catalog/change.ts'
import { canonicalJson } from '#kernel/hash.ts'
import type { Caller, Identity, Operation, OperationContext } from '#operations/operation.ts'

/** Reading again within this time is the same step. */
const SAME_STEP_MS = 600_000
const STEPS_REMEMBERED = 10_000
const TEXT_LENGTH_MAX = 200

/**
 * Runs `work` so that it leaves its row in the audit log: a change together with its first write in
 * each tenant that it touches; anything that an operator does, even reading, when it has succeeded.
 */
export async function withAudit<T>(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  context: OperationContext<Identity>,
  work: () => Promise<T>,
): Promise<T> {
  const { caller } = context
  if (!('tenant' in caller) || operation.audit === 'none') return work()
  const by = caller as Caller
  const isReading = operation.rest.method === 'GET'
  const isOperator = by.permissions.has('operator')
  if (isReading && !isOperator) return work()
  const event = eventOf(operation, input, context)
  if (isReading) {
    const result = await work()
    if (isNewStep(by, event, context)) {
      await context.parts.catalog.asTenant(by.tenant, (session) => appendAudit(session, event))
    }
    return result
  }
  return asChange(event, by.tenant, work)
}

function eventOf(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  { caller, door }: OperationContext<Identity>,
): AuditEvent {
  const inPath = Object.keys(input).filter((name) => operation.rest.path.includes(`{${name}}`))
  const shown = [...inPath, ...(Array.isArray(operation.audit) ? operation.audit : [])]
  const fields = Object.entries(input).filter(([, value]) => value !== undefined)
  const values = fields.filter(([name]) => shown.includes(name) && !isSecret(operation, name))
  const others = fields.map(([name]) => name).filter((name) => !shown.includes(name))
  return {
    actor: caller.person ? `${caller.name} ${caller.person.email}` : caller.name,
    action: operation.name,
    detail: canonicalJson({
      ...Object.fromEntries(values.map(([name, value]) => [name, brief(value)])),
      ...(others.length > 0 && operation.rest.method !== 'GET' ? { $fields: others } : {}),
    }),
    requestId: door.requestId,
  }
}

function isSecret({ input }: Operation, name: string): boolean {
  const field = input.shape[name] as z.ZodType | undefined
  return field !== undefined && z.globalRegistry.get(field)?.['secret'] === true
}

function brief(value: unknown): unknown {
  const text = typeof value === 'string' ? value : canonicalJson(value)
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : value
}

/** Steps of reading, each with the time at which it is a new one; by their catalog, for tests have many. */
const steps = new WeakMap<object, Map<string, number>>()

function isNewStep(
  { tenant }: Caller,
  { actor, action }: AuditEvent,
  { parts }: OperationContext<Identity>,
): boolean {
  const known = steps.get(parts.catalog) ?? new Map<string, number>()
  steps.set(parts.catalog, known)
  const step = `${tenant.id} ${actor} ${action}`
  const now = parts.clock.monotonicMs()
  if ((known.get(step) ?? 0) > now) return false
  if (known.size >= STEPS_REMEMBERED) known.clear()
  known.set(step, now + SAME_STEP_MS)
  return true
}
