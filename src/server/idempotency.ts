import type { FastifyReply, FastifyRequest } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import { IDEMPOTENCY_HEADER } from '#operations/idempotency/takes-key.ts'
import type { Door, Operation } from '#operations/operation.ts'

/** The key that a write came with, for operations that do not take it as a field. */
export function idempotencyOf(
  { rest }: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Pick<Door, 'idempotency'> {
  const key = request.headers[IDEMPOTENCY_HEADER]
  const isField = Object.values(rest.headers ?? {}).includes(IDEMPOTENCY_HEADER)
  if (key === undefined || rest.method === 'GET' || isField) return {}
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) {
    const message = 'is no text of 1 to 200 printable ASCII characters without spaces'
    throw new MillraceError('input-invalid', { path: 'Idempotency-Key', message })
  }
  return { idempotency: { key, replayed: () => void reply.header('idempotency-replayed', 'true') } }
}
