import { z } from 'zod'

import { createRepair } from '#catalog/repairs.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { repairData, ruleFields, ruleOf, toRepairData } from '#operations/repairs/repair-data.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

export const createRepairRule = defineOperation({
  name: 'repairs.create',
  summary: 'Repair a column of a source by a rule, before its rows are judged; replay applies it',
  permission: 'write',
  audit: ['name', 'dataset', 'column', 'kind'],
  argumentFields: ['name'],
  rest: { method: 'POST', path: '/v1/repairs', gathers: { map: 'map.' } },
  input: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,59}$/, 'a name is lower-case letters, digits and hyphens')
      .describe('Name of the repair, for people and logs.'),
    dataset: datasetField,
    column: z.string().min(1).max(200).describe('A declared column of the source.'),
    ...ruleFields,
  }),
  output: repairData,
  async handler(input, { parts, caller }) {
    const { name, dataset, column } = input
    const rule = ruleOf(sourceOf(parts, dataset), input)
    const id = parts.ids.next('rep')
    const made = { id, name, dataset, column, rule, createdBy: caller.name }
    const row = await parts.catalog.asTenant(caller.tenant, (session) =>
      createRepair(session, made),
    )
    return toRepairData(row)
  },
})
