import { z } from 'zod'

import { versionFacts } from '#catalog/receipt-lineage.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  receiptField,
  receiptOf,
  toVersionData,
  versionData,
} from '#operations/receipts/receipt-data.ts'

export const receiptVersions = defineOperation({
  name: 'receipts.versions',
  summary: 'The versions that an answer was read from, partition by partition',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/receipts/{receipt}/versions' },
  input: z.strictObject({
    receipt: receiptField,
    after: z.int().min(0).default(0).describe('So many versions are left out (`next`).'),
    limit: z.int().min(1).max(1000).default(100).describe('Most versions of the answer.'),
  }),
  output: z.object({ versions: z.array(versionData), next: z.int().nullable() }),
  async handler({ after, limit, ...input }, { parts, caller }) {
    const { versions } = await receiptOf(parts, caller, input.receipt)
    const page = versions.slice(after, after + limit).map(({ versionId }) => versionId)
    const facts = await parts.catalog.asTenant(caller.tenant, (session) =>
      versionFacts(session, page),
    )
    const end = after + page.length
    return { versions: facts.map(toVersionData), next: end < versions.length ? end : null }
  },
})
