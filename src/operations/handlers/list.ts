import { z } from 'zod'

import { listCallHandlers } from '#catalog/background-handlers.ts'
import { defineOperation } from '#operations/operation.ts'

export const listHandlers = defineOperation({
  name: 'handlers.list',
  summary: 'Addresses of other services that carry out tasks, by name',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/task-handlers' },
  input: z.strictObject({}),
  output: z.object({
    handlers: z.array(
      z.object({
        name: z.string(),
        url: z.string(),
        timeoutMs: z.number(),
        createdAt: z.iso.datetime(),
        changedAt: z.iso.datetime(),
      }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const handlers = await parts.catalog.asTenant(caller.tenant, listCallHandlers)
    return {
      handlers: handlers.map(({ name, url, timeoutMs, createdAt, changedAt }) => ({
        name,
        url,
        timeoutMs,
        createdAt: createdAt.toISOString(),
        changedAt: changedAt.toISOString(),
      })),
    }
  },
})
