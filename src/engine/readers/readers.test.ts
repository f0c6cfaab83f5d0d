import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { buildFolder, rowsOf, writeDatasetFile } from '#engine/jobs-for-tests.ts'
import { buildReaders, inputOf, jobOf, textOf } from '#engine/readers/readers-for-tests.ts'
import { MillraceError } from '#kernel/errors.ts'

const orders = `SELECT '2021-0' || (1 + range // 50) AS _partition, range AS id, range % 3 AS shop FROM range(100)`

const withCode = (code: string, text?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MillraceError, String(error))
  assert.equal(error.code, code, error.message)
  if (text) assert.match(error.message, text)
  return true
}

test('a SELECT with parameters over live rows, again and again in one instance', async (t) => {
  const path = await writeDatasetFile(await buildFolder(t), 'orders', orders)
  const readers = await buildReaders(t)
  const sql = `SELECT shop, count(*) AS n FROM Orders WHERE id >= $from AND list_contains($shops, shop) GROUP BY shop ORDER BY shop;`
  for (const from of ['10', '90', '10']) {
    const job = jobOf([inputOf('orders', path)], sql, {
      parameters: {
        from: { type: 'BIGINT', value: from },
        shops: { type: 'BIGINT[]', value: ['0', '2'] },
      },
    })
    const result = await readers.run(job)
    const n = from === '10' ? 30 : 4
    assert.equal(result.rows, 2)
    assert.equal(result.more, false)
    assert.deepEqual(result.columns, [
      { name: 'shop', type: 'BIGINT' },
      { name: 'n', type: 'BIGINT' },
    ])
    const other = from === '10' ? 30 : 3
    const rows = Buffer.from(result.bytes ?? []).toString('utf8')
    assert.equal(rows, `{"shop":0,"n":${n}}\n{"shop":2,"n":${other}}\n`)
  }
})

test('only live partitions, the partition by its name, and what is seen', async (t) => {
  const path = await writeDatasetFile(await buildFolder(t), 'orders', orders)
  const readers = await buildReaders(t)
  const seen = {
    columns: ['id'],
    filters: [{ column: 'shop', op: 'eq' as const, value: '1' }],
  }
  const input = inputOf('orders', path, { asColumn: 'partition', seen })
  const all = jobOf([input], 'SELECT * FROM orders ORDER BY id LIMIT 1')
  assert.equal(await textOf(readers, all), '{"partition":"2021-01","id":1}\n')
  const second = { ...input, files: [{ path, partitions: ['2021-02'] }] }
  const some = jobOf([second], 'SELECT partition, min(id) AS least FROM orders GROUP BY ALL')
  assert.equal(await textOf(readers, some), '{"partition":"2021-02","least":52}\n')
  const hidden = jobOf([input], 'SELECT shop FROM orders')
  await assert.rejects(readers.run(hidden), withCode('query-invalid', /shop/))
  const backwards = { ...input, seen: null, partitions: ['2021-02', '2021-01'], inOrder: true }
  const first = jobOf([backwards], 'SELECT id FROM orders', { rowsMax: 1 })
  assert.equal(await textOf(readers, first), '{"id":50}\n')
})

test('it stops behind rowsMax and says that there is more, in every format', async (t) => {
  const folder = await buildFolder(t)
  const path = await writeDatasetFile(
    folder,
    'notes',
    `SELECT '2021' AS _partition, range AS id, 'a "b"' || chr(10) || ',c' AS note FROM range(5)`,
  )
  const readers = await buildReaders(t)
  const job = jobOf([inputOf('notes', path)], 'SELECT * FROM notes ORDER BY id')
  for (const [rowsMax, ids, more] of [
    [2, ['0', '1'], true],
    [5, ['0', '1', '2', '3', '4'], false],
    [0, [], true],
  ] as const) {
    const csv = await readers.run({ ...job, format: 'csv', rowsMax })
    const text = Buffer.from(csv.bytes ?? []).toString('utf8')
    assert.deepEqual([csv.rows, csv.more], [ids.length, more])
    assert.equal(text, `id,note\n${ids.map((id) => `${id},"a ""b""\n,c"\n`).join('')}`)
    const json = await textOf(readers, { ...job, format: 'json', rowsMax })
    const rows = JSON.parse(json) as { id: number }[]
    assert.deepEqual(
      rows.map(({ id }) => String(id)),
      ids,
    )
    const lines = await textOf(readers, { ...job, format: 'ndjson', rowsMax })
    assert.equal(lines.split('\n').length - 1, ids.length)
    const to = { kind: 'file', path: join(folder, `out-${rowsMax}.parquet`) } as const
    const parquet = await readers.run({ ...job, format: 'parquet', rowsMax, to })
    assert.deepEqual([parquet.rows, parquet.more], [ids.length, more])
    const read = await rowsOf(`SELECT count(*)::INTEGER AS n FROM read_parquet('${to.path}')`)
    assert.deepEqual(read, [{ n: ids.length }])
    const sha256 = createHash('sha256')
      .update(await readFile(to.path))
      .digest('hex')
    assert.equal(parquet.file?.sha256, sha256)
  }
})

