import { z } from 'zod'

import { listWorkers } from '#catalog/workers.ts'
import { defineOperation } from '#operations/operation.ts'

export const listWorkersOperation = defineOperation({
  name: 'workers.list',
  summary: 'Workers that claim tasks, what they can do and how busy they are',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/workers' },
  input: z.strictObject({}),
  output: z.object({
    workers: z.array(
      z.object({
        id: z.string(),
        host: z.string(),
        version: z.string(),
        parts: z.array(z.string()),
        /** `slots` of ours, or `calls` of other services. */
        does: z.enum(['slots', 'calls', 'other']),
        tags: z.array(z.string()),
        slots: z.int(),
        busy: z.int(),
        startedAt: z.iso.datetime(),
        seenAt: z.iso.datetime(),
        /** `gone`: unseen for three leases; forgotten after an hour. */
        state: z.enum(['running', 'stopping', 'gone']),
      }),
    ),
  }),
  async handler(_input, { parts }) {
    const workers = await parts.catalog.asSystem(listWorkers)
    return {
      workers: workers.map(({ lanes, startedAt, seenAt, ...worker }) => ({
        ...worker,
        parts: [...worker.parts],
        tags: [...worker.tags],
        does: doing(lanes),
        startedAt: startedAt.toISOString(),
        seenAt: seenAt.toISOString(),
      })),
    }
  },
})

function doing(lanes: readonly string[]): 'slots' | 'calls' | 'other' {
  if (lanes.includes('call/')) return 'calls'
  return lanes.includes('code/') ? 'slots' : 'other'
}
