import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { PartitionError, toJobError } from '#engine/child/job-error.ts'
import { build, buildFolder, buildJob, rowsOf, writeDatasetFile } from '#engine/jobs-for-tests.ts'
import type { JobInput } from '#engine/protocol.ts'

const days = ['2021-04-01', '2021-04-02', '2021-04-03']

const VISITS = `SELECT * FROM (VALUES ('2021-04-01', 'ann', 1), ('2021-04-01', 'bob', 2), ('2021-04-02', 'ann', 3)) t(_partition, who, n)`

async function visits(folder: string, select = VISITS): Promise<JobInput> {
  const path = await writeDatasetFile(folder, 'visits', select)
  return {
    dataset: 'visits',
    files: [{ path, partitions: null }],
    deal: { kind: 'pairs', pairs: days.map((day) => ({ partition: day, input: day })) },
    columns: null,
  }
}

test('a batch is one file, ordered by partition and the order asked for, with all outcomes', async (t) => {
  const folder = await buildFolder(t)
  const result = await build(folder, {
    text: `SELECT who, sum(n) AS total FROM visits GROUP BY who`,
    order: 'total DESC',
    grain: 'day',
    partitions: days,
    inputs: [await visits(folder)],
  })
  assert.equal(result.mode, 'set')
  assert.deepEqual(result.columns, [
    { name: 'who', type: 'VARCHAR' },
    { name: 'total', type: 'BIGINT' },
  ])
  assert.deepEqual(await rowsOf(`FROM '${result.file?.path}'`), [
    { _partition: '2021-04-01', who: 'bob', total: '2' },
    { _partition: '2021-04-01', who: 'ann', total: '1' },
    { _partition: '2021-04-02', who: 'ann', total: '3' },
  ])
  assert.deepEqual(
    result.outcomes.map(({ partition, rows }) => [partition, rows]),
    [
      ['2021-04-01', 2],
      ['2021-04-02', 1],
      ['2021-04-03', 0],
    ],
  )
  assert.match(result.outcomes[2]?.dataVersion ?? '', /^[0-9a-f]{32}:0$/)
})

test('a batch without any row has no file, but columns and outcomes', async (t) => {
  const folder = await buildFolder(t)
  const result = await build(folder, {
    text: `SELECT who FROM visits WHERE false`,
    grain: 'day',
    partitions: days,
    inputs: [await visits(folder)],
  })
  assert.equal(result.file, null)
  assert.deepEqual(result.columns, [{ name: 'who', type: 'VARCHAR' }])
  assert.deepEqual(
    result.outcomes.map(({ rows }) => rows),
    [0, 0, 0],
  )
})

test('sums of integers are stored exactly, and one that does not fit is an error', async (t) => {
  const folder = await buildFolder(t)
  const input = await visits(
    folder,
    `SELECT '2021-04-01' AS _partition, 9007199254740993 AS n UNION ALL SELECT '2021-04-02', 9223372036854775807 UNION ALL SELECT '2021-04-02', 1`,
  )
  const parts = { text: `SELECT sum(n) AS s FROM visits`, grain: 'day', inputs: [input] } as const
  const { file } = await build(folder, { ...parts, partitions: days.slice(0, 1) })
  assert.deepEqual(await rowsOf(`SELECT s FROM '${file?.path}'`), [{ s: '9007199254740993' }])
  await assert.rejects(build(folder, { ...parts, partitions: days }), (error: unknown) => {
    assert.ok(error instanceof PartitionError)
    assert.equal(error.partition, '2021-04-02')
    return true
  })
})

test('a partition that fails at run time is named', async (t) => {
  const folder = await buildFolder(t)
  const job = await buildJob(folder, {
    text: `SELECT CASE WHEN n = 3 THEN error('no threes, please') ELSE who END AS who FROM visits`,
    grain: 'day',
    partitions: days,
    inputs: [await visits(folder)],
  })
  await assert.rejects(build(folder, job), (thrown: unknown) => {
    const error = toJobError(job, thrown)
    assert.equal(error.code, 'analysis-failed')
    assert.match(error.message, /result 2021-04-02: Invalid Input Error: no threes, please/)
    return true
  })
})

