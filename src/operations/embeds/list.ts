import { z } from 'zod'

import { listEmbeds } from '#catalog/embeds.ts'
import { embedData, embedField, toEmbedData } from '#operations/embeds/embed-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listEmbedsOperation = defineOperation({
  name: 'embeds.list',
  summary: 'Views that pages of other products show, newest first',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/embeds' },
  input: z.strictObject({
    onlyOpen: z.boolean().default(false).describe('Without those that have ended.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most views of the answer.'),
    after: embedField
      .optional()
      .describe('Only views that are older than this one: `next` of the former page.'),
  }),
  output: z.object({
    embeds: z.array(embedData),
    /** `after` of the next page; null: this is the last one. */
    next: z.string().nullable(),
  }),
  async handler({ limit, after = null, onlyOpen }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listEmbeds(session, { limit: limit + 1, after, onlyOpen }),
    )
    const embeds = found.slice(0, limit)
    return {
      embeds: embeds.map(toEmbedData),
      next: found.length > limit ? (embeds.at(-1)?.id ?? null) : null,
    }
  },
})
