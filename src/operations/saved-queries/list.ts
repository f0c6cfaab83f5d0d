import { z } from 'zod'

import { listSavedQueries } from '#catalog/saved-queries.ts'
import { defineOperation } from '#operations/operation.ts'
import { savedQueryData, toSavedQueryData } from '#operations/saved-queries/saved-query-data.ts'

export const listSavedQueriesOperation = defineOperation({
  name: 'saved-queries.list',
  summary: 'Saved queries by name',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/saved-queries' },
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(100).describe('Most queries of the answer.'),
    after: z
      .string()
      .max(80)
      .optional()
      .describe('Those behind this name: `next` of the page before.'),
  }),
  output: z.object({ queries: z.array(savedQueryData), next: z.string().nullable() }),
  async handler({ limit, after = null }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listSavedQueries(session, { limit: limit + 1, after }),
    )
    const queries = found.slice(0, limit).map(toSavedQueryData)
    return { queries, next: found.length > limit ? (queries.at(-1)?.name ?? null) : null }
  },
})
