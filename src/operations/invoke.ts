import type { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { isLimited } from '#model/access.ts'
import { withOnce } from '#operations/idempotency/once.ts'
import { inPlace } from '#operations/in-place.ts'
import { withAudit } from '#operations/note-change.ts'
import { partsSeenBy } from '#operations/seen-by.ts'
import { assertActive } from '#operations/tenants/standing.ts'
import type {
  Caller,
  Identity,
  Operation,
  OperationContext,
  OutputOf,
} from '#operations/operation.ts'

/** Permission first, then the input, then the work with its row of the audit log: what every door calls. */
export async function invoke<Input extends z.ZodObject, Output extends z.ZodType | 'stream'>(
  operation: Operation<Input, Output>,
  input: unknown,
  context: OperationContext<Identity>,
): Promise<OutputOf<Output>> {
  const { caller, parts } = context
  if (isCaller(caller) && operation.permission !== 'person') await assertActive(parts, caller)
  authorize(operation, caller)
  const parsed = parseInput(operation, input)
  return inPlace(operation, context, (own) =>
    withOnce(operation, parsed, own, () =>
      withAudit(operation, parsed, own, async () => operation.handler(parsed, await asSeen(own))),
    ),
  )
}

/** With what the caller's tenant has of the deployed code. */
async function asSeen(context: OperationContext<Identity>): Promise<OperationContext<Identity>> {
  const { caller, parts } = context
  if (!isCaller(caller)) return context
  const seen = await partsSeenBy(parts, caller.tenant)
  return seen === parts ? context : { ...context, parts: seen }
}

/** True for somebody who asks for a tenant. */
export function isCaller(identity: Identity): identity is Caller {
  return 'tenant' in identity
}

/** Throws unless the identity may call it: for doors that read what was sent only then. */
export function authorize(
  { name, permission, honoursAccess, rest }: Operation,
  identity: Identity,
): void {
  if (permission === 'anyone') return
  if (permission === 'person') {
    if (identity.person === null) throw new MillraceError('person-needed', { operation: name })
    return
  }
  if (!isCaller(identity)) throw new MillraceError('tenant-needed', { operation: name })
  const caller = identity.name
  if (!identity.permissions.has(permission)) {
    throw new MillraceError('forbidden', { operation: name, permission, caller })
  }
  if (identity.viewing && rest.method !== 'GET') {
    throw new MillraceError('view-only', { operation: name, role: identity.viewing.role })
  }
  if (isLimited(identity.access) && !honoursAccess) {
    throw new MillraceError('access-limited', { operation: name, caller })
  }
}

function parseInput<Input extends z.ZodObject>(
  operation: Operation<Input>,
  input: unknown,
): z.output<Input> {
  const result = operation.input.safeParse(input)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? { path: issue.keys.join(', '), message: 'is not a field of this operation' }
      : { path: issue.path.join('.') || 'input', message: issue.message },
  )
  const [first = { path: 'input', message: 'cannot be used' }] = problems
  throw new MillraceError('input-invalid', {
    ...first,
    problems: problems.map(({ path, message }) => `${path}: ${message}`),
  })
}
