import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { link, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'

import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { runConvert } from '#engine/convert/convert.ts'
import { buildFolder, inProcess, rowsOf, testLimits } from '#engine/jobs-for-tests.ts'
import type { ConvertResult } from '#engine/protocol.ts'

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
    { name: 'id', type: 'text' },
    { name: 'at', type: 'timestamp', optional: false },
    { name: 'n', type: 'integer' },
    { name: 'tags', type: 'text[]', parse: 'python-list' },
  ],
  derived: [{ name: 'id_length', type: 'integer', expression: 'length(id)' }],
  observes: { column: 'at', grain: 'day' },
  reference: false,
}

interface Converted {
  readonly result: ConvertResult
  readonly rows: Record<string, unknown>[]
  readonly held: Record<string, unknown>[]
}

async function convert(
  t: TestContext,
  body: string | Buffer,
  definition: SourceDefinition = source,
): Promise<Converted> {
  const folder = await buildFolder(t)
  const rawPath = join(folder, 'raw')
  await writeFile(rawPath, body)
  const result = await inProcess((context) =>
    runConvert(
      {
        kind: 'convert',
        source: definition,
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
  assert.equal(result.received, result.accepted + result.quarantined)
  const rows = result.file ? await rowsOf(`FROM '${result.file.path}'`) : []
  const held = result.quarantine ? await rowsOf(`FROM '${result.quarantine.path}'`) : []
  assert.equal(rows.length, result.accepted)
  assert.equal(held.length, result.quarantined)
  return { result, rows, held }
}

async function refused(t: TestContext, body: string | Buffer, code: string, pattern: RegExp) {
  await assert.rejects(convert(t, body), (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, pattern)
    return true
  })
}

const HEADER = 'id,at,n,tags\n'
const GOOD = 'a,2021-04-01,1,[]\n'

function reasons(held: Record<string, unknown>[]) {
  return held.map((row) => [row['line'], row['column'], row['reason']])
}

test('rows are typed, and told with their days, versions and hashes', async (t) => {
  const body = `${HEADER}a,2021-03-31,1,[]\nb,2021-04-02 10:00:01.5,,"['x', 'y z']"\n`
  const { result, rows } = await convert(t, body)
  assert.deepEqual(rows, [
    { _partition: '2021-04', id: 'a', at: '2021-03-31 00:00:00', n: '1', tags: [], id_length: '1' },
    {
      _partition: '2021-04',
      id: 'b',
      at: '2021-04-02 10:00:01.5',
      n: null,
      tags: ['x', 'y z'],
      id_length: '1',
    },
  ])
  assert.equal(result.rawSha256, createHash('sha256').update(body).digest('hex'))
  assert.equal(result.rawBytes, body.length)
  assert.match(result.outcome.dataVersion, /^[0-9a-f]{32}:2$/)
  assert.deepEqual(
    result.observed.map(({ value, rows: count }) => [value, count]),
    [
      ['2021-03-31', 1],
      ['2021-04-02', 1],
    ],
  )
  const bytes = await readFile(result.file?.path ?? '')
  assert.equal(result.file?.sha256, createHash('sha256').update(bytes).digest('hex'))
  assert.equal(result.file.sizeBytes, bytes.length)
  const folder = join(result.file.path, '..')
  assert.deepEqual(await readdir(folder), ['data.parquet'], 'nothing else is left behind')
})

test('a changed row changes the version of its day alone', async (t) => {
  const before = await convert(t, `${HEADER}a,2021-04-01,1,[]\nb,2021-04-02,1,[]\n`)
  const later = await convert(t, `${HEADER}b,2021-04-02,2,[]\na,2021-04-01,1,[]\n`)
  assert.deepEqual(before.result.observed[0], later.result.observed[0])
  assert.notEqual(before.result.observed[1]?.dataVersion, later.result.observed[1]?.dataVersion)
  assert.notEqual(before.result.outcome.dataVersion, later.result.outcome.dataVersion)
})

test('every readable form of a timestamp is read in UTC', async (t) => {
  const forms = {
    '2021-04-01': '2021-04-01 00:00:00',
    '2020-02-29 23:59:59': '2020-02-29 23:59:59',
    '2021-04-01T10:00:00': '2021-04-01 10:00:00',
    '2021-04-01 10:00:00.123456': '2021-04-01 10:00:00.123456',
    '2021-04-01T10:00:00Z': '2021-04-01 10:00:00',
    '2021-04-01 10:00:00+02:00': '2021-04-01 08:00:00',
    '2021-04-01 01:00:00.5+0230': '2021-03-31 22:30:00.5',
    '2021-04-01T10:00:00-11': '2021-04-01 21:00:00',
  }
  const body =
    HEADER +
    Object.keys(forms)
      .map((form) => `${form},${form},,[]\n`)
      .join('')
  const { rows } = await convert(t, body)
  assert.deepEqual(Object.fromEntries(rows.map((row) => [row['id'], row['at']])), forms)
})

test('texts that are no timestamp are held back with the field', async (t) => {
  const bad = [
    '2021-02-30', '2021-13-01', '2021-4-1', '01.04.2021', '2021-04-01 24:00:00', '2021-04-01 10:00',
    '2021-04-01 10:00:60', '2021-04-01 10:00:00.', '2021-04-01 10:00:00.1234567', '2021-04-01 10:00:00 UTC',
    '2021-04-01 10:00:00+1', '2021-04-01x10:00:00', 'epoch', 'infinity', '1617235200', ' 2021-04-01', '0000-01-01',
  ] // prettier-ignore
  const { held, result } = await convert(t, HEADER + bad.map((form) => `a,${form},,[]\n`).join(''))
  assert.deepEqual(
    held.map((row) => row['value']),
    bad,
  )
  assert.deepEqual(result.quarantineReasons, [{ reason: 'at-unreadable', rows: bad.length }])
  assert.equal(result.file, null)
  assert.equal(result.outcome.rows, 0)
})

test('Python lists are read as Python reads them', async (t) => {
  const lists: readonly (readonly [string, string[]])[] = [
    [`[]`, []],
    [`[ ]`, []],
    [`['']`, ['']],
    [`['a']`, ['a']],
    [`['a', 'b, c', '[d]']`, ['a', 'b, c', '[d]']],
    [`["it's", 'b']`, ["it's", 'b']],
    [`['say "hi"', 'b']`, ['say "hi"', 'b']],
    [`["it's", 'x, y', "z"]`, ["it's", 'x, y', 'z']],
    [`['a','b']`, ['a', 'b']],
    [`['a', 'b',]`, ['a', 'b']],
    [` ['a'] `, ['a']],
    [`['it\\'s "x"', 'b']`, ['it\'s "x"', 'b']],
    [`['\\n\\t\\r\\\\', '\\xe9\\u20ac\\U0001F600']`, ['\n\t\r\\', 'é€😀']],
    [`['é€😀', 'ß']`, ['é€😀', 'ß']],
    [`['j["x"]']`, ['j["x"]']],
  ]
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const body = HEADER + lists.map(([list], at) => `${at},2021-04-01,,${quote(list)}\n`).join('')
  const { rows } = await convert(t, body)
  const read = rows.toSorted((a, b) => Number(a['id']) - Number(b['id'])).map((row) => row['tags'])
  assert.deepEqual(
    read,
    lists.map(([, items]) => items),
  )
})

test('texts that are no list of strings are held back', async (t) => {
  const bad = [
    `['a'`, `'a'`, `['a' 'b']`, `['a', None]`, `[1]`, `[['a']]`, `['a'] x`, `['a\\q']`, `['a\\x00']`,
    `['\\ud800']`, `[,]`, `['a',,'b']`, `("a")`, `[b'a']`, `nan`, `["a']`, `['\\xZZ']`, `['`, `[`,
  ] // prettier-ignore
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const { held } = await convert(
    t,
    HEADER + bad.map((list) => `a,2021-04-01,,${quote(list)}\n`).join(''),
  )
  assert.deepEqual(
    held.map((row) => row['value']),
    bad,
  )
  assert.ok(held.every((row) => row['reason'] === 'tags-unreadable' && row['column'] === 'tags'))
})

test('an empty field is NULL where it may be, text stays empty, a required one is held back', async (t) => {
  const { rows, held } = await convert(t, `${HEADER},2021-04-01,,\n"",,,[]\n`)
  assert.deepEqual(
    rows.map(({ id, n, tags }) => ({ id, n, tags })),
    [{ id: '', n: null, tags: null }],
  )
  assert.deepEqual(reasons(held), [['3', 'at', 'at-missing']])
})

test('each structural fault has its reason, line, offset and raw text, and costs only its line', async (t) => {
  const lines = [
    'a,2021-04-01,1,[]', // 2
    'b,2021-04-01,1', // 3
    'c,2021-04-01,1,[],x', // 4
    'd,2021-04-01,1,"[]"x', // 5
    'e"e,2021-04-01,1,[]', // 6
    'f,2021-04-01,1,"[]', // 7
    'g,2021-04-01,1,[]', // 8
    '"h,2021-04-01,1,[]', // 9
    "i,2021-04-01,1,\"['x', 'y']\"", // 10
    'j,2021-04-01,1,[]', // 11
  ]
  const body = HEADER + lines.join('\n')
  const { rows, held } = await convert(t, body)
  assert.deepEqual(
    rows.map((row) => row['id']),
    ['a', 'g', 'i', 'j'],
  )
  assert.deepEqual(reasons(held), [
    ['3', null, 'field-count'],
    ['4', null, 'field-count'],
    ['5', null, 'quote-stray'],
    ['6', null, 'quote-stray'],
    ['7', null, 'quote-unclosed'],
    ['9', null, 'quote-unclosed'],
  ])
  for (const row of held) {
    assert.equal(row['raw'], lines[Number(row['line']) - 2])
    const offset = Number(row['byte_offset'])
    assert.ok(body.slice(offset).startsWith(String(row['raw'])))
    assert.equal(row['file'], 'file:events.csv')
  }
})

test('line ends, a mark, blank lines and a missing last line end make no difference', async (t) => {
  const bodies = {
    LF: `${HEADER}${GOOD}b,2021-04-01,2,[]\n`,
    'CR LF': `${HEADER}${GOOD}b,2021-04-01,2,[]\n`.replaceAll('\n', '\r\n'),
    mixed: `${HEADER}a,2021-04-01,1,[]\r\nb,2021-04-01,2,[]\n`,
    mark: `\ufeff${HEADER}${GOOD}b,2021-04-01,2,[]\n`,
    'no last line end': `${HEADER}${GOOD}b,2021-04-01,2,[]`,
    'CR at the end': `${HEADER}${GOOD}b,2021-04-01,2,[]\r`,
    'blank lines': `\n\r\n${HEADER}\n\n${GOOD}\r\n\nb,2021-04-01,2,[]\n\n\n`,
    'quoted header': `"id","at","n","tags"\n${GOOD}b,2021-04-01,2,[]\n`,
    'another order': `n,tags,at,id\n1,[],2021-04-01,a\n2,[],2021-04-01,b\n`,
    gzip: gzipSync(`${HEADER}${GOOD}b,2021-04-01,2,[]\n`),
    'gzip in two members': Buffer.concat([
      gzipSync(HEADER),
      gzipSync(`${GOOD}b,2021-04-01,2,[]\n`),
    ]),
  }
  const versions = new Set<string>()
  for (const [name, body] of Object.entries(bodies)) {
    const { result, held } = await convert(t, body)
    assert.equal(result.accepted, 2, name)
    assert.deepEqual(held, [], name)
    versions.add(result.observed[0]?.dataVersion ?? name)
  }
  assert.equal(versions.size, 1)
})

test('quoted fields keep line ends, quotes, commas and spaces byte for byte', async (t) => {
  const texts = [
    'a\nb',
    'a\r\nb',
    'a\rb',
    'say ""hi""',
    ',',
    ' x ',
    '\n',
    "'; DROP TABLE",
    '\u001fnull\u001f',
    'NULL',
    '\\N',
    'ünï😀',
  ]
  for (const lineEnd of ['\n', '\r\n']) {
    const body = [HEADER.trim(), ...texts.map((text) => `"${text}",2021-04-01,,[]`)].join(lineEnd)
    const { rows } = await convert(t, body)
    const wanted = texts.map((text) => text.replaceAll('""', '"'))
    assert.deepEqual(
      rows.map((row) => row['id']),
      wanted,
      JSON.stringify(lineEnd),
    )
  }
})

test('an unquoted CR inside a field is kept', async (t) => {
  const { rows } = await convert(t, `${HEADER}x\ry,2021-04-01,,[]\n${GOOD}`)
  assert.deepEqual(new Set(rows.map((row) => row['id'])), new Set(['a', 'x\ry']))
})

test('rows that are not UTF-8, or hold NUL, are held back; the rest of the file is good', async (t) => {
  const body = Buffer.concat([
    Buffer.from(HEADER + GOOD),
    Buffer.from('Jos\xe9,2021-04-01,1,[]\n', 'latin1'),
    Buffer.from(`b,2021-04-01,1,"['\xe9']"\n`, 'latin1'),
    Buffer.from('x'.repeat(5000) + ',2021-04-01,1,[]\n'),
    Buffer.from('c\0c,2021-04-01,1,[]\nZoë,2021-04-01,1,[]\n'),
  ])
  const { rows, held } = await convert(t, body)
  assert.deepEqual(
    rows.map((row) => String(row['id']).slice(0, 3)),
    ['a', 'xxx', 'Zoë'],
  )
  assert.deepEqual(reasons(held), [
    ['3', null, 'encoding'],
    ['4', 'tags', 'encoding'],
    ['6', null, 'encoding'],
  ])
  assert.equal(held[0]?.['raw'], 'Jos\ufffd,2021-04-01,1,[]')
})

test('lines far over the limit are held back, whole, and what follows is read', async (t) => {
  const long = 'x'.repeat(20_000_000)
  const unclosed = `"${'y\n'.repeat(800_000)}`
  const body = `${HEADER}${GOOD}${long},2021-04-01,1,[]\nb,2021-04-01,1,[]\nq,2021-04-01,1,${unclosed}${GOOD}`
  const { result, rows, held } = await convert(t, body)
  assert.deepEqual(
    rows.map((row) => row['id']),
    ['a', 'b', 'a'],
  )
  assert.equal(result.quarantineReasons.find(({ reason }) => reason === 'record-too-long')?.rows, 1)
  assert.deepEqual(reasons(held).slice(0, 2), [
    ['3', null, 'record-too-long'],
    ['5', null, 'quote-unclosed'],
  ])
  assert.equal(String(held[0]?.['raw']).length, 65_536)
  assert.equal(held[1]?.['raw'], 'q,2021-04-01,1,"y')
  assert.equal(held.at(-1)?.['line'], String(5 + 799_999))
})

test('a header alone is a partition without rows', async (t) => {
  for (const body of [HEADER, HEADER.trim()]) {
    const { result } = await convert(t, body)
    assert.deepEqual([result.received, result.file, result.observed], [0, null, []])
    assert.match(result.outcome.dataVersion, /^[0-9a-f]{32}:0$/)
    assert.equal(result.columns.length, 5)
  }
})

test('columns that only the file has are kept as text', async (t) => {
  const { result, rows } = await convert(t, `id,at,extra one,n,tags,\na,2021-04-01,NULL,1,[],z\n`)
  assert.deepEqual(result.columns.slice(-2), [
    { name: 'extra one', type: 'VARCHAR' },
    { name: 'column_6', type: 'VARCHAR' },
  ])
  assert.deepEqual([rows[0]?.['extra one'], rows[0]?.['column_6']], ['NULL', 'z'])
})

test('with one column, blank lines are no rows and quoted empty fields are', async (t) => {
  const one: SourceDefinition = {
    ...source,
    columns: [{ name: 'name', type: 'text' }],
    derived: [],
    observes: { column: 'name', grain: 'none' },
  }
  const { rows } = await convert(t, 'name\na\n\n""\n\nb"b\n\nc\n\n', one)
  assert.deepEqual(
    rows.map((row) => row['name']),
    ['a', '', 'c'],
  )
})

test('numbers, dates and booleans are read exactly or held back', async (t) => {
  const typed: SourceDefinition = {
    ...source,
    columns: [
      { name: 'i', type: 'integer' },
      { name: 'd', type: 'double' },
      { name: 'm', type: 'decimal(5,2)' },
      { name: 'b', type: 'boolean' },
      { name: 'day', type: 'date' },
    ],
    derived: [],
    observes: { column: 'day', grain: 'month' },
  }
  const good = [
    '-9223372036854775808,1e3,-999.99,true,2021-04-01',
    '007,.5,0.10,F,2020-02-29',
    ',,,,',
  ]
  const bad = [
    '9223372036854775808,,,,', '1.5,,,,', ' 1,,,,', ',1e999,,,', ',nan,,,', ',0x1,,,', ',,1000,,', ',,1.234,,',
    ',,.,,', ',,1e2,,', ',,,yes,', ',,,,2021-02-29', ',,,,2021-04-01 00:00:00',
  ] // prettier-ignore
  const body = ['i,d,m,b,day', ...good, ...bad].join('\n')
  const { rows, held, result } = await convert(t, body, typed)
  assert.deepEqual(
    rows.map((row) => [row['i'], row['d'], row['m'], row['b'], row['day']]),
    [
      ['-9223372036854775808', 1000, '-999.99', true, '2021-04-01'],
      ['7', 0.5, '0.10', false, '2020-02-29'],
      [null, null, null, null, null],
    ],
  )
  assert.deepEqual(
    held.map((row) => row['raw']),
    bad,
  )
  assert.deepEqual(
    result.observed.map(({ value }) => value),
    ['2020-02', '2021-04'],
  )
})

test('a file that is wrong as a whole is refused', async (t) => {
  const utf16 = Buffer.from(`\ufeff${HEADER}${GOOD}`, 'utf16le')
  await refused(t, '', 'source-empty', /file:events.csv is empty/)
  await refused(t, '\n\n', 'source-empty', /is empty/)
  await refused(t, utf16, 'source-encoding', /UTF-16 \(little-endian\)/)
  await refused(t, utf16.subarray(2), 'source-encoding', /NUL/)
  await refused(t, Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'source-encoding', /NUL/)
  await refused(
    t,
    'id,at,tags\na,2021-04-01,[]\n',
    'source-header',
    /it lacks "n"; it has "id", "at"/,
  )
  await refused(t, 'id,at,n,tags,ID\n', 'source-header', /it names "ID" more than once/)
  await refused(t, 'id,at,n,tags,id_length\n', 'source-header', /"id_length" is the name/)
  await refused(t, '"id,at,n,tags\n', 'source-header', /quotes/)
  const gzip = gzipSync(HEADER + GOOD.repeat(1000))
  await refused(t, gzip.subarray(0, gzip.length - 20), 'source-compression', /cut short/)
  gzip[30] = (gzip[30] ?? 0) ^ 0xff
  await refused(t, gzip, 'source-compression', /damaged|cut short/)
  await refused(t, gzipSync(HEADER + 'x'.repeat(70e6)), 'source-compression', /over 64 MB/)
})

test('a reference table takes no bad row', async (t) => {
  await assert.rejects(
    convert(t, `${HEADER}${GOOD}b,soon,1,[]\n`, { ...source, reference: true }),
    /file:events.csv line 3 is not usable \(at-unreadable\)/,
  )
})

test('a file that somebody else may use is left as it is', async (t) => {
  const folder = await buildFolder(t)
  const staging = join(folder, 'staging')
  await mkdir(staging)
  const body = `${HEADER}bad\n${GOOD}`
  await writeFile(join(folder, 'original.csv'), body)
  await link(join(folder, 'original.csv'), join(staging, 'raw'))
  const run = (rawPath: string) =>
    inProcess((context) =>
      runConvert(
        {
          kind: 'convert',
          source,
          partition: '2021-04',
          rawPath,
          location: 'x',
          stagingFolder: staging,
          tempFolder: staging,
          limits: testLimits,
        },
        context,
      ),
    )
  for (const rawPath of [join(staging, 'raw'), join(folder, 'original.csv')]) {
    const { accepted, quarantined } = await run(rawPath)
    assert.deepEqual([accepted, quarantined], [1, 1])
    assert.equal(await readFile(join(folder, 'original.csv'), 'utf8'), body)
  }
})

test('checks run on what was written', async (t) => {
  const { result } = await convert(t, `${HEADER}${GOOD}${GOOD}`, {
    ...source,
    checks: [{ name: 'ids', severity: 'warning', kind: 'unique', columns: ['id'] }],
  })
  assert.deepEqual(result.outcome.checks, [
    {
      name: 'ids',
      severity: 'warning',
      passed: false,
      failingRows: 2,
      message: '2 rows share id with another row (1 values)',
    },
  ])
})
