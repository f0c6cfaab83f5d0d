import { z } from 'zod'

import { pauseEverywhere } from '#catalog/pauses.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  assertSteerable,
  backfillData,
  backfillField,
  findBackfill,
  toBackfillData,
} from '#operations/backfills/backfill-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const pauseBackfill = defineOperation({
  name: 'backfills.pause',
  summary: 'Begin nothing more of a backfill until it is resumed; what runs goes on',
  permission: 'run',
  audit: ['reason'],
  rest: { method: 'POST', path: '/v1/backfills/{backfill}/pause' },
  input: z.strictObject({
    backfill: backfillField,
    reason: z.string().min(1).max(500).default('paused').describe('Why, for those who wonder.'),
  }),
  output: backfillData,
  async handler({ backfill: text, reason }, { parts, caller }) {
    const backfill = await findBackfill(parts, caller, text)
    await assertSteerable(parts, backfill, caller, 'backfills.pause')
    const { id } = backfill
    const { state } = toBackfillData(backfill)
    if (!['planning', 'running', 'paused'].includes(state)) {
      throw new MillraceError('backfill-ended', { backfill: id, state, verb: 'paused' })
    }
    await parts.catalog.asSystem((session) =>
      pauseEverywhere(session, { scope: 'backfill', value: id, reason }),
    )
    parts.log.info('backfill paused', { backfill: id, by: caller.name, reason })
    return toBackfillData(await findBackfill(parts, caller, id))
  },
})
