import { z } from 'zod'

import { listPauses, pauseScopes } from '#catalog/pauses.ts'
import { queueOverview } from '#catalog/queue-overview.ts'
import { defineOperation } from '#operations/operation.ts'

export const showQueue = defineOperation({
  name: 'queue.show',
  summary: 'What waits and what runs, by tenant, and what is paused; all tenants for an operator',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/queue' },
  input: z.strictObject({}),
  output: z.object({
    tenants: z.array(
      z.object({
        tenant: z.string(),
        ready: z.int(),
        /** Ready, but their concurrency key is busy. */
        parked: z.int(),
        delayed: z.int(),
        /** For inputs. */
        waiting: z.int(),
        running: z.int(),
        /** Slots that it has now. */
        slots: z.int(),
        weight: z.int(),
        /** Part of the slots that is its due among those who want some, 0 to 1. */
        share: z.number(),
        /** How long the oldest ready task has been there. */
        oldestWaitMs: z.number().nullable(),
      }),
    ),
    pauses: z.array(
      z.object({
        tenant: z.string().nullable(),
        scope: z.enum(pauseScopes),
        value: z.string(),
        reason: z.string(),
        since: z.iso.datetime(),
        byOperator: z.boolean(),
      }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const tenantId = caller.permissions.has('operator') ? null : caller.tenant.id
    return parts.catalog.asSystem(async (session) => {
      const pauses = await listPauses(session, tenantId)
      return {
        tenants: await queueOverview(session, tenantId),
        pauses: pauses.map((pause) => ({ ...pause, since: pause.since.toISOString() })),
      }
    })
  },
})
