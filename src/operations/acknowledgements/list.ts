import { z } from 'zod'

import { listAcknowledgements } from '#catalog/acknowledgements.ts'
import {
  acknowledgementData,
  toAcknowledgementData,
} from '#operations/acknowledgements/acknowledgement-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'

export const listAcknowledgementsOperation = defineOperation({
  name: 'acknowledgements.list',
  summary: 'Requests whose rows were taken in, newest first; those of the last 7 days',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/acknowledgements' },
  input: z.strictObject({
    dataset: datasetField.optional(),
    limit: z.int().min(1).max(1_000).default(100).describe('Most requests of the answer.'),
    after: z.string().max(100).optional().describe('Goes on from here: `next` of the former page.'),
  }),
  output: z.object({
    acknowledgements: z.array(acknowledgementData),
    next: z.string().nullable(),
  }),
  async handler({ dataset, limit, after = null }, { parts, caller }) {
    const name = dataset === undefined ? null : definitionOf(parts, dataset).name
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listAcknowledgements(session, name, { after, limit }),
    )
    const next = found.length < limit ? null : (found.at(-1)?.id ?? null)
    return { acknowledgements: found.map(toAcknowledgementData), next }
  },
})
