import { z } from 'zod'

import { getAcknowledgement } from '#catalog/acknowledgements.ts'
import {
  acknowledgementData,
  toAcknowledgementData,
} from '#operations/acknowledgements/acknowledgement-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const showAcknowledgement = defineOperation({
  name: 'acknowledgements.show',
  summary: 'What became of the rows of one request: accepted, quarantined, visible since when',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/acknowledgements/{acknowledgement}' },
  input: z.strictObject({
    acknowledgement: z
      .string()
      .max(100)
      .meta({ names: 'acknowledgement' })
      .describe('Id of the acknowledgement.'),
  }),
  output: acknowledgementData,
  async handler({ acknowledgement: id }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      getAcknowledgement(session, id),
    )
    return toAcknowledgementData(found)
  },
})
