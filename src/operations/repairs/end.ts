import { z } from 'zod'

import { endRepair } from '#catalog/repairs.ts'
import { defineOperation } from '#operations/operation.ts'
import { repairData, repairNameField, toRepairData } from '#operations/repairs/repair-data.ts'

export const endRepairRule = defineOperation({
  name: 'repairs.end',
  summary: 'End a repair: one that waits at once, one that is applied with the next replay',
  permission: 'write',
  audit: [],
  rest: { method: 'DELETE', path: '/v1/repairs/{repair}' },
  input: z.strictObject({ repair: repairNameField }),
  output: repairData,
  async handler({ repair }, { parts, caller }) {
    const row = await parts.catalog.asTenant(caller.tenant, (session) => endRepair(session, repair))
    return toRepairData(row)
  },
})
