import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition, SourceFormat } from '#model/definition.ts'
import { convert, reasons, testSource } from '#engine/convert/convert-for-tests.ts'

const lines: SourceDefinition = { ...testSource, format: { kind: 'ndjson' } }
const GOOD = '{"id":"a","at":"2021-04-01","n":1,"tags":[]}\n'

async function refused(t: TestContext, body: string, format: SourceFormat, pattern: RegExp) {
  await assert.rejects(convert(t, body, { ...testSource, format }), (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, 'source-json', error.message)
    assert.match(error.message, pattern)
    return true
  })
}

test('each line is a row, with exact figures, in the types of its columns', async (t) => {
  const source: SourceDefinition = {
    ...lines,
    columns: [
      ...lines.columns,
      { name: 'price', type: 'decimal(30,2)' },
      { name: 'ok', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'ratio', type: 'double' },
    ],
  }
  const body = [
    '{"id":"Zo\\u00eb \\ud83d\\ude00","at":"2021-04-01T10:00:00+02:00","n":9007199254740993,"tags":["a","\'\\"b","\\u00fc"]}',
    '{"price":12345678901234567890.05,"ok":true,"day":"2021-04-02","ratio":1.5e3,"id":7,"at":"2021-04-01"}',
    '  { "AT" : "2021-04-01" , "id":{"deep":[1,{"x":"\\"y\\""}]}, "n":"-5", "ok":"F", "tags":"[\'p\']" }\r',
    '{"id":"","at":"2021-04-01","n":null,"tags":null}',
    '{"id":null,"at":"2021-04-01","n":"","price":"","day":""}',
  ].join('\n')
  const { rows, held } = await convert(t, body, source)
  assert.deepEqual(held, [])
  const of = (name: string) => rows.map((row) => row[name])
  assert.deepEqual(of('id'), ['Zoë 😀', '7', '{"deep":[1,{"x":"\\"y\\""}]}', '', null])
  assert.equal(String(of('at')[0]), '2021-04-01 08:00:00')
  assert.deepEqual(of('n').map(String), ['9007199254740993', 'null', '-5', 'null', 'null'])
  assert.deepEqual(of('price').map(String).slice(0, 2), ['null', '12345678901234567890.05'])
  assert.deepEqual(of('ok'), [null, true, false, null, null])
  assert.deepEqual(of('ratio'), [null, 1500, null, null, null])
  assert.deepEqual(
    of('tags').map((list) => JSON.stringify(list)),
    ['["a","\'\\"b","ü"]', 'null', '["p"]', 'null', 'null'],
  )
})

test('keys that nobody declared become columns of text; a row without them has NULL', async (t) => {
  const body = [
    '{"id":"a","at":"2021-04-01"}',
    '{"id":"b","at":"2021-04-01","more":1.50,"Other":"x"}',
    '{"id":"c","at":"bad","only_here":1}',
    '{"other":{"k":[true]},"at":"2021-04-01"}',
  ].join('\n')
  const { rows, result } = await convert(t, body, lines)
  assert.deepEqual(
    result.columns.map(({ name }) => name),
    ['id', 'at', 'n', 'tags', 'id_length', 'more', 'Other'],
  )
  assert.deepEqual(
    rows.map((row) => [row['more'], row['Other']]),
    [
      [null, null],
      ['1.50', 'x'],
      [null, '{"k":[true]}'],
    ],
  )
})

