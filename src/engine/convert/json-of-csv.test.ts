import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { SourceDefinition } from '#model/definition.ts'
import { convert, testSource } from '#engine/convert/convert-for-tests.ts'

/** Text as CSV can say it: everything but NUL, whole Unicode. */
const text = fc
  .string({ unit: 'binary', maxLength: 12 })
  .filter((value) => value.isWellFormed() && !value.includes('\0'))
const at = fc.constantFrom(
  '2021-04-01',
  '2021-04-02 10:00:00.5',
  '2021-04-02T10:00:00+02:00',
  '',
  'x',
)
const n = fc.constantFrom('', '5', '-12', '9223372036854775807', '9223372036854775808', '1.0')
const tags = fc.constantFrom('', '[]', "['a', 'b']", `["it's", 'ü']`, "['\\n']", '[1]')
const records = fc.array(fc.tuple(text, at, n, tags, text), { minLength: 1, maxLength: 12 })
const names = ['id', 'at', 'n', 'tags', 'more']

function csvOf(rows: readonly (readonly string[])[]): string {
  const quote = (value: string) => `"${value.replaceAll('"', '""')}"`
  return [names, ...rows].map((row) => `${row.map(quote).join(',')}\r\n`).join('')
}

test('rows of CSV, as NDJSON or as a document, give the same data and the same rows are held back', async (t) => {
  await fc.assert(
    fc.asyncProperty(records, fc.boolean(), async (rows, escapes) => {
      const objects = rows.map((row) => {
        const line = JSON.stringify(
          Object.fromEntries(row.map((value, field) => [names[field], value])),
        )
        return escapes ? escaped(line) : line
      })
      const as = async (body: string, kind: 'csv' | 'ndjson' | 'json') => {
        const source: SourceDefinition = { ...testSource, format: { kind } }
        const { result, held } = await convert(t, body, source)
        return {
          // Data versions of the days: sums of the hashes of their rows.
          observed: result.observed,
          counts: [result.received, result.accepted, result.quarantineReasons],
          columns: result.columns,
          held: held.map(({ column, value, reason }) => [column, value ?? '', reason]),
        }
      }
      const csv = await as(csvOf(rows), 'csv')
      const wanted = { ...csv, columns: csv.counts[1] === 0 ? [] : csv.columns }
      for (const [body, kind] of [
        [objects.join('\n'), 'ndjson'],
        [`[${objects.join(',\n ')}]`, 'json'],
      ] as const) {
        const found = await as(body, kind)
        assert.deepEqual({ ...found, columns: csv.counts[1] === 0 ? [] : found.columns }, wanted)
      }
    }),
    { numRuns: 20 },
  )
})

function escaped(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

test('whatever text a line is, it is a row or held back, and rows are what JSON.parse reads', async (t) => {
  const piece = fc.constantFrom(
    '{', '}', '[', ']', ',', ':', '"', '\\', '\n', '\r\n', ' ', 'null', 'true', '1', '-', '.5', 'e3',
    '"id"', '"at":"2021-04-01"', '"id":"b"', '\\u00e9', '\\ud83d', '{"at":"2021-04-01","id":"c"}\n', 'ü',
  ) // prettier-ignore
  const source: SourceDefinition = { ...testSource, format: { kind: 'ndjson' } }
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const body = `{"at":"2021-04-01","id":"first"}\n${pieces.join('')}`
      const lines = body.split('\n').filter((line) => line.trim() !== '')
      const { rows, held, result } = await convert(t, body, source)
      assert.equal(result.received, lines.length)
      const heldLines = held.map(({ raw }) => String(raw))
      const read = lines.map(parsed)
      for (const raw of heldLines) assert.ok(lines.some((line) => line.replace(/\r$/, '') === raw))
      const good = read.filter((record) => record?.['at'] === '2021-04-01')
      assert.ok(rows.length <= good.length)
      const ids = good.map((record) => JSON.stringify(record?.['id'] ?? null))
      for (const { id } of rows) {
        const at = ids.findIndex((own) => own === JSON.stringify(id) || own === String(id))
        assert.ok(at >= 0, `${String(id)} of ${body}`)
        ids.splice(at, 1)
      }
      const strict = held.filter(({ reason }) => reason === 'syntax').map(({ raw }) => String(raw))
      for (const raw of strict) assert.equal(parsed(raw), null, raw)
    }),
    { numRuns: 30 },
  )
})

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}
