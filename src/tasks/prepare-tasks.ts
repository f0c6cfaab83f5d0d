import { z } from 'zod'

import { calledNames } from '#catalog/background-handlers.ts'
import type { NewBackgroundTask } from '#catalog/background-post.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { Egress } from '#egress/egress.ts'
import { hasPack } from '#factory/tenant-packs.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { toPlainJson } from '#kernel/exact-json.ts'
import type { TaskDefinition } from '#model/task-definition.ts'
import type { Tenant } from '#model/tenant.ts'
import type { TaskRequest } from '#tasks/task-request.ts'

export interface Preparation {
  readonly catalog: Pick<Catalog, 'asTenant'>
  readonly egress: Pick<Egress, 'assertUrl'>
  definition(name: string): TaskDefinition | undefined
}

/** Without functions of packs that a tenant does not have. */
export function withPacks<Known extends Pick<Preparation, 'definition'>>(
  known: Known,
  packs: readonly string[] | null,
): Known {
  if (packs === null) return known
  return {
    ...known,
    definition(name: string) {
      const found = known.definition(name)
      return found && hasPack(packs, found.pack) ? found : undefined
    },
  }
}

const PAYLOAD_BYTES_MAX = 262_144
const PROBLEMS_MAX = 100

/**
 * Requests as tasks for the queue: each with who carries it out, its payload checked against the
 * schema of the function, its callback against the rules for outgoing calls, and the defaults of
 * the function filled in. `at` names a place in the caller's input: `tasks.3`, or nothing.
 *
 * Looks names up, so it stands before a transaction and not in one. Throws `input-invalid` with every problem and its position, `task-payload-too-large`.
 */
export async function prepareTasks(
  { catalog, egress, definition }: Preparation,
  tenant: Tenant,
  requests: readonly TaskRequest[],
  askedBy: string,
  at: (position: number) => string = (position) => `tasks.${position}`,
): Promise<NewBackgroundTask[]> {
  const names = [...new Set(requests.map(({ name }) => name))]
  const definitions = new Map(names.map((name) => [name, definition(name)]))
  const called = await catalog.asTenant(tenant, (session) => calledNames(session, names))
  const problems: { path: string; message: string }[] = []
  const refuse = (position: number, field: string, message: string) =>
    problems.push({ path: [at(position), field].filter((part) => part !== '').join('.'), message })

  const tasks = requests.map((request, position): NewBackgroundTask => {
    const { payload, runAt, delay, timeout, startWithin, retry, tags, ...same } = request
    const known = definitions.get(request.name)
    const text = JSON.stringify(payload ?? null)
    const bytes = Buffer.byteLength(text)
    if (bytes > PAYLOAD_BYTES_MAX) {
      const task = at(position) || request.name
      const details = { part: 'payload', task, bytes, maxBytes: PAYLOAD_BYTES_MAX }
      throw new MillraceError('task-payload-too-large', details)
    }
    for (const { path, message } of payloadProblems(known, payload)) {
      refuse(position, ['payload', ...path].join('.'), message)
    }
    if (runAt !== undefined && delay !== undefined) {
      refuse(position, 'delay', 'say either runAt or delay')
    }
    if (same.concurrencyLimit !== undefined && same.concurrencyKey === undefined) {
      refuse(position, 'concurrencyLimit', 'needs a concurrencyKey')
    }
    return {
      ...same,
      payload: text,
      askedBy,
      handler: known ? 'code' : called.has(request.name) ? 'call' : 'pull',
      runAt: runAt === undefined ? undefined : new Date(runAt),
      delayMs: delay,
      timeoutMs: timeout ?? known?.timeoutMs,
      startWithinMs: startWithin,
      retry: retry || known?.retry ? { ...known?.retry, ...retry } : undefined,
      tags: [...new Set([...(known?.tags ?? []), ...(tags ?? [])])],
    }
  })
  await checkCallbacks(egress, requests, (position, message) =>
    refuse(position, 'callbackUrl', message),
  )
  const [first] = problems
  if (first) {
    const texts = problems.slice(0, PROBLEMS_MAX).map(({ path, message }) => `${path}: ${message}`)
    throw new MillraceError('input-invalid', { ...first, problems: texts })
  }
  return tasks
}

/** A schema is as constant as the definition that holds it. */
const schemas = new WeakMap<TaskDefinition, z.ZodType>()

function payloadProblems(
  definition: TaskDefinition | undefined,
  payload: unknown,
): { path: string[]; message: string }[] {
  if (!definition?.payloadSchema) return []
  let schema = schemas.get(definition)
  if (!schema) {
    schema = z.fromJSONSchema(definition.payloadSchema)
    schemas.set(definition, schema)
  }
  const parsed = schema.safeParse(toPlainJson(payload ?? null))
  if (parsed.success) return []
  return parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? {
          path: [...issue.path.map(String), issue.keys.join(', ')],
          message: 'is not in its schema',
        }
      : { path: issue.path.map(String), message: issue.message },
  )
}

/** Each address once, however many tasks name it. */
async function checkCallbacks(
  egress: Preparation['egress'],
  requests: readonly TaskRequest[],
  refuse: (position: number, message: string) => void,
): Promise<void> {
  const urls = [...new Set(requests.flatMap(({ callbackUrl }) => callbackUrl ?? []))]
  const refusals = new Map<string, string>()
  for (const url of urls) {
    try {
      await egress.assertUrl(url)
    } catch (error) {
      refusals.set(url, toMillraceError(error).message)
    }
  }
  for (const [position, { callbackUrl }] of requests.entries()) {
    const refusal = callbackUrl === undefined ? undefined : refusals.get(callbackUrl)
    if (refusal !== undefined) refuse(position, refusal)
  }
}
