import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'

import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { referenceDataVersion, referenceRowText } from '#engine/row-hash/reference.ts'
import type { ReferenceValue } from '#engine/row-hash/reference.ts'
import { dataVersionOf, rowSumsSql } from '#engine/row-hash/row-hash.ts'
import { rowTextSql } from '#engine/row-hash/row-text.ts'

let connection: DuckDBConnection
let close = () => {}
before(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  connection = await instance.connect()
  await connection.run(`SET TimeZone = 'UTC'`)
  close = () => {
    connection.closeSync()
    instance.closeSync()
  }
})
after(() => close())

async function columnsOf(select: string): Promise<ResultColumn[]> {
  const rows = (await connection.runAndReadAll(`DESCRIBE ${select}`)).getRowObjects()
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }))
}

async function dataVersion(select: string): Promise<string> {
  const columns = await columnsOf(select)
  const sql = rowSumsSql('test', columns, `(${select})`, null)
  const [row] = (await connection.runAndReadAll(sql)).getRowObjects()
  return dataVersionOf(columns, {
    low: row?.['low'] as bigint,
    high: row?.['high'] as bigint,
    rows: Number(row?.['row_count']),
  })
}

/** One column of every type, as SQL and as the reference sees it. */
const everyType: readonly (readonly [sql: string, value: ReferenceValue])[] = [
  [`'a' || chr(31) || 'ß😀'`, 'a\x1fß😀'],
  [`''`, ''],
  [`NULL::VARCHAR`, null],
  [`true`, true],
  [`(-128)::TINYINT`, -128n],
  [`9223372036854775807::BIGINT`, 9223372036854775807n],
  [
    `(-170141183460469231731687303715884105727)::HUGEINT`,
    -170141183460469231731687303715884105727n,
  ],
  [`18446744073709551615::UBIGINT`, 18446744073709551615n],
  [`1.50::DECIMAL(9, 2)`, '1.50'],
  [`(-0.05)::DECIMAL(18, 2)`, '-0.05'],
  [`0::DECIMAL(38, 3)`, '0.000'],
  [`(-0.0)::DOUBLE`, -0],
  [`1e-7::DOUBLE`, 1e-7],
  [`1.7976931348623157e308::DOUBLE`, Number.MAX_VALUE],
  [`5e-324::DOUBLE`, Number.MIN_VALUE],
  [`'nan'::DOUBLE`, Number.NaN],
  [`'-inf'::DOUBLE`, Number.NEGATIVE_INFINITY],
  [`0.1::FLOAT`, Math.fround(0.1)],
  [`DATE '1969-12-30'`, -2n],
  [`'infinity'::DATE`, 'infinity'],
  [`TIMESTAMP '2021-03-31 00:00:00.5'`, 1617148800500000n],
  [`'-infinity'::TIMESTAMP`, '-infinity'],
  [`TIMESTAMPTZ '2021-03-31 02:00:00+02'`, 1617148800000000n],
  [`TIME '10:00:00'`, 36000000000n],
  [`'\\xAB'::BLOB`, 'ab'],
  [`'D24173D9-b062-49a7-a856-74c89dcab4a4'::UUID`, 'd24173d9-b062-49a7-a856-74c89dcab4a4'],
  [
    `['a', NULL, chr(31) || '"/\\' || chr(9) || chr(127) || chr(8232)]`,
    ['a', null, '\x1f"/\\\t\x7f\u2028'],
  ],
  [`[]::VARCHAR[]`, []],
  [`NULL::INTEGER[]`, null],
  [`[1, NULL]`, [1n, null]],
  [`[[1.5::DOUBLE], NULL]`, [[1.5], null]],
  [`{'x': 1, 'my "f"': ['q']}`, [1n, ['q']]],
  [`[{'k': NULL::DATE}]`, [[null]]],
]
const everySelect = `SELECT ${everyType.map(([sql], index) => `${sql} AS c${index}`).join(', ')}`

test('SQL and the reference write every type in the same way', async () => {
  const columns = await columnsOf(everySelect)
  const [row] = (
    await connection.runAndReadAll(`SELECT ${rowTextSql('test', columns)} FROM (${everySelect})`)
  ).getRows()
  const values = everyType.map(([, value]) => value)
  assert.equal(row?.[0], referenceRowText(columns, values))
  assert.equal(await dataVersion(everySelect), referenceDataVersion(columns, [values]))
})

