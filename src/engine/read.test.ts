import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { runInspect } from '#engine/inspect.ts'
import {
  buildFolder,
  inProcess,
  rowsOf,
  testLimits,
  writeDatasetFile,
} from '#engine/jobs-for-tests.ts'
import type { ReadJob } from '#engine/protocol.ts'
import type { RowFilter } from '#model/access.ts'
import { runRead } from '#engine/read.ts'

const ROWS = `SELECT * FROM (VALUES ('2021-04', 'b', 9007199254740993, 12345678901234567890.50::DECIMAL(38, 2), 'nan'::DOUBLE, ['x']), ('2021-04', 'a, "q"', 1, 0.10, 0.5, NULL), ('2021-05', 'c', NULL, NULL, NULL, [])) t(_partition, name, big, price, ratio, tags)`

async function read(t: TestContext, parts: Partial<ReadJob>) {
  const folder = await buildFolder(t)
  const path = await writeDatasetFile(folder, 'data', ROWS)
  const toPath = join(folder, 'out')
  const result = await inProcess((context) =>
    runRead(
      {
        kind: 'read',
        dataset: 'data',
        files: [{ path, partitions: null }],
        partitions: ['2021-04'],
        order: null,
        format: 'csv',
        toPath,
        limit: null,
        seen: null,
        limits: testLimits,
        tempFolder: folder,
        ...parts,
      },
      context,
    ),
  )
  return { result, toPath, text: await readFile(toPath, 'latin1') }
}

test('one partition is read as it lies, several with their names first', async (t) => {
  const one = await read(t, {})
  assert.equal(
    one.text,
    'name,big,price,ratio,tags\nb,9007199254740993,12345678901234567890.50,nan,[x]\n"a, ""q""",1,0.10,0.5,\n',
  )
  assert.equal(one.result.rows, 2)
  const two = await read(t, { partitions: ['2021-05', '2021-04'], order: 'name', limit: 2 })
  assert.equal(
    two.text,
    'partition,name,big,price,ratio,tags\n2021-05,c,,,,[]\n2021-04,"a, ""q""",1,0.10,0.5,\n',
  )
  assert.deepEqual(two.result.columns[0], { name: 'partition', type: 'VARCHAR' })
})

test('only the rows and columns that are seen are read, by values that are never SQL', async (t) => {
  const see = (columns: string[] | null, ...filters: RowFilter[]) =>
    read(t, { seen: { columns, filters }, partitions: ['2021-04', '2021-05'] })
  const named = await see(['name', 'ratio'], { column: 'big', op: 'gt', value: '1' })
  assert.equal(named.text, 'partition,name,ratio\n2021-04,b,nan\n')
  assert.equal(named.result.rows, 1)
  const quoted = await see(['name'], { column: 'name', op: 'in', value: ['a, "q"', "'; --"] })
  assert.equal(quoted.text, 'partition,name\n2021-04,"a, ""q"""\n')
  // Nothing is greater than, equal to or other than what is not there.
  for (const op of ['eq', 'ne', 'lt', 'ge'] as const) {
    const { result } = await see(null, { column: 'big', op, value: 'no number' })
    assert.equal(result.rows, 0, op)
  }
  assert.equal((await see(null, { column: 'absent', op: 'ne', value: '1' })).result.rows, 0)
  assert.equal((await see(null, { column: 'tags', op: 'ne', value: 'x' })).result.rows, 0)
  assert.equal((await see(null, { column: 'big', op: 'ne', value: '7' })).result.rows, 2)
})

test('a hidden column orders nothing, and counting sees what reading sees', async (t) => {
  const seen = { columns: ['name'], filters: [] }
  const ordered = await read(t, { seen, order: 'big desc' })
  assert.equal(ordered.text, 'name\n"a, ""q"""\nb\n')
  const kept = await read(t, { seen, order: 'name desc' })
  assert.equal(kept.text, 'name\nb\n"a, ""q"""\n')
  const filters: RowFilter[] = [{ column: 'big', op: 'le', value: '1' }]
  const folder = await buildFolder(t)
  const path = await writeDatasetFile(folder, 'data', ROWS)
  const { rows } = await inProcess((context) =>
    runRead(
      {
        kind: 'read',
        dataset: 'data',
        files: [{ path, partitions: null }],
        partitions: ['2021-04'],
        order: null,
        format: 'csv',
        toPath: join(folder, 'out'),
        limit: 1,
        limits: testLimits,
        tempFolder: folder,
        seen: { columns: null, filters },
        counting: true,
      },
      context,
    ),
  )
  assert.equal(rows, 1)
})

test('hundreds of partitions come in the order asked for', async (t) => {
  const folder = await buildFolder(t)
  const keys = Array.from({ length: 300 }, (_, at) => `p${1000 + at}`)
  const select = `SELECT 'p' || (1000 + i) AS _partition, i FROM range(300) t(i)`
  const path = await writeDatasetFile(folder, 'many', select)
  for (const partitions of [keys, keys.toReversed()]) {
    const { text } = await read(t, { files: [{ path, partitions: null }], partitions })
    const found = text.trim().split('\n').slice(1)
    assert.deepEqual(
      found.map((line) => line.split(',')[0]),
      partitions,
    )
  }
})

test('JSON keeps every digit and has no NaN', async (t) => {
  const { text } = await read(t, { format: 'ndjson' })
  assert.equal(
    text,
    '{"name":"b","big":9007199254740993,"price":12345678901234567890.50,"ratio":null,"tags":["x"]}\n' +
      '{"name":"a, \\"q\\"","big":1,"price":0.10,"ratio":0.5,"tags":null}\n',
  )
  const array = await read(t, { format: 'json', limit: 1 })
  assert.equal((JSON.parse(array.text) as unknown[]).length, 1)
  const none = await read(t, { format: 'json', partitions: ['2021-06'] })
  assert.deepEqual(JSON.parse(none.text), [])
})

test('Parquet has the columns without the hidden one', async (t) => {
  const { toPath, result } = await read(t, { format: 'parquet' })
  const rows = await rowsOf(`DESCRIBE FROM read_parquet('${toPath}')`)
  assert.deepEqual(
    rows.map((row) => row['column_name']),
    ['name', 'big', 'price', 'ratio', 'tags'],
  )
  assert.equal(result.columns.length, 5)
})

test('inspecting tells the columns of a SELECT over inputs that do not exist yet', async (t) => {
  const tempFolder = await buildFolder(t)
  const inspect = (text: string) =>
    inProcess((context) =>
      runInspect(
        {
          kind: 'inspect',
          dataset: 'result',
          text,
          inputs: [{ dataset: 'events', columns: [{ name: 'n', type: 'INTEGER' }] }],
          limits: testLimits,
          tempFolder,
        },
        context,
      ),
    )
  const { columns } = await inspect(
    `SELECT key, sum(n) AS s FROM events, this_partition GROUP BY 1`,
  )
  assert.deepEqual(columns, [
    { name: 'key', type: 'VARCHAR' },
    { name: 's', type: 'BIGINT' },
  ])
  await assert.rejects(inspect(`SELECT m FROM events`), /"m" not found/)
  await assert.rejects(
    inspect(`SELECT INTERVAL 1 DAY AS i`),
    /column "i" of result has the type INTERVAL/,
  )
})
