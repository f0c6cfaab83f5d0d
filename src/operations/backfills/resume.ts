import { z } from 'zod'

import { resumeEverywhere } from '#catalog/pauses.ts'
import {
  assertSteerable,
  backfillData,
  backfillField,
  findBackfill,
  toBackfillData,
} from '#operations/backfills/backfill-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const resumeBackfill = defineOperation({
  name: 'backfills.resume',
  summary: 'Go on with a backfill that was paused',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/backfills/{backfill}/resume' },
  input: z.strictObject({ backfill: backfillField }),
  output: backfillData,
  async handler({ backfill: text }, { parts, caller }) {
    const backfill = await findBackfill(parts, caller, text)
    await assertSteerable(parts, backfill, caller, 'backfills.resume')
    const { id } = backfill
    await parts.catalog.asSystem((session) =>
      resumeEverywhere(session, { scope: 'backfill', value: id }),
    )
    parts.log.info('backfill resumed', { backfill: id, by: caller.name })
    return toBackfillData(await findBackfill(parts, caller, id))
  },
})