test('numbers keep all digits, and what JSON cannot say is null', async (t) => {
  const readers = await buildReaders(t)
  const sql = `SELECT 9223372036854775807::HUGEINT * 100 AS big, 0.1234567890123456789::DECIMAL(38,19) AS exact,
    'nan'::DOUBLE AS nan, ['inf'::DOUBLE, 1.5] AS list, {a: '-inf'::DOUBLE, b: 'x'} AS struct, NULL::STRUCT(a DOUBLE) AS none`
  assert.equal(
    await textOf(readers, jobOf([], sql)),
    '{"big":922337203685477580700,"exact":0.1234567890123456789,"nan":null,"list":[null,1.5],"struct":{"a":null,"b":"x"},"none":null}\n',
  )
})

test('texts that a spreadsheet would run get a quote, numbers do not', async (t) => {
  const readers = await buildReaders(t)
  const sql = `SELECT * FROM (VALUES ('=1+1', -1), ('-5', 2), ('  @x', 3), (chr(9) || 'y', 4), ('a=b', 5)) AS v("+t", n)`
  const job = jobOf([], sql, { format: 'csv', cells: 'spreadsheet' })
  assert.equal(await textOf(readers, job), "'+t,n\n'=1+1,-1\n-5,2\n'  @x,3\n'\ty,4\na=b,5\n")
  assert.match(await textOf(readers, { ...job, cells: 'raw' }), /^\+t,n\n=1\+1,-1\n/)
})

const refused = [
  'COPY (SELECT 1) TO $$/tmp/x$$',
  'SELECT 1; SELECT 2',
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM '/etc/passwd'",
  'SELECT * FROM main.orders',
  'SELECT * FROM live_1',
  'SELECT * FROM duckdb_settings()',
  'FROM (SHOW TABLES)',
  "SELECT current_setting('temp_directory')",
  "SELECT * FROM query('SELECT 1')",
  "ATTACH '/tmp/x.db'",
  'SET threads = 8',
  'SELECT * FROM enable_logging()',
  'SELECT $unknown',
  'SELECT ?',
  'SELECT * FROM orders WHERE',
  'SELECT 1) AS x, (SELECT 2',
]

test('anything but one SELECT over what it is given is refused', async (t) => {
  const path = await writeDatasetFile(await buildFolder(t), 'orders', orders)
  const readers = await buildReaders(t)
  const inputs = [inputOf('orders', path)]
  assert.equal((await readers.run(jobOf(inputs, 'SELECT * FROM orders'))).rows, 100)
  for (const sql of refused) {
    await assert.rejects(readers.run(jobOf(inputs, sql)), withCode('query-invalid'), sql)
  }
  const parsed = await readers.parse({
    tenantId: 1,
    sql: 'WITH a AS (SELECT * FROM orders) SELECT * FROM a, Shops WHERE x = $since',
    trust: 'company',
  })
  assert.deepEqual(parsed, { tables: ['orders', 'Shops'], parameters: ['since'] })
})

test('a parameter is never part of the text', async (t) => {
  const readers = await buildReaders(t)
  const value = "'; DROP TABLE x; --\n$b"
  const job = jobOf([], `SELECT $a AS "$a", '$a' AS b -- $a`, {
    parameters: { a: { type: 'VARCHAR', value } },
  })
  assert.equal(await textOf(readers, job), `${JSON.stringify({ $a: value, b: '$a' })}\n`)
  const odd = { a: { type: 'VARCHAR) AS x, (SELECT 1', value } }
  await assert.rejects(
    readers.run({ ...job, parameters: odd }),
    withCode('query-invalid', /unknown type/),
  )
})

test('explain plans and runs nothing', async (t) => {
  const path = await writeDatasetFile(await buildFolder(t), 'orders', orders)
  const readers = await buildReaders(t)
  const job = jobOf([inputOf('orders', path)], 'SELECT sum(id) AS total FROM orders')
  const { columns, plan } = await readers.explain(job)
  assert.deepEqual(columns, [{ name: 'total', type: 'HUGEINT' }])
  assert.match(plan, /PARQUET/i)
})
