import { z } from 'zod'

import { appendAudit, type AuditEvent } from '#catalog/audit.ts'
import { asChange } from '#catalog/change.ts'
import { canonicalJson } from '#kernel/hash.ts'
import type { Caller, Identity, Operation, OperationContext } from '#operations/operation.ts'

/** Asking for the same again within this time is the same step. */
const SAME_STEP_MS = 600_000
const STEPS_REMEMBERED = 10_000
const TEXT_LENGTH_MAX = 200

/**
 * Runs `work` so that it leaves its row in the audit log: a change together with its first write in
 * each tenant that it touches; anything else that an operator does in a tenant, even reading, when
 * it has succeeded.
 */
export async function withAudit<T>(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  context: OperationContext<Identity>,
  work: () => Promise<T>,
): Promise<T> {
  const { caller } = context
  if (!('tenant' in caller)) return work()
  const by = caller as Caller
  const isOperator = by.permissions.has('operator') || by.viewing !== undefined
  const isStep = isOperator && isOfTenant(operation)
  const isChange = operation.rest.method !== 'GET' && operation.audit !== 'none'
  if (!isStep && !isChange) return work()
  const event = eventOf(operation, input, context)
  if (!isChange) {
    const result = await work()
    await noteStepOnce(by, event, context)
    return result
  }
  const { result, isNoted } = await asChange(event, by.tenant, work)
  if (isStep && !isNoted) await noteStep(by, event, context)
  return result
}

/** What somebody does with an account of his own, or to come in, is no step in a tenant. */
function isOfTenant({ permission, audit }: Operation): boolean {
  return audit !== 'none' || (permission !== 'person' && permission !== 'anyone')
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

/** Steps, each with the time at which it is a new one; by their catalog, for tests have many. */
const steps = new WeakMap<object, Map<string, number>>()

/** For what is asked for again and again: by those who look, and by machines. */
async function noteStepOnce(
  by: Caller,
  event: AuditEvent,
  context: OperationContext<Identity>,
): Promise<void> {
  const { catalog, clock } = context.parts
  const known = steps.get(catalog) ?? new Map<string, number>()
  steps.set(catalog, known)
  const step = `${by.tenant.id} ${event.actor} ${event.action} ${event.detail}`
  const now = clock.monotonicMs()
  if ((known.get(step) ?? 0) > now) return
  await noteStep(by, event, context)
  if (known.size >= STEPS_REMEMBERED) known.clear()
  known.set(step, now + SAME_STEP_MS)
}

async function noteStep(
  { tenant }: Caller,
  event: AuditEvent,
  { parts }: OperationContext<Identity>,
): Promise<void> {
  await parts.catalog.asTenant(tenant, (session) => appendAudit(session, event))
}
