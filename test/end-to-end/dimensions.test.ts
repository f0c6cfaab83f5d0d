import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { keyText } from '#model/partition-key-parts.ts'
import {
  exams,
  expectedRows,
  months,
  scoreFiles,
  scoreLines,
  writePack,
} from '../support/dimension-pack.ts'
import { buildFolder, openMillrace, type TestMillrace } from '../support/open-parts.ts'
import { ownDatabase } from '../support/own-database.ts'
import { pointersOf, publishedRows, withDuckdb } from '../support/published.ts'

const days = ['2021-03-30', '2021-03-31', '2021-04-01', '2021-04-02', '2021-06-30']

interface School {
  readonly millrace: TestMillrace
  write(file: string, text: string): Promise<void>
}

/** The pack over its files, where nothing has run. */
async function buildSchool(t: TestContext, databaseUrl?: string): Promise<School> {
  const folder = await buildFolder(t, 'millrace-school')
  await writePack(join(folder, 'school'))
  const data = join(folder, 'data')
  const write = async (file: string, text: string) => {
    await mkdir(join(data, file, '..'), { recursive: true })
    await writeFile(join(data, file), text)
  }
  for (const { month, exam } of scoreFiles) {
    await write(`scores/${exam}/${month}.csv`, scoreLines(month, exam))
    // A row of the last day of the month before lies in the file, too.
    const before = `x1,${month.slice(0, 6)}${Number(month.slice(6)) - 1}-28 23:00:00,1\n`
    await write(`answers/${month}/${exam}.csv`, scoreLines(month, exam) + before)
  }
  for (const [index, day] of days.entries()) await write(`visits/${day}.csv`, visitLines(index, 40))
  for (const month of ['2021-02', ...months]) await write(`terms/${month}.csv`, 'weeks\n3\n1\n')
  const students = ['a', 'b', 'x'].flatMap((letter) => [1, 2, 3, 4].map((n) => `${letter}${n}`))
  const pairs = students.map((name, index) => `${name},${students[(index + 5) % 12]}\n`)
  await write('students.csv', `student,buddy\n${pairs.join('')}`)

  const millrace = await openMillrace(t, { packs: [join(folder, 'school')], databaseUrl })
  const configure = (name: string, location: string) =>
    millrace.configure(name, { location: join(data, location) })
  await configure('scores', 'scores/{exam}/{yyyy}-{MM}.csv')
  await configure('answers', 'answers/{yyyy}-{MM}/{exam}.csv')
  await configure('visits', 'visits/{yyyy}-{MM}-{dd}.csv')
  await configure('terms', 'terms/{yyyy}-{MM}.csv')
  await configure('students', 'students.csv')
  return { millrace, write }
}

function visitLines(seed: number, count: number): string {
  const rows = Array.from({ length: count }, (_row, index) => {
    const student =
      index % 9 === 8 ? '' : `${'abx'[(index + seed) % 3]}${(index * seed + index) % 13}`
    return `${student},${(index * 17 + seed) % 23}\n`
  })
  return `student,pages\n${rows.join('')}`
}

/** Tables of what the sources hold: what they published, which other tests hold against the files. */
const tables = `
  CREATE TABLE parts AS SELECT DISTINCT name, month, exam, text FROM scores;`

async function expected(millrace: TestMillrace): Promise<Map<string, string[]>> {
  const rowsOf = new Map<string, readonly Readonly<Record<string, unknown>>[]>()
  for (const name of ['scores', 'answers', 'visits', 'terms', 'students']) {
    rowsOf.set(name, await publishedRows(millrace, name))
  }
  return withDuckdb(async (connection) => {
    for (const [name, rows] of rowsOf) {
      const json = JSON.stringify(rows).replaceAll("'", "''")
      const types = { points: 'INTEGER', pages: 'INTEGER', weeks: 'INTEGER', at: 'TIMESTAMP' }
      const casts = Object.keys(rows[0] ?? {}).map((column) => {
        const type = types[column as keyof typeof types] ?? 'VARCHAR'
        return `(row->>'${column}')::${type} AS "${column}"`
      })
      await connection.run(
        `CREATE TABLE ${name}_rows AS SELECT ${casts.join(', ')} FROM (SELECT unnest('${json}'::JSON[]) AS row)`,
      )
    }
    for (const name of ['scores', 'answers']) {
      const cases = exams.map((exam) => `WHEN '${keyText(exam)}' THEN '${exam}'`).join(' ')
      await connection.run(
        `CREATE TABLE ${name} AS SELECT _partition AS name, _partition[:7] AS month, _partition[9:] AS text, CASE _partition[9:] ${cases} END AS exam, * EXCLUDE (_partition) FROM ${name}_rows`,
      )
    }
    await connection.run('CREATE TABLE visits AS SELECT _partition AS day, * FROM visits_rows')
    await connection.run(
      'CREATE TABLE terms AS SELECT _partition AS month, sum(weeks) AS weeks FROM terms_rows GROUP BY ALL',
    )
    await connection.run('CREATE TABLE students AS FROM students_rows')
    await connection.run(tables)
    const all = new Map<string, string[]>()
    for (const [name, sql] of Object.entries(expectedRows)) {
      all.set(name, texts((await connection.runAndReadAll(sql)).getRowObjectsJson()))
    }
    return all
  })
}

