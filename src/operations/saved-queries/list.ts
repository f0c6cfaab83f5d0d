import { z } from 'zod'

import { listSavedQueries } from '#catalog/saved-queries.ts'
import { defineOperation } from '#operations/operation.ts'

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
  output: z.object({
    queries: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        /** Names of its parameters. */
        parameters: z.array(z.string()),
        changedBy: z.string(),
        changedAt: z.iso.datetime(),
      }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ limit, after = null }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listSavedQueries(session, { limit: limit + 1, after }),
    )
    const queries = found
      .slice(0, limit)
      .map(({ name, description, parameters, changedBy, changedAt }) => ({
        name,
        description,
        parameters: parameters.map((parameter) => parameter.name),
        changedBy,
        changedAt: changedAt.toISOString(),
      }))
    return { queries, next: found.length > limit ? (queries.at(-1)?.name ?? null) : null }
  },
})
