import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { link, mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

import type { SourceDefinition } from '#model/definition.ts'
import { GOOD, HEADER, convert, testSource } from '#engine/convert/convert-for-tests.ts'
import { runConvert } from '#engine/convert/convert.ts'
import { buildFolder, inProcess, testLimits } from '#engine/jobs-for-tests.ts'

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
    ...testSource,
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
    ...testSource,
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
          source: testSource,
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
    ...testSource,
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
