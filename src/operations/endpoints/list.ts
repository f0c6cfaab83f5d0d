import { z } from 'zod'

import { maySee } from '#model/access.ts'
import { endpointData, toEndpointData } from '#operations/endpoints/endpoint-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listEndpoints = defineOperation({
  name: 'endpoints.list',
  summary: 'Endpoints by name, each in the version that the caller gets',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoints' },
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(100).describe('Most endpoints of the answer.'),
    after: z
      .string()
      .max(100)
      .optional()
      .describe('Only those behind this name: `next` of a page.'),
  }),
  output: z.object({
    endpoints: z.array(endpointData),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ limit, after = '' }, { parts, caller }) {
    const [all, pins] = await Promise.all([
      parts.endpoints.list(caller.tenant),
      parts.endpoints.pins(caller.tenant),
    ])
    const behind = all.filter(
      ({ definition: { name } }) => name > after && maySee(caller.access, name),
    )
    const page = behind.slice(0, limit)
    return {
      endpoints: page.map((version) => toEndpointData(version, pins, caller.access)),
      next: behind.length > limit ? (page.at(-1)?.definition.name ?? null) : null,
    }
  },
})
