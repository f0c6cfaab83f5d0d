import { z } from 'zod'

import { lineageOf, newestOf, versionFacts } from '#catalog/receipt-lineage.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  receiptField,
  receiptOf,
  sourceData,
  toSourceData,
} from '#operations/receipts/receipt-data.ts'

/** Versions that are followed back; a receipt that leads to more says so. */
export const LINEAGE_MOST = 20_000

export const receiptSources = defineOperation({
  name: 'receipts.sources',
  summary: 'The objects that an answer came from: its versions followed back to their sources',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/receipts/{receipt}/sources' },
  input: z.strictObject({
    receipt: receiptField,
    after: z.int().min(0).default(0).describe('So many sources are left out (`next`).'),
    limit: z.int().min(1).max(1000).default(100).describe('Most sources of the answer.'),
  }),
  output: z.object({
    sources: z.array(sourceData),
    next: z.int().nullable(),
    /** False: it leads back to more versions than are followed. */
    isComplete: z.boolean(),
  }),
  async handler({ after, limit, ...input }, { parts, caller }) {
    const { versions } = await receiptOf(parts, caller, input.receipt)
    const ids = versions.map(({ versionId }) => versionId)
    return parts.catalog.asTenant(caller.tenant, async (session) => {
      const led = await lineageOf(session, ids, LINEAGE_MOST + 1)
      const facts = await versionFacts(session, led.slice(0, LINEAGE_MOST))
      const sources = newestOf(facts)
        .flatMap((one) => toSourceData(one) ?? [])
        .toSorted((a, b) => order(`${a.dataset} ${a.partition}`, `${b.dataset} ${b.partition}`))
      const end = after + limit
      return {
        sources: sources.slice(after, end),
        next: end < sources.length ? end : null,
        isComplete: led.length <= LINEAGE_MOST,
      }
    })
  },
})

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
