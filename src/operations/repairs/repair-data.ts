import { z } from 'zod'

import type { RepairRow } from '#catalog/repairs.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { RepairRule } from '#model/mend.ts'
import { isDateFormat } from '#engine/convert/repair-rules.ts'
import { datasetField } from '#operations/partition-input.ts'

export const repairNameField = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/, 'a name is lower-case letters, digits and hyphens')
  .meta({ names: 'repair' })
  .describe('Name of the repair.')

export const repairKinds = [
  'trim',
  'empty-as-null',
  'decimal-comma',
  'date-format',
  'default',
  'map',
  'cap-length',
] as const

/** What a repair does; each kind takes some of these. */
export const ruleFields = {
  kind: z.enum(repairKinds).describe('What is done to every text of the column.'),
  format: z.string().min(1).max(30).optional().describe('Of date-format: `DD.MM.YYYY`.'),
  text: z.string().min(1).max(1_000).optional().describe('Of default: what stands in for nothing.'),
  texts: z
    .array(z.string().max(200))
    .max(100)
    .optional()
    .describe('Of empty-as-null: texts that mean nothing, `N/A`, beside the empty one.'),
  map: z
    .record(z.string().max(1_000), z.string().max(1_000))
    .optional()
    .describe('Of map: whole texts and what they become.'),
  length: z.int().min(1).max(65_536).optional().describe('Of cap-length: characters that stay.'),
}

export const repairData = z
  .object({
    name: z.string(),
    dataset: datasetField,
    column: z.string(),
    rule: z.looseObject({ kind: z.enum(repairKinds) }),
    /** `ending`: it works still, and no longer after the next replay. */
    state: z.enum(['pending', 'applied', 'ending']),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    appliedAt: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'Repair' })

export function toRepairData(row: RepairRow): z.input<typeof repairData> {
  const { id: _id, createdAt, appliedAt, rule, ...rest } = row
  return {
    ...rest,
    rule: { ...rule },
    createdAt: createdAt.toISOString(),
    appliedAt: appliedAt?.toISOString() ?? null,
  }
}

type Given = z.output<z.ZodObject<typeof ruleFields>> & { readonly column: string }

/** Throws `repair-invalid` for a column that is not there, a parameter that is missing or of another kind. */
export function ruleOf(source: SourceDefinition, given: Given): RepairRule {
  const { kind, column, format, text, texts, map, length } = given
  const invalid = (problem: string) =>
    new MillraceError('repair-invalid', { dataset: source.name, problem })
  if (!source.columns.some(({ name }) => name === column)) {
    const known = source.columns.map(({ name }) => name).join(', ')
    throw invalid(`the source has no column "${column}"; it has ${known}`)
  }
  const taken = { 'date-format': format, default: text, 'empty-as-null': texts, map, 'cap-length': length } // prettier-ignore
  const other = Object.entries(taken).find(([of, value]) => of !== kind && value !== undefined)
  if (other) throw invalid(`${kind} takes nothing of ${other[0]}`)
  switch (kind) {
    case 'trim':
    case 'decimal-comma':
      return { kind }
    case 'empty-as-null':
      return { kind, texts: texts ?? [] }
    case 'date-format':
      if (format === undefined || !isDateFormat(format)) {
        throw invalid(
          'format has to name YYYY, MM and DD once each, with signs between: DD.MM.YYYY',
        )
      }
      return { kind, format }
    case 'default':
      if (text === undefined) throw invalid('default takes a text')
      return { kind, text }
    case 'map':
      if (map === undefined || Object.keys(map).length === 0) throw invalid('map takes texts')
      return { kind, texts: map }
    case 'cap-length':
      if (length === undefined) throw invalid('cap-length takes a length')
      return { kind, length }
  }
}