function texts(rows: readonly object[]): string[] {
  return rows
    .map((row) => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .toSorted()
}

async function assertHolds(millrace: TestMillrace): Promise<void> {
  const wanted = await expected(millrace)
  for (const [name, rows] of wanted) {
    assert.ok(rows.length > 0, `the test expects nothing of ${name}`)
    assert.deepEqual(texts(await publishedRows(millrace, name)), rows, name)
  }
}

test('on PostgreSQL, every mapping over keys and shards holds the same', async (t) => {
  const databaseUrl = await ownDatabase(t)
  if (databaseUrl === null) return t.skip('no PostgreSQL is installed')
  const { millrace } = await buildSchool(t, databaseUrl)
  await millrace.runWell()
  await assertHolds(millrace)
  assert.deepEqual((await millrace.plan()).tasks, [])
})

test('every mapping over keys and shards holds what plain DuckDB computes', async (t) => {
  const { millrace, write } = await buildSchool(t)
  await millrace.runWell()
  await assertHolds(millrace)
  assert.deepEqual((await millrace.plan()).tasks, [])

  await t.test('shards are queued so that several slots share those of one period', async () => {
    const { parts, tenant } = millrace
    const rows = await parts.catalog.asTenant(tenant, (session) =>
      session.query<{ dataset: string; most: number }>(
        `SELECT dataset, max(batch_max)::int AS most FROM task WHERE tenant_id = $1 GROUP BY dataset`,
        [tenant.id],
      ),
    )
    const most = new Map(rows.map((row) => [row.dataset, row.most]))
    assert.equal(most.get('mean_pages'), 3, '48 shards over 16 slots')
    assert.equal(most.get('buddies'), 1)
    assert.equal(most.get('by_exam'), 256)
  })

  await t.test('a corrected file recomputes its key, and nothing of the others', async () => {
    const before = await pointersOf(millrace)
    await write(`scores/exam-17/2021-04.csv`, scoreLines('2021-04', 'exam-17', 5))
    await millrace.runWell()
    await assertHolds(millrace)
    assert.deepEqual((await millrace.plan()).tasks, [])
    const touched = [...(await pointersOf(millrace))]
      .filter(([name, { versionId }]) => before.get(name)?.versionId !== versionId)
      .map(([name]) => name)
    const keyed = /^(?:scores|by_exam|recent|so_far|known|exam_shards|typed) /
    for (const name of touched.filter((one) => keyed.test(one))) assert.match(name, /exam-17/)
    assert.ok(touched.includes('so_far 2021-06:exam-17'))
    assert.ok(!touched.includes('so_far 2021-03:exam-17'))
    assert.ok(!touched.some((name) => name.startsWith('per_student')))
  })

  await t.test('a new file registers a new key, which is expected from then on', async () => {
    await write(`scores/a new: one/2021-04.csv`, scoreLines('2021-04', 'a new: one'))
    const plan = await millrace.plan({ datasets: ['with_terms'], partitions: null })
    const names = plan.tasks.map(({ dataset, partition }) => `${dataset} ${partition}`)
    assert.ok(names.includes('scores 2021-04:a%20new%3A%20one'), names.join(', '))
    assert.ok(names.includes('with_terms 2021-06:a%20new%3A%20one'))
    assert.ok(!names.includes('with_terms 2021-03:a%20new%3A%20one'))
    await millrace.runWell()
    assert.deepEqual((await millrace.plan()).tasks, [])
  })

  await t.test('a part of the grid is chosen by period, key or shard', async () => {
    const named = async (dataset: string, ...partitions: string[]) => {
      const { tasks } = await millrace.plan({ datasets: [dataset], partitions, mode: 'rerun' })
      return tasks.map(({ partition }) => partition)
    }
    assert.deepEqual(await named('exam_shards', '2021-04:exam-17'), [
      '2021-04:exam-17:#0/3',
      '2021-04:exam-17:#1/3',
      '2021-04:exam-17:#2/3',
    ])
    assert.deepEqual(await named('by_exam', ':zz'), ['2021-06:zz'])
    assert.equal((await named('exam_shards', '2021-06:#1/3')).length, 3)
    assert.deepEqual(await named('by_exam_ever', 'exam-17'), ['exam-17'])
    await assert.rejects(named('by_exam', '2021-04:nobody'), /no partition "2021-04:nobody"/)
  })
})
