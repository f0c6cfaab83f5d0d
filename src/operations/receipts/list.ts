import { z } from 'zod'

import { listReceipts } from '#catalog/receipts.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionText, receiptField } from '#operations/receipts/receipt-data.ts'
import type { QuestionData } from '#serving/receipt.ts'

export const listReceiptsOperation = defineOperation({
  name: 'receipts.list',
  summary: 'Answers that were given, newest first: each distinct one once',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/receipts' },
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(50).describe('Most receipts of the answer.'),
    before: receiptField.optional().describe('Only receipts before this one (`next`).'),
  }),
  output: z.object({
    receipts: z.array(
      z
        .object({
          receipt: z.string(),
          text: z.string(),
          commit: z.int(),
          firstAskedAt: z.string(),
        })
        .meta({ entity: 'Receipt' }),
    ),
    next: z.string().nullable(),
  }),
  async handler({ limit, before }, { parts, caller }) {
    const rows = await parts.catalog.asTenant(caller.tenant, (session) =>
      listReceipts(session, { limit: limit + 1, before }),
    )
    const page = rows.slice(0, limit)
    return {
      receipts: page.map(({ id, question, commitNumber, createdAt }) => ({
        receipt: id,
        text: questionText(question as QuestionData),
        commit: commitNumber,
        firstAskedAt: createdAt.toISOString(),
      })),
      next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    }
  },
})
