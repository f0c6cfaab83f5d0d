import type { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import type { Operation, OperationContext, OutputOf } from '#operations/operation.ts'

/** Permission first, then the input, then the work: what every door calls. */
export async function invoke<Input extends z.ZodObject, Output extends z.ZodType | 'stream'>(
  operation: Operation<Input, Output>,
  input: unknown,
  context: OperationContext,
): Promise<OutputOf<Output>> {
  const { caller } = context
  if (!caller.permissions.has(operation.permission)) {
    const { name, permission } = operation
    throw new MillraceError('forbidden', { operation: name, permission, caller: caller.name })
  }
  return operation.handler(parseInput(operation, input), context)
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
