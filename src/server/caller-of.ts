import type { FastifyRequest } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import type { Identity } from '#operations/operation.ts'

/** Every route says who may call it: anybody, or who may call the named operation. */
export type RoutePolicy = 'public' | { readonly operation: string }

declare module 'fastify' {
  interface FastifyContextConfig {
    policy?: RoutePolicy
  }
  interface FastifyRequest {
    caller: Identity | null
    /** Whom the same credentials stand for at this moment; null: none were asked for. */
    identifyAgain: (() => Promise<Identity>) | null
  }
}

export function callerOf(request: FastifyRequest): Identity {
  if (request.caller) return request.caller
  throw new MillraceError('unauthenticated')
}
