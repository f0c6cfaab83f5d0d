import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import type { SourceDefinition } from '#model/definition.ts'
import type { Mends } from '#model/mend.ts'
import type { SubjectRules } from '#model/subject.ts'
import { runConvert } from '#engine/convert/convert.ts'
import { buildFolder, inProcess, rowsOf, testLimits } from '#engine/jobs-for-tests.ts'
import type { ConvertResult } from '#engine/protocol.ts'

/** A source of a small form: text, required timestamp, integer, list, one derived column. */
export const testSource: SourceDefinition = {
  kind: 'source',
  name: 'events',
  pack: 'test',
  description: '',
  file: 'sources/events.ts',
  partitioning: { grain: 'month' },
  checks: [],
  codeVersion: '0',
  format: { kind: 'csv' },
  columns: [
    { name: 'id', type: 'text' },
    { name: 'at', type: 'timestamp', optional: false },
    { name: 'n', type: 'integer' },
    { name: 'tags', type: 'text[]', parse: 'python-list' },
  ],
  derived: [{ name: 'id_length', type: 'integer', expression: 'length(id)' }],
  observes: { column: 'at', grain: 'day' },
  reference: false,
}

export interface Converted {
  readonly result: ConvertResult
  readonly rows: Record<string, unknown>[]
  readonly held: Record<string, unknown>[]
}

/** Converts a body as the file of April 2021, and reads back what came of it. */
export async function convert(
  t: TestContext,
  body: string | Buffer,
  definition: SourceDefinition = testSource,
  rules: SubjectRules | null = null,
  mends: Mends | null = null,
): Promise<Converted> {
  const folder = await buildFolder(t)
  const rawPath = join(folder, 'raw')
  await writeFile(rawPath, body)
  const result = await inProcess((context) =>
    runConvert(
      {
        kind: 'convert',
        source: definition,
        rules,
        mends,
        partition: '2021-04',
        rawPath,
        location: 'file:events.csv',
        stagingFolder: folder,
        tempFolder: folder,
        limits: testLimits,
      },
      context,
    ),
  )
  const { received, accepted, repaired, quarantined, withheld, erased } = result
  assert.equal(received, accepted + repaired + quarantined + withheld + erased)
  const rows = result.file ? await rowsOf(`FROM '${result.file.path}'`) : []
  const held = result.quarantine ? await rowsOf(`FROM '${result.quarantine.path}'`) : []
  assert.equal(rows.length, accepted + repaired)
  assert.equal(held.length, result.quarantined)
  return { result, rows, held }
}

export const HEADER = 'id,at,n,tags\n'
export const GOOD = 'a,2021-04-01,1,[]\n'

/** Line, column and reason of each row that was held back. */
export function reasons(held: Record<string, unknown>[]) {
  return held.map((row) => [row['line'], row['column'], row['reason']])
}
