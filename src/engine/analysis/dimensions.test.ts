import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { build, buildFolder, rowsOf, writeDatasetFile } from '#engine/jobs-for-tests.ts'
import type { BuildResult, JobInput } from '#engine/protocol.ts'
import { shardOf } from '#engine/row-hash/shard.ts'
import { literal } from '#engine/sql-text.ts'

const shards = { count: 4, by: 'Email' }
const exam = { name: 'part', values: null }
const all = [0, 1, 2, 3].map((shard) => `2021-04:#${shard}/4`)

async function inputs(t: TestContext, more: Partial<JobInput> = {}) {
  const folder = await buildFolder(t)
  const visits = await writeDatasetFile(
    folder,
    'visits',
    `SELECT '2021-04' AS _partition, CASE WHEN i % 11 = 0 THEN NULL ELSE 'u' || (i % 37) END AS email, i AS pages, TIMESTAMP '2021-04-01' + INTERVAL (i % 40) DAY AS at FROM range(500) t(i)`,
  )
  const rates = await writeDatasetFile(folder, 'rates', `SELECT 'all' AS _partition, 7 AS rate`)
  const pairs = all.map((partition) => ({ partition, input: '2021-04' }))
  const read: JobInput[] = [
    {
      dataset: 'visits',
      files: [{ path: visits, partitions: null }],
      deal: { kind: 'pairs', pairs },
      shards: 'by-hash',
      columns: null,
      ...more,
    },
    {
      dataset: 'rates',
      files: [{ path: rates, partitions: null }],
      deal: { kind: 'all' },
      shards: 'by-hash',
      columns: null,
    },
  ]
  return { folder, inputs: read }
}

async function rowsIn({ file }: BuildResult): Promise<Record<string, unknown>[]> {
  return file ? rowsOf(`SELECT * FROM read_parquet(${literal(file.path)})`) : []
}

const text = `SELECT email, count(*) AS n, sum(pages)::BIGINT AS pages, max((SELECT rate FROM rates)) AS rate, max((SELECT shard FROM this_partition)) AS shard, max((SELECT shards FROM this_partition)) AS shards FROM visits GROUP BY email`

test('each row goes to the shard of its value, once, in set and in loop mode alike', async (t) => {
  const { folder, inputs: read } = await inputs(t)
  const parts = {
    text,
    grain: 'month',
    shards,
    partitions: all,
    inputs: read,
    order: 'email',
  } as const
  const set = await build(folder, parts)
  assert.equal(set.mode, 'set')
  const rows = await rowsIn(set)
  assert.equal(
    rows.reduce((sum, row) => sum + Number(row['n']), 0),
    500,
  )
  for (const row of rows) {
    const shard = shardOf(row['email'] as string | null, 4)
    assert.deepEqual(
      [row['_partition'], row['shard'], row['shards'], row['rate']],
      [`2021-04:#${shard}/4`, shard, 4, 7],
    )
  }
  // A floating-point number among the columns keeps a job in the loop.
  const loop = await build(folder, { ...parts, text: `SELECT *, 0::DOUBLE AS f FROM (${text})` })
  assert.equal(loop.mode, 'loop')
  const looped = await rowsIn(loop)
  const alone = []
  for (const partition of all) {
    const one = await build(folder, { ...parts, partitions: [partition] })
    assert.equal(one.mode, 'loop')
    alone.push(...(await rowsIn(one)))
    assert.deepEqual(
      one.outcomes[0]?.dataVersion,
      set.outcomes.find((outcome) => outcome.partition === partition)?.dataVersion,
    )
  }
  assert.deepEqual(alone, rows)
  assert.deepEqual(
    looped.map(({ f: _f, ...row }) => row),
    rows,
  )
})

test('rows by their time are dealt by hash, too', async (t) => {
  const days = ['2021-04-01:#1/4', '2021-04-02:#1/4', '2021-04-02:#2/4']
  const { folder, inputs: read } = await inputs(t, {
    deal: { kind: 'period', column: 'at', grain: 'day' },
  })
  const result = await build(folder, {
    text: 'SELECT email, visits.at AS seen FROM visits ORDER BY email',
    grain: 'day',
    shards,
    partitions: days,
    inputs: read.slice(0, 1),
  })
  const rows = await rowsIn(result)
  const expected = Array.from({ length: 500 }, (_row, i) => {
    const shard = shardOf(i % 11 === 0 ? null : `u${i % 37}`, 4)
    return `2021-04-${String(1 + (i % 40)).padStart(2, '0')}:#${shard}/4`
  }).filter((name) => days.includes(name))
  assert.equal(rows.length, expected.length)
  for (const row of rows) {
    const day = String(row['seen']).slice(0, 10)
    assert.equal(row['_partition'], `${day}:#${shardOf(row['email'] as string | null, 4)}/4`)
  }
})

test('rows by their time come from the pairs that are named, where there are any', async (t) => {
  const folder = await buildFolder(t)
  const path = await writeDatasetFile(
    folder,
    'answers',
    `SELECT '2021-04:' || k AS _partition, k, TIMESTAMP '2021-04-17 10:00:00' AS at FROM (VALUES ('a'), ('b')) t(k)`,
  )
  const pairs = ['a', 'b'].map((key) => ({
    partition: `2021-04-17:${key}`,
    input: `2021-04:${key}`,
  }))
  const result = await build(folder, {
    text: 'SELECT k, (SELECT part FROM this_partition) AS own FROM answers',
    grain: 'day',
    key: exam,
    partitions: pairs.map(({ partition }) => partition),
    inputs: [
      {
        dataset: 'answers',
        files: [{ path, partitions: null }],
        deal: { kind: 'period', column: 'at', grain: 'day', pairs },
        columns: null,
      },
    ],
  })
  assert.deepEqual(await rowsIn(result), [
    { _partition: '2021-04-17:a', k: 'a', own: 'a' },
    { _partition: '2021-04-17:b', k: 'b', own: 'b' },
  ])
})

test('values of keys come as they are, whatever they hold', async (t) => {
  const { folder, inputs: read } = await inputs(t)
  const values = [`a:b`, `it's; DROP TABLE visits; --`, '試験 😀', '%', 'all', '#0/4']
  const partitions = values.map((value) => encodeURIComponent(value).replaceAll("'", '%27'))
  const result = await build(folder, {
    text: 'SELECT part FROM this_partition WHERE part IS NOT NULL',
    grain: 'none',
    key: exam,
    partitions,
    inputs: read.slice(1),
  })
  assert.deepEqual(
    (await rowsIn(result)).map((row) => row['part']),
    values,
  )
})

test('shards by a column that no input has are refused, for all of them would be the same', async (t) => {
  const { folder, inputs: read } = await inputs(t)
  const parts = { text, grain: 'month', partitions: all, inputs: read } as const
  const isRefusal = (error: unknown) =>
    error instanceof MillraceError &&
    error.code === 'shard-column-missing' &&
    /"mail".*\(visits, rates\)/.test(error.message)
  await assert.rejects(build(folder, { ...parts, shards: { count: 4, by: 'mail' } }), isRefusal)
  const whole = read.map((input) => ({ ...input, shards: 'whole' as const }))
  await assert.rejects(
    build(folder, { ...parts, inputs: whole, shards: { count: 4, by: 'email' } }),
  )
})
