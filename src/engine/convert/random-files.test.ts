import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import type { SourceDefinition } from '#model/definition.ts'
import { runConvert } from '#engine/convert/convert.ts'
import { buildFolder, inProcess, rowsOf, testLimits } from '#engine/jobs-for-tests.ts'

const source: SourceDefinition = {
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
    { name: 'a', type: 'text' },
    { name: 'b', type: 'date' },
    { name: 'c', type: 'text' },
  ],
  derived: [],
  reference: false,
}

/** A plain reading of the rules, for a file whose first line is its header, without a thought of speed. */
function readPlainly(body: string): { rows: string[][]; heldLines: number[] } {
  const rows: string[][] = []
  const heldLines: number[] = []
  let at = body.indexOf('\n') + 1
  while (at < body.length) {
    const line = body.slice(0, at).split('\n').length
    const blank = /^\r?\n/.exec(body.slice(at, at + 2))
    const record = blank ? null : takeRecord(body, at)
    if (blank) {
      at += blank[0].length
    } else if (record && (record.fields.length === 3 || !record.multiline)) {
      const [, date = ''] = record.fields
      const isGood =
        record.fields.length === 3 && /^(2021-04-01|2021-04-02|2021-04-03|)$/.test(date)
      if (isGood) rows.push(record.fields)
      else heldLines.push(line)
      at = record.end
    } else {
      heldLines.push(line)
      at = body.indexOf('\n', at) + 1 || body.length
    }
  }
  return { rows, heldLines }
}

function takeRecord(body: string, from: number) {
  const fields: string[] = []
  let multiline = false
  for (let at = from; ;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(body.slice(at))
    const plain = quoted ? null : /^(?:[^",\r\n]|\r(?!\n|$))*/.exec(body.slice(at))
    const text = quoted?.[0] ?? plain?.[0] ?? ''
    multiline ||= text.includes('\n')
    fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : text)
    at += text.length
    if (body[at] === ',') at++
    else {
      const end = /^(\r?\n|\r?$)/.exec(body.slice(at, at + 2))
      return end && (end[0] !== '' || at === body.length)
        ? { fields, multiline, end: at + end[0].length }
        : null
    }
  }
}

test('any file is read as a plain reading of the rules reads it, and no row is lost', async (t) => {
  const folder = await buildFolder(t)
  const piece = fc.constantFrom(
    'x', ',', ',', '\n', '\n', '\r\n', '"', '""', '2021-04-01', '2021-04-31x', '\x1e', '\r', ' ', 'ü',
    'p,2021-04-02,q\n', 'p,2021-04-03,"q\nr"\n', '\n\n\n', '"s",,\r\n',
  ) // prettier-ignore
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.constantFrom('a,b,c\n', 'a,b,c\r\n'),
      async (pieces, header) => {
        const body = header + pieces.join('')
        const rawPath = join(folder, `raw-${run++}`)
        await writeFile(rawPath, body)
        const result = await inProcess((context) =>
          runConvert(
            {
              kind: 'convert',
              source,
              partition: '2021-04',
              rawPath,
              location: 'x',
              stagingFolder: folder,
              tempFolder: folder,
              limits: testLimits,
            },
            context,
          ),
        )
        const wanted = readPlainly(body)
        const rows = result.file ? await rowsOf(`SELECT a, b, c FROM '${result.file.path}'`) : []
        const held = result.quarantine
          ? await rowsOf(`SELECT line FROM '${result.quarantine.path}' ORDER BY line`)
          : []
        const sortable = (list: unknown[]) => list.map((row) => JSON.stringify(row)).toSorted()
        assert.deepEqual(
          sortable(rows.map(({ a, b, c }) => [a, b ?? '', c])),
          sortable(wanted.rows),
        )
        assert.deepEqual(
          held.map((row) => Number(row['line'])),
          wanted.heldLines,
        )
      },
    ),
    { numRuns: 100 },
  )
})
