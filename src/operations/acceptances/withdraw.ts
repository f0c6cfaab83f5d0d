import { z } from 'zod'

import { withdrawCode } from '#catalog/accepted.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'

export const withdrawAcceptance = defineOperation({
  name: 'acceptances.withdraw',
  summary: 'Take it back: what was built with the former code is stale again',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/acceptances/{dataset}/withdraw' },
  input: z.strictObject({
    dataset: datasetField,
    from: z
      .string()
      .length(64)
      .optional()
      .describe('Only the one from this code version; default: all of the dataset.'),
  }),
  output: z.object({ dataset: z.string(), withdrawn: z.int() }),
  async handler({ dataset, from }, { parts, caller }) {
    const withdrawn = await parts.catalog.asSystem((session) =>
      withdrawCode(session, { dataset, fromCode: from, by: caller.name }),
    )
    if (withdrawn === 0) {
      const detail = from === undefined ? '' : ` from ${from}`
      throw new MillraceError('acceptance-unknown', { dataset, detail })
    }
    parts.log.info('acceptance withdrawn', { dataset, from: from ?? 'all', by: caller.name })
    return { dataset, withdrawn }
  },
})