test('golden versions: they never change', async () => {
  assert.equal(await dataVersion(everySelect), '42c704486df1916f1bdd4d3837c60ad0:1')
  assert.equal(
    await dataVersion(`SELECT i AS id, 'user ' || i AS name FROM range(1000) t(i)`),
    '811f630c4131679a4b732e65c9796212:1000',
  )
  assert.equal(await dataVersion(`SELECT 1 AS a WHERE false`), '264e674ae5a9666f5f9501be5ab800bf:0')
})

test('the order of rows does not matter, their number does', async () => {
  const version = await dataVersion(`SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t(x, y)`)
  assert.equal(await dataVersion(`SELECT * FROM (VALUES (2, 'b'), (1, 'a')) t(x, y)`), version)
  const doubled = `SELECT * FROM (VALUES (1, 'a'), (2, 'b'), (2, 'b')) t(x, y)`
  assert.notEqual(await dataVersion(doubled), version)
})

test('names, types and order of columns matter', async () => {
  const selects = [
    `SELECT 1 AS a, 2 AS b`,
    `SELECT 1 AS a, 2 AS c`,
    `SELECT 2 AS b, 1 AS a`,
    `SELECT 1::BIGINT AS a, 2 AS b`,
    `SELECT 2 AS a, 1 AS b`,
  ]
  const versions = await Promise.all(selects.map(dataVersion))
  assert.equal(new Set(versions).size, selects.length)
})

test('no rearrangement of text, separators and NULLs gives the text of another row', async () => {
  const piece = fc.constantFrom('', 'a', '0', 'x', ',', '\x1f', '\x1f0', '\x1f,', '\x1fx')
  const field = fc.option(fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join('')))
  const row = fc.array(field, { minLength: 2, maxLength: 2 })
  const columns = [
    { name: 'a', type: 'VARCHAR' },
    { name: 'b', type: 'VARCHAR' },
  ]
  fc.assert(
    fc.property(row, row, (left, right) => {
      const same = JSON.stringify(left) === JSON.stringify(right)
      const equal = referenceRowText(columns, left) === referenceRowText(columns, right)
      assert.equal(equal, same)
    }),
    { numRuns: 2000 },
  )
})

test('SQL and the reference agree on random rows', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 }).map((s) => s.replaceAll('\0', ''))
  const rows = fc.array(
    fc.tuple(
      fc.option(text),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.double()),
      fc.option(fc.array(fc.option(text), { maxLength: 3 })),
    ),
    { minLength: 1, maxLength: 20 },
  )
  const columns = [
    { name: 's', type: 'VARCHAR' },
    { name: 'i', type: 'BIGINT' },
    { name: 'd', type: 'DOUBLE' },
    { name: 'l', type: 'VARCHAR[]' },
  ]
  const quote = (s: string | null) => (s === null ? 'NULL' : `'${s.replaceAll("'", "''")}'`)
  const sqlOf = ([s, i, d, l]: [
    string | null,
    bigint | null,
    number | null,
    (string | null)[] | null,
  ]) =>
    `(${quote(s)}::VARCHAR, '${i ?? 0n}'::BIGINT + CASE WHEN ${i === null} THEN NULL ELSE 0 END, ${d === null ? 'NULL' : quote(Object.is(d, -0) ? '-0.0' : String(d))}::DOUBLE, ${l === null ? 'NULL' : `[${l.map(quote).join(', ')}]`}::VARCHAR[])`
  await fc.assert(
    fc.asyncProperty(rows, async (values) => {
      const select = `SELECT * FROM (VALUES ${values.map(sqlOf).join(', ')}) t(s, i, d, l)`
      assert.equal(await dataVersion(select), referenceDataVersion(columns, values))
    }),
    { numRuns: 60 },
  )
})

test('a column that cannot be hashed is an error that names it', () => {
  assert.throws(
    () => rowTextSql('visits', [{ name: 'wait', type: 'INTERVAL' }]),
    (error: unknown) =>
      error instanceof MillraceError &&
      error.code === 'result-column-unusable' &&
      /"wait" of visits has the type INTERVAL/.test(error.message),
  )
})
