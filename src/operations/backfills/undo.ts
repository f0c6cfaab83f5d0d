import { z } from 'zod'

import { noteBackfillUndone } from '#catalog/backfills.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  assertSteerable,
  backfillData,
  backfillField,
  findBackfill,
  toBackfillData,
} from '#operations/backfills/backfill-data.ts'
import { eachPart } from '#operations/backfills/each-part.ts'
import { defineOperation } from '#operations/operation.ts'

export const undoBackfill = defineOperation({
  name: 'backfills.undo',
  summary:
    'Put back what was served before a backfill, tenant by tenant, where nothing newer was published',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/backfills/{backfill}/undo' },
  input: z.strictObject({ backfill: backfillField }),
  output: z.object({
    backfill: backfillData,
    /** Partitions put back, and left alone, of each tenant that had a run. */
    tenants: z.array(z.object({ tenant: z.string(), restored: z.int(), kept: z.int() })),
  }),
  async handler({ backfill: text }, { parts, caller }) {
    const backfill = await findBackfill(parts, caller, text)
    await assertSteerable(parts, backfill, caller, 'backfills.undo')
    const { tenants: counts } = toBackfillData(backfill)
    const open = counts.planning + counts.running
    if (open > 0) throw new MillraceError('backfill-open', { backfill: backfill.id, open })
    const tenants: { tenant: string; restored: number; kept: number }[] = []
    for await (const { tenant, runId } of eachPart(parts, backfill.id)) {
      if (runId === null) continue
      const { restored, kept } = await parts.factory.undo(tenant, runId)
      tenants.push({ tenant: tenant.slug, restored: restored.length, kept: kept.length })
    }
    await parts.catalog.asSystem((session) => noteBackfillUndone(session, backfill.id))
    parts.log.info('backfill undone', { backfill: backfill.id, by: caller.name })
    return { backfill: toBackfillData(await findBackfill(parts, caller, backfill.id)), tenants }
  },
})