test('only live partitions of a file are read, in whichever files they lie', async (t) => {
  const folder = await buildFolder(t)
  const old = await writeDatasetFile(folder, 'old', VISITS)
  const young = await writeDatasetFile(
    folder,
    'young',
    `SELECT '2021-04-01' AS _partition, 'carl' AS who, 9 AS n, true AS added`,
  )
  const text = `SELECT who, n, added FROM visits`
  const inputs: JobInput[] = [
    {
      dataset: 'visits',
      files: [
        { path: old, partitions: ['2021-04-02'] },
        { path: young, partitions: ['2021-04-01'] },
      ],
      deal: { kind: 'pairs', pairs: days.map((day) => ({ partition: day, input: day })) },
      columns: null,
    },
  ]
  const wanted = [
    { _partition: '2021-04-01', who: 'carl', n: 9, added: true },
    { _partition: '2021-04-02', who: 'ann', n: 3, added: null },
  ]
  const { file } = await build(folder, { text, grain: 'day', partitions: days, inputs })
  assert.deepEqual(await rowsOf(`FROM '${file?.path}'`), wanted)
  for (const [at, day] of days.slice(0, 2).entries()) {
    const alone = await build(folder, { text, grain: 'day', partitions: [day], inputs })
    assert.deepEqual(await rowsOf(`SELECT who FROM '${alone.file?.path}'`), [
      { who: wanted[at]?.who },
    ])
  }
})

test('many files with lists of their own are read like few', async (t) => {
  const folder = await buildFolder(t)
  const files = []
  for (let at = 0; at < 70; at++) {
    const select = `SELECT 'p${at}' AS _partition, ${at} AS n UNION ALL SELECT 'dead', 1000`
    const path = await writeDatasetFile(folder, `f${at}`, select)
    files.push({ path, partitions: [`p${at}`] })
  }
  const { file } = await build(folder, {
    text: `SELECT count(*) AS c, sum(n) AS s FROM many`,
    grain: 'none',
    partitions: ['all'],
    inputs: [{ dataset: 'many', files, deal: { kind: 'all' }, columns: null }],
  })
  assert.deepEqual(await rowsOf(`SELECT c, s FROM '${file?.path}'`), [{ c: '70', s: '2415' }])
})

test('running state reads nothing where there is nothing before', async (t) => {
  const folder = await buildFolder(t)
  const { file } = await build(folder, {
    dataset: 'known',
    text: `SELECT who FROM known UNION SELECT who FROM visits`,
    grain: 'day',
    partitions: ['2021-04-01'],
    inputs: [
      await visits(folder),
      {
        dataset: 'known',
        files: [],
        deal: { kind: 'pairs', pairs: [] },
        columns: [{ name: 'who', type: 'VARCHAR' }],
      },
    ],
  })
  assert.deepEqual(await rowsOf(`SELECT who FROM '${file?.path}' ORDER BY who`), [
    { who: 'ann' },
    { who: 'bob' },
  ])
})

test('a partition in one batch with what it reads is a mistake of ours', async (t) => {
  const folder = await buildFolder(t)
  const input = await visits(folder)
  await assert.rejects(
    build(folder, {
      dataset: 'visits',
      text: `SELECT * FROM visits`,
      grain: 'day',
      partitions: days,
      inputs: [input],
    }),
    /partition 2021-04-01 of visits was batched with a partition that reads it/,
  )
})

test('checks tell for each partition what they found', async (t) => {
  const folder = await buildFolder(t)
  const { outcomes } = await build(folder, {
    text: `SELECT who, nullif(n, 3) AS n FROM visits UNION ALL SELECT 'ann', 1 WHERE (SELECT day(starts_at) FROM this_partition) = 1`,
    grain: 'day',
    partitions: days,
    inputs: [await visits(folder)],
    checks: [
      { name: 'n', severity: 'blocking', kind: 'not-null', columns: ['n', 'who'] },
      { name: 'who', severity: 'warning', kind: 'unique', columns: ['who'] },
      { name: 'short', severity: 'warning', kind: 'each', expression: 'length(who) < 3 -- short' },
      { name: 'some', severity: 'warning', kind: 'all', expression: 'count(*) >= 1' },
      { name: 'odd', severity: 'warning', kind: 'all', expression: 'bool_and(n > 0)' },
    ],
  })
  const told = outcomes.map(({ checks }) =>
    checks.map(({ passed, failingRows, message }) => [passed, failingRows, message]),
  )
  assert.deepEqual(told, [
    [
      [true, 0, 'none of 3 rows without n, who'],
      [false, 2, '2 rows share who with another row (1 values)'],
      [
        false,
        3,
        '3 of 3 rows for which length(who) < 3 -- short does not hold, such as who = "ann", n = 1',
      ],
      [true, null, 'count(*) >= 1: 3 >= 1 holds'],
      [true, null, 'bool_and(n > 0) holds'],
    ],
    [
      [false, 1, '1 of 1 rows without n, who'],
      [true, 0, 'no two rows share who'],
      [
        false,
        1,
        '1 of 1 rows for which length(who) < 3 -- short does not hold, such as who = "ann", n = null',
      ],
      [true, null, 'count(*) >= 1: 1 >= 1 holds'],
      [false, null, 'bool_and(n > 0) does not hold'],
    ],
    [
      [true, 0, 'none of 0 rows without n, who'],
      [true, 0, 'no two rows share who'],
      [true, 0, 'none of 0 rows for which length(who) < 3 -- short does not hold'],
      [false, null, 'count(*) >= 1: 0 >= 1 does not hold'],
      [false, null, 'bool_and(n > 0) does not hold'],
    ],
  ])
})