test('each fault of a record has its reason, line, offset and raw text, and costs only its line', async (t) => {
  const bad: [string, string, string | null][] = [
    ['{"id":"a","at":"2021-04-01","id":"b"}', 'key-duplicate', 'id'],
    ['{"id":"a","at":"2021-04-01","ID":"b"}', 'key-duplicate', 'id'],
    ['{"x":{"k":1,"\\u006b":2}}', 'key-duplicate', null],
    ['{"__proto__":{"admin":true},"at":"2021-04-01"}', 'key-forbidden', '__proto__'],
    ['{"x":{"__proto__":1}}', 'key-forbidden', null],
    ['{"id_length":1}', 'key-forbidden', 'id_length'],
    ['{"_partition":"x"}', 'key-forbidden', '_partition'],
    ['{"":1}', 'key-forbidden', ''],
    ['{"id":"\\ud800","at":"2021-04-01"}', 'surrogate-lone', null],
    ['{"id":"\\ud800\\u0041","at":"2021-04-01"}', 'surrogate-lone', null],
    ['{"id":"\\udc00"}', 'surrogate-lone', null],
    ['{"id":"a\\u0000b"}', 'encoding', null],
    ['{"n":NaN}', 'number-form', null],
    ['{"n":-Infinity}', 'number-form', null],
    ['{"n":01}', 'number-form', null],
    ['{"n":+1}', 'number-form', null],
    ['{"n":.5}', 'number-form', null],
    ['{"n":1.}', 'number-form', null],
    ['{"n":1e}', 'number-form', null],
    ['{"n":1,}', 'comma-trailing', null],
    ['{"x":[1,]}', 'comma-trailing', null],
    ['{"id":"a"}{"id":"b"}', 'value-second', null],
    ['{"id":"a"} junk', 'syntax', null],
    ['[{"id":"a"}]', 'not-an-object', null],
    ['"text"', 'not-an-object', null],
    ['12', 'not-an-object', null],
    ['null', 'not-an-object', null],
    ["{'id':'a'}", 'syntax', null],
    ['{id:1}', 'syntax', null],
    ['{"id":"a"', 'syntax', null],
    ['{"id":"a', 'syntax', null],
    ['{"id":tru}', 'syntax', null],
    ['{"id":truex}', 'syntax', null],
    ['{"id":"\\x41"}', 'syntax', null],
    ['{"id":"tab\there"}', 'syntax', null],
    ['{"id" "a"}', 'syntax', null],
    ['{,}', 'syntax', null],
    ['{"x":}', 'syntax', null],
    ['}', 'syntax', null],
    [`{"x":${'['.repeat(64)}${']'.repeat(64)}}`, 'nesting', null],
    [`{"x":${'['.repeat(100_000)}`, 'nesting', null],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nesting', null],
    ['{"at":null}', 'at-missing', 'at'],
    ['{"id":"a"}', 'at-missing', 'at'],
    ['{"at":""}', 'at-missing', 'at'],
    ['{"at":1617235200}', 'at-unreadable', 'at'],
    ['{"at":["2021-04-01"]}', 'at-unreadable', 'at'],
    ['{"at":"2021-04-01","n":1.0}', 'n-unreadable', 'n'],
    ['{"at":"2021-04-01","n":9223372036854775808}', 'n-unreadable', 'n'],
    ['{"at":"2021-04-01","n":true}', 'n-unreadable', 'n'],
    ['{"at":"2021-04-01","tags":[1]}', 'tags-unreadable', 'tags'],
    ['{"at":"2021-04-01","tags":[null]}', 'tags-unreadable', 'tags'],
    ['{"at":"2021-04-01","tags":{}}', 'tags-unreadable', 'tags'],
  ] // prettier-ignore
  const body = bad.map(([line]) => `${line}\n\n${GOOD}`).join('')
  const { rows, held } = await convert(t, body, lines)
  assert.equal(rows.length, bad.length)
  assert.deepEqual(
    reasons(held),
    bad.map(([, reason, column], at) => [String(at * 3 + 1), column, reason]),
  )
  for (const [at, row] of held.entries()) {
    const raw = bad[at]?.[0].slice(0, 65_536)
    assert.equal(row['raw'], raw)
    const offset = Number(row['byte_offset'])
    assert.equal(body.slice(offset, offset + String(raw).length), raw)
  }
})

test('63 levels below the record are read', async (t) => {
  const nested = `${'['.repeat(63)}${']'.repeat(63)}`
  const { rows } = await convert(t, `{"at":"2021-04-01","x":${nested}}`, lines)
  assert.equal(rows[0]?.['x'], nested)
})

test('lines that are not UTF-8, too long, or of too many keys are held back; others are read', async (t) => {
  const keys = (from: number) =>
    Array.from({ length: 600 }, (_, at) => `"k${from + at}":1`).join(',')
  const body = Buffer.concat([
    Buffer.from(GOOD),
    Buffer.from('{"id":"Jos\xe9","at":"2021-04-01"}\n', 'latin1'),
    Buffer.from(`{"id":"${'x'.repeat(20_000_000)}"}\n`),
    Buffer.from(GOOD),
    Buffer.from('{"id":"a\0b"}\n'),
    Buffer.from(`{"at":"2021-04-01",${keys(0)}}\n{"at":"2021-04-01",${keys(600)}}\n`),
    Buffer.from(GOOD.trimEnd()),
  ])
  const { rows, held, result } = await convert(t, body, lines)
  assert.equal(rows.length, 4)
  assert.deepEqual(reasons(held), [
    ['2', null, 'encoding'],
    ['3', null, 'record-too-long'],
    ['5', null, 'encoding'],
    ['7', 'k1000', 'key-count'],
  ])
  assert.equal(String(held[1]?.['raw']).length, 65_536)
  assert.equal(result.columns.length, 605)
})

