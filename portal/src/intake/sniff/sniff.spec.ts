import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

import { inferType } from '~/intake/sniff/infer-type.ts'
import { readHead } from '~/intake/sniff/read-head.ts'
import { sniff } from '~/intake/sniff/sniff.ts'
import { matchSource, sourceText } from '~/intake/sniff/source-text.ts'

test('types are the narrowest that read every value; codes with zeros in front stay texts', () => {
  expect(inferType(['1', '', '-20'])).toBe('integer')
  expect(inferType(['1', '2.5'])).toBe('double')
  expect(inferType(['007', '12'])).toBe('text')
  expect(inferType(['2021-04-01', '2021-04-02 10:00'])).toBe('timestamp')
  expect(inferType(['2021-04-01'])).toBe('date')
  expect(inferType(["['a', 'b']"])).toBe('text[]')
  expect(inferType(['true', 'x'])).toBe('text')
  expect(inferType(['', ''])).toBe('text')
})

test('CSV: quotes, the delimiter, ragged rows, and a last record that is cut', () => {
  const found = sniff('at;who;n\n2021-04-01;"a;\nb";1\n2021-04-02;c\n2021-04-03;d;2\n2021-0', false)
  expect(found).toMatchObject({ format: 'csv', delimiter: ';', rows: 3, ragged: 1 })
  expect(found?.columns.map(({ name, type }) => [name, type])).toEqual([
    ['at', 'date'],
    ['who', 'text'],
    ['n', 'integer'],
  ])
  expect(found?.columns[1]?.examples).toEqual(['a;\nb', 'd'])
})

test('JSON by lines and as a list, with keys that some rows lack', () => {
  const lines = sniff('{"a":1}\n{"a":2,"b":"x"}\nnot json\n{"a":3,"b', false)
  expect(lines).toMatchObject({ format: 'ndjson', rows: 3, ragged: 1 })
  expect(lines?.columns).toEqual([
    { name: 'a', type: 'integer', empty: 0, examples: ['1', '2'] },
    { name: 'b', type: 'text', empty: 1, examples: ['x'] },
  ])
  expect(sniff('[{"a":{"b":"}"}},{"a":null}, {"a', false)).toMatchObject({
    format: 'json',
    rows: 2,
  })
})

test('what is no table of text is nothing', () => {
  expect(sniff('', true)).toBeNull()
  expect(sniff('a\u0000b', true)).toBeNull()
  expect(sniff('{"a', true)).toBeNull()
})

test('heads of gzip, UTF-16 and Latin-1 are read; Parquet is none', async () => {
  const text = 'at,n\n' + '2021-04-01,1\n'.repeat(90_000)
  const zipped = await readHead(new Blob([gzipSync(text)]))
  expect(zipped?.isGzip).toBe(true)
  expect(zipped?.text.startsWith('at,n\n2021-04-01,1\n')).toBe(true)
  const wide = await readHead(new Blob([Buffer.from('\ufeffä,b\n', 'utf16le')]))
  expect(wide).toMatchObject({ text: 'ä,b\n', encoding: 'UTF-16' })
  const latin = await readHead(new Blob([Buffer.from('ä,b\n', 'latin1')]))
  expect(latin).toMatchObject({ text: 'ä,b\n', encoding: 'Latin-1' })
  expect(await readHead(new Blob(['PAR1...']))).toBeNull()
})

test('a definition is made of it, and the source that it fits is found', () => {
  const found = sniff('at,company name,n\n2021-04-01 10:00:00,a,1\n', true)
  expect(found && sourceText("april's.csv", found)).toContain(
    [
      "  partition: 'month',",
      '  columns: {',
      "    at: { type: 'timestamp', role: 'time', optional: false },",
      "    'company name': { type: 'text' },",
      "    n: { type: 'integer' },",
    ].join('\n'),
  )
  expect(found && sourceText("april's.csv", found)).toContain(String.raw`like april\'s.csv.`)
  const sources = [
    { source: 'users', columns: ['id', 'mail'] },
    { source: 'entries', columns: ['AT', 'n', 'gone'] },
  ]
  expect(matchSource(['at', 'n'], sources)).toEqual({ source: 'entries', share: 2 / 3 })
  expect(matchSource(['other'], sources)).toBeNull()
})
