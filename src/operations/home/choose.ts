import { z } from 'zod'

import { chooseFigures } from '#catalog/home.ts'
import { FIGURES_MAX, figureWishField } from '#operations/home/figure-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'

export const chooseHomeFigures = defineOperation({
  name: 'home.choose',
  summary: 'Choose the headline numbers that everybody of the tenant sees first',
  permission: 'write',
  audit: ['figures'],
  rest: { method: 'POST', path: '/v1/home/figures' },
  input: z.strictObject({
    figures: z
      .array(figureWishField)
      .max(FIGURES_MAX)
      .nullable()
      .describe('In the order in which they are shown; null: those that are found by themselves.'),
  }),
  output: z.object({ figures: z.array(figureWishField).nullable() }),
  async handler({ figures }, { parts, caller }) {
    for (const { dataset } of figures ?? []) definitionOf(parts, dataset)
    await parts.catalog.asTenant(caller.tenant, (session) =>
      chooseFigures(session, figures, caller.name),
    )
    return { figures }
  },
})