test('a document is an array of records, alone or at the end of a path, or one record', async (t) => {
  const json = (at?: string): SourceDefinition => ({
    ...testSource,
    format: at === undefined ? { kind: 'json' } : { kind: 'json', at },
  })
  const record = '{"id":"a]}\\"","at":"2021-04-01"}'
  for (const [body, at] of [
    [`[${record}]`],
    [`\ufeff\n [ ${record}\n ] \n`],
    [record],
    [`{"rows":[${record}]}`, 'rows'],
    [`{"n":1,"o":{"rows":[{}]},"rows":[${record}],"next":"x,}","t":[[]]}`, 'rows'],
    [`{"data":{"m":null,"r\\u006fws":[${record}]},"z":-1.5e3}`, 'data.rows'],
  ] as const) {
    const { rows, result } = await convert(t, body, json(at))
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['a]}"'],
      body,
    )
    assert.equal(result.received, 1)
  }
  for (const [body, at] of [['[]'], [' [ ] '], ['{"rows":[]}', 'rows']] as const) {
    const { result } = await convert(t, body, json(at))
    assert.equal(result.received, 0)
    assert.equal(result.outcome.rows, 0)
  }
})

test('a bad record in a document costs itself alone, wherever its lines are', async (t) => {
  const bad = [
    '{"id":1,\n"id":2}',
    '5',
    '"x"',
    '[1,[2]]',
    '{"n":NaN,\n\n"at":"2021-04-01"}',
    '{"a" 1}',
  ]
  const body = `[\n${bad.map((record) => `${record},\n${GOOD.trimEnd()}`).join(',\n')}\n]`
  const { rows, held } = await convert(t, body, { ...testSource, format: { kind: 'json' } })
  assert.equal(rows.length, bad.length)
  assert.deepEqual(reasons(held), [
    ['2', 'id', 'key-duplicate'],
    ['5', null, 'not-an-object'],
    ['7', null, 'not-an-object'],
    ['9', null, 'not-an-object'],
    ['11', null, 'number-form'],
    ['15', null, 'syntax'],
  ])
  assert.deepEqual(
    held.map((row) => row['raw']),
    bad,
  )
  for (const row of held) {
    assert.ok(body.slice(Number(row['byte_offset'])).startsWith(String(row['raw'])))
  }
})

test('a record of any size in a document is skipped whole, over many windows', async (t) => {
  const long = `{"id":"${'[\\"'.repeat(6_000_000)}\n","at":"2021-04-01"}`
  const good = GOOD.trimEnd()
  const body = `{"skip":"${'}'.repeat(15_000_000)}","rows":[${good},${long},${good}]}`
  const { rows, held } = await convert(t, body, {
    ...testSource,
    format: { kind: 'json', at: 'rows' },
  })
  assert.equal(rows.length, 2)
  assert.deepEqual(reasons(held), [['1', null, 'record-too-long']])
})

test('a document that is wrong outside of its records is refused, with its place', async (t) => {
  const json: SourceFormat = { kind: 'json' }
  const rows: SourceFormat = { kind: 'json', at: 'rows' }
  await refused(t, '[{"id":"a"}', json, /cut short \(line 1, byte 11\)/)
  await refused(t, '[{"id":"a"},\n{"id":"b', json, /cut short within a record \(line 2/)
  await refused(t, '[{"id":"a"},]', json, /a record is missing behind a comma \(line 1, byte 12\)/)
  await refused(t, '[{"id":"a"}][{"id":"b"}]', json, /two documents in one\?/)
  await refused(t, '{"id":"a"}{"id":"b"}', json, /two documents in one\?/)
  await refused(t, '[{"id":"a"}{"id":"b"}]', json, /a comma or \] after a record/)
  await refused(t, '[{"id":[}]', json, /brackets do not match/)
  await refused(t, '['.repeat(100_000), json, /cut short/)
  await refused(t, '"text"', json, /an array of records/)
  await refused(t, '{"a":1}', rows, /it has no "rows"/)
  await refused(t, '{"rows":{}}', rows, /an array of records/)
  await refused(t, '{"rows":[],"rows":[]}', rows, /names "rows" twice/)
  await refused(t, '{"rows":[]', rows, /cut short/)
  await refused(t, '{"a":,"rows":[]}', rows, /brackets do not match/)
  await refused(t, '[]', rows, /"rows" has to stand here/)
})
