import { z } from 'zod'

import { appliedFixes, putFixes, withdrawFixes, type NewFix } from '#catalog/fixes.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { Tenant } from '#model/tenant.ts'
import { isPartitionOf } from '#model/partition-key-parts.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, partitionField } from '#operations/partition-input.ts'
import { heldFields } from '#operations/quarantine/held-input.ts'
import { sourceOf } from '#operations/sources/source-options.ts'
import type { Parts } from '#operations/parts.ts'
import { readHeld, type HeldRecord } from '#serving/held-rows.ts'

/** As many as are fixed at once; more is done by a repair, or in several calls. */
const RECORDS_MAX = 10_000

const texts = z.record(z.string().min(1).max(200), z.string().max(65_536))

const input = z.strictObject({
  dataset: datasetField,
  partition: partitionField.describe('The one partition that holds the records back.'),
  records: z
    .array(z.string().regex(/^[0-9a-f]{32}$/, 'is the hash of a record, as lists show it'))
    .min(1)
    .max(RECORDS_MAX)
    .optional()
    .describe('The records by their hashes.'),
  lines: z
    .array(z.int().min(1))
    .min(1)
    .max(RECORDS_MAX)
    .optional()
    .describe('In place of hashes: lines of the file.'),
  reason: heldFields.reason.describe('In place of both: all that are held back for this reason.'),
  replace: z
    .string()
    .min(1)
    .max(65_536)
    .optional()
    .describe('Read this in their place: a record as it would stand in the file.'),
  set: texts
    .optional()
    .describe('Read them with these texts in these columns: `{"at": "2021-04-01"}`.'),
  clear: z.array(z.string().min(1).max(200)).min(1).optional().describe('Columns that are NULL.'),
  drop: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('They stay out for good, for this reason; they remain in the quarantine.'),
  withdraw: z
    .boolean()
    .optional()
    .describe('Take former fixes of them back: what is not applied yet now, the rest by replay.'),
})

export const fixQuarantine = defineOperation({
  name: 'quarantine.fix',
  summary: 'Say what is to be done with rows that were held back; replay does it',
  permission: 'write',
  audit: ['partition', 'records', 'lines', 'reason', 'withdraw'],
  rest: {
    method: 'POST',
    path: '/v1/datasets/{dataset}/quarantine/fixes',
    gathers: { set: 'set.' },
  },
  input,
  output: z.object({
    dataset: z.string(),
    partition: z.string(),
    /** Records that are fixed, by their hashes. */
    records: z.array(z.string()),
  }),
  async handler(given, { parts, caller, signal }) {
    const { dataset, partition } = given
    const source = sourceOf(parts, dataset)
    const action = actionOf(source, given)
    const place = { dataset, partition, by: caller.name }
    const { tenant } = caller
    if (source.append && given.lines) {
      throw invalid(given, 'lines are those of many requests; name the records by their hashes')
    }
    if (action.kind === 'withdraw') {
      const asked = given.records
      if (!asked)
        throw invalid(given, 'withdraw names records by their hashes, as fixes are listed')
      if (source.append) await assertHeld(parts, tenant, given, asked, signal)
      const records = await parts.catalog.asTenant(tenant, (session) =>
        withdrawFixes(session, place, asked),
      )
      return { dataset, partition, records }
    }
    const where = whereOf(given, source)
    const page = { dataset, partitions: [partition], where, after: null, limit: RECORDS_MAX + 1 }
    const held = await readHeld(parts, tenant, page, signal)
    if (held.length > RECORDS_MAX) {
      throw invalid(given, `it is about more than ${RECORDS_MAX} records; write a repair`)
    }
    const fixes = new Map<string, NewFix>()
    await parts.catalog.asTenant(tenant, async (session) => {
      // What a fix has mended in a file is held back no more, and may be mended otherwise all the same;
      // a row that was sent is then one like the others.
      const records = source.append ? [] : (given.records ?? [])
      const applied = await appliedFixes(session, place, records)
      for (const { record, line, reason } of [...applied, ...held]) {
        fixes.set(record, { record, line, reason, action })
      }
      assertFound(given, held, fixes)
      await putFixes(session, place, [...fixes.values()])
    })
    return { dataset, partition, records: [...fixes.keys()] }
  },
})

type Given = z.output<typeof input>

function actionOf(source: SourceDefinition, given: Given): NewFix['action'] {
  const { replace, set, clear, drop, withdraw } = given
  const said = [replace, set ?? clear, drop, withdraw || undefined]
  if (said.filter((one) => one !== undefined).length !== 1) {
    throw invalid(given, 'say one of replace, set (with clear), drop and withdraw')
  }
  if (replace !== undefined) return { kind: 'replace', record: replace }
  if (drop !== undefined) return { kind: 'drop', reason: drop }
  if (withdraw) return { kind: 'withdraw' }
  const values = {
    ...Object.fromEntries(Object.entries(set ?? {})),
    ...Object.fromEntries((clear ?? []).map((column) => [column, null])),
  }
  const unknown = Object.keys(values).find(
    (column) => !source.columns.some(({ name }) => name === column),
  )
  if (unknown !== undefined) {
    const known = source.columns.map(({ name }) => name).join(', ')
    throw invalid(given, `the source has no column "${unknown}"; it has ${known}`)
  }
  return { kind: 'set', values }
}

function whereOf(given: Given, source: SourceDefinition) {
  const { records, lines, reason, partition } = given
  const named = [records, lines, reason].filter((one) => one !== undefined)
  if (named.length !== 1) throw invalid(given, 'name the records by records, lines or reason')
  if (!isPartitionOf(partition, source.partitioning)) {
    throw invalid(given, 'name one whole partition')
  }
  return { reason: reason ?? null, records: records ?? null, lines: lines ?? null }
}

function assertFound(
  { dataset, partition, records, lines, reason }: Given,
  held: readonly HeldRecord[],
  fixes: ReadonlyMap<string, NewFix>,
): void {
  const missing =
    records?.find((hash) => !fixes.has(hash)) ??
    lines?.find((line) => !held.some((record) => record.line === line)) ??
    (reason !== undefined && held.length === 0 ? reason : undefined)
  if (missing !== undefined) {
    throw new MillraceError('record-unknown', { dataset, partition, record: String(missing) })
  }
}

/** Of rows that were sent what is held back can be taken back, for the rest is in the dataset for good. */
async function assertHeld(
  parts: Parts,
  tenant: Tenant,
  given: Given,
  records: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { dataset, partition } = given
  const where = { reason: null, records, lines: null }
  const page = { dataset, partitions: [partition], where, after: null, limit: 4 * RECORDS_MAX }
  const held = new Set((await readHeld(parts, tenant, page, signal)).map(({ record }) => record))
  const gone = records.find((record) => !held.has(record))
  if (gone !== undefined) {
    throw new MillraceError('record-unknown', { dataset, partition, record: gone })
  }
}

function invalid({ dataset, partition }: Given, problem: string): MillraceError {
  return new MillraceError('fix-invalid', { dataset, partition, problem })
}