test('a check that does not bind is named', async (t) => {
  const folder = await buildFolder(t)
  const building = build(folder, {
    text: `SELECT 1 AS a`,
    grain: 'day',
    partitions: days,
    inputs: [],
    checks: [{ name: 'rate', severity: 'warning', kind: 'each', expression: 'b > 1' }],
  })
  await assert.rejects(building, (error: unknown) => {
    assert.ok(error instanceof MillraceError && error.code === 'analysis-failed')
    assert.match(error.message, /check "rate" of result: Binder Error.*"b"/s)
    return true
  })
})

test('a TypeScript analysis gets its partition and gives SQL or rows of its own', async (t) => {
  const folder = await buildFolder(t)
  const text = `import { definePack } from 'millrace'
    export default {
      async run({ partition, startsAt, endsAt, query, log }) {
        const rows = await query('SELECT who, n, n + 9007199254740993 AS big FROM visits ORDER BY n')
        log(rows.length + ' rows, ' + typeof definePack)
        if (partition === '2021-04-02') return "SELECT who, n::BIGINT AS n, NULL::TIMESTAMP AS at, 0::BIGINT AS big FROM visits"
        return {
          columns: { who: 'VARCHAR', n: 'BIGINT', at: 'TIMESTAMP', big: 'BIGINT' },
          rows: rows.map((row) => ({ ...row, n: row.n * 10, at: startsAt })),
        }
      },
    }`
  const result = await build(folder, {
    text,
    language: 'typescript',
    grain: 'day',
    partitions: days,
    inputs: [await visits(folder)],
  })
  assert.equal(result.mode, 'loop')
  assert.deepEqual(await rowsOf(`FROM '${result.file?.path}'`), [
    { _partition: '2021-04-01', who: 'ann', n: '10', at: '2021-04-01 00:00:00', big: '9007199254740994' },
    { _partition: '2021-04-01', who: 'bob', n: '20', at: '2021-04-01 00:00:00', big: '9007199254740995' },
    { _partition: '2021-04-02', who: 'ann', n: '3', at: null, big: '0' },
  ]) // prettier-ignore
  assert.deepEqual(result.logs, [
    '2021-04-01: 2 rows, function',
    '2021-04-02: 1 rows, function',
    '2021-04-03: 0 rows, function',
  ])
})

test('an error in a TypeScript analysis names the partition', async (t) => {
  const folder = await buildFolder(t)
  const job = await buildJob(folder, {
    text: `export default { run({ partition }) { if (partition > '2021-04-01') throw new Error('oh dear'); return 'SELECT 1 AS a' } }`,
    language: 'typescript',
    grain: 'day',
    partitions: days,
    inputs: [],
  })
  await assert.rejects(build(folder, job), (thrown: unknown) => {
    assert.match(toJobError(job, thrown).message, /result 2021-04-02: oh dear/)
    return true
  })
})

test('equal input gives equal files and versions, whatever the batch', async (t) => {
  const folder = await buildFolder(t)
  const input = await visits(folder)
  const parts = {
    text: `SELECT who, n FROM visits`,
    order: 'who',
    grain: 'day',
    inputs: [input],
  } as const
  const first = await build(folder, { ...parts, partitions: days })
  const again = await build(folder, { ...parts, partitions: days })
  const some = await build(folder, { ...parts, partitions: days.slice(1) })
  assert.deepEqual(again.outcomes, first.outcomes)
  assert.deepEqual(some.outcomes, first.outcomes.slice(1))
  const bytes = async (path = '') => readFile(path)
  assert.deepEqual(await bytes(again.file?.path), await bytes(first.file?.path))
})
