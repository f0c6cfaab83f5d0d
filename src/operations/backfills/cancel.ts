import { z } from 'zod'

import { cancelPlanning } from '#catalog/backfills.ts'
import {
  assertSteerable,
  backfillData,
  backfillField,
  findBackfill,
  toBackfillData,
} from '#operations/backfills/backfill-data.ts'
import { eachPart } from '#operations/backfills/each-part.ts'
import { defineOperation } from '#operations/operation.ts'

export const cancelBackfill = defineOperation({
  name: 'backfills.cancel',
  summary:
    'End a backfill early: plan nothing more of it and cancel its runs; what is published stays',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/backfills/{backfill}/cancel' },
  input: z.strictObject({ backfill: backfillField }),
  output: backfillData,
  async handler({ backfill: text }, { parts, caller }) {
    const backfill = await findBackfill(parts, caller, text)
    await assertSteerable(parts, backfill, caller, 'backfills.cancel')
    await parts.catalog.asSystem((session) => cancelPlanning(session, backfill.id))
    for await (const { tenant, runId, runState } of eachPart(parts, backfill.id)) {
      if (runId !== null && runState === 'running') await parts.factory.cancel(tenant, runId)
    }
    parts.log.info('backfill cancelled', { backfill: backfill.id, by: caller.name })
    return toBackfillData(await findBackfill(parts, caller, backfill.id))
  },
})
