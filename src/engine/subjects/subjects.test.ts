import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import type { LiveFile } from '#engine/job-base.ts'
import { keyedHash } from '#kernel/keyed-hash.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { SubjectRule, SubjectRules } from '#model/subject.ts'
import { convert, testSource } from '#engine/convert/convert-for-tests.ts'
import {
  buildFolder,
  inProcess,
  rowsOf,
  testLimits,
  writeDatasetFile,
} from '#engine/jobs-for-tests.ts'
import { literal } from '#engine/sql-text.ts'
import { fieldsOfRecord } from '#engine/subjects/held-records.ts'
import { RecordGuard } from '#engine/subjects/record-guard.ts'
import type { SeenJob } from '#engine/subjects/subject-job.ts'
import { runSeen } from '#engine/subjects/subject-reads.ts'
import { keyedHashSql } from '#engine/subjects/subject-sql.ts'

const KEY = 'c0ffee'.padEnd(64, '0')
const key = Buffer.from(KEY, 'hex')

function rule(kind: string, value: string, state: SubjectRule['state'] = 'erased'): SubjectRule {
  return { kind, state, hash: keyedHash(key, kind, value), bytes: Buffer.byteLength(value) }
}

const rulesAbout = (...rules: SubjectRule[]): SubjectRules => ({ key: KEY, rules })

const naughty = [
  "'; DROP TABLE file; --",
  'a"b""c',
  '%_\\',
  '𝒜 🏳️‍🌈 ‮',
  'ｓｅｌｅｃｔ',
  ' leading and trailing ',
  'NULL',
  '\u001fnull\u001f',
  '{{7*7}}',
  'x'.repeat(10_000),
  '\u00e9',
  'e\u0301',
]

test('the hash that SQL makes of a value is the one that the catalog keeps', async () => {
  for (const value of naughty) {
    const [row] = await rowsOf(`SELECT ${keyedHashSql(KEY, 'person', literal(value))} AS hash`)
    assert.equal(row?.['hash'], keyedHash(key, 'person', value), value)
  }
  assert.notEqual(
    keyedHash(key, 'person', '\u00e9'),
    keyedHash(key, 'person', 'e\u0301'),
    'bytes count',
  )
  assert.notEqual(keyedHash(key, 'person', 'a'), keyedHash(key, 'device', 'a'))
})

const source: SourceDefinition = {
  ...testSource,
  columns: [
    { name: 'id', type: 'text', subject: 'person' },
    { name: 'at', type: 'timestamp', optional: false },
    { name: 'n', type: 'integer', subject: 'device' },
    { name: 'tags', type: 'text[]', parse: 'python-list' },
  ],
}
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

test('rows of a subject are left out byte for byte, and the counts add up', async (t) => {
  const body = `id,at,n,tags\n${naughty.map((who, n) => `${quoted(who)},2021-04-01,${n},[]`).join('\n')}\n`
  for (const who of naughty) {
    const { result, rows } = await convert(t, body, source, rulesAbout(rule('person', who)))
    assert.equal(result.received, naughty.length)
    assert.deepEqual([result.accepted, result.erased, result.withheld], [naughty.length - 1, 1, 0])
    assert.deepEqual(
      rows.map((row) => row['id']),
      naughty.filter((each) => each !== who),
    )
  }
})

test('who is erased counts as erased, whatever else a rule says of the row', async (t) => {
  const body =
    'id,at,n,tags\na,2021-04-01,1,[]\na,2021-04-01,2,[]\nb,2021-04-01,1,[]\nc,2021-04-01,,[]\n'
  const rules = rulesAbout(rule('person', 'a', 'off'), rule('device', '1'))
  const { result, rows } = await convert(t, body, source, rules)
  assert.deepEqual([result.accepted, result.erased, result.withheld], [1, 2, 1])
  assert.equal(rows[0]?.['id'], 'c')
})

test('the data version is of the rows that are left, and the plain one where nobody is meant', async (t) => {
  const body = 'id,at,n,tags\na,2021-04-01,1,[]\nb,2021-04-02,2,[]\n'
  const plain = await convert(t, body, source)
  const unmet = await convert(t, body, source, rulesAbout(rule('person', 'z')))
  assert.equal(unmet.result.outcome.dataVersion, plain.result.outcome.dataVersion)
  const without = await convert(t, body, source, rulesAbout(rule('person', 'a')))
  const withheld = await convert(t, body, source, rulesAbout(rule('person', 'a', 'off')))
  assert.notEqual(without.result.outcome.dataVersion, plain.result.outcome.dataVersion)
  assert.equal(without.result.outcome.dataVersion, withheld.result.outcome.dataVersion)
  const days = (of: typeof plain) => new Map(of.result.observed.map((day) => [day.value, day]))
  assert.deepEqual(days(without).get('2021-04-02'), days(plain).get('2021-04-02'))
  assert.equal(days(without).has('2021-04-01'), false)
})

test('bad records of a subject are not held back either, however they are broken', async (t) => {
  const who = 'Zoë "O", Ltd.'
  const bad = [
    `${quoted(who)},soon,1,[]`,
    `${quoted(who)},,1,[]`,
    `${quoted(who)},2021-04-01,1,[],too,many`,
    `x,2021-04-01,1,[],mentions,${quoted(who)}`,
    `${quoted(who)},2021-04-01,1,\0`,
    `${quoted(who)}\nin two lines,2021-04-01,1`,
  ]
  const others = ['zoe,soon,1,[]', `${quoted(`${who}x`)},soon,1,[]`, `${quoted(who)}x,2021-04-01`]
  // NUL in the first bytes would be a file that is no text.
  const good = `${'g'.repeat(5_000)},2021-04-01,1,[]`
  const body = `id,at,n,tags\n${[good, ...bad, ...others].join('\n')}\n`
  const { result, held } = await convert(t, body, source, rulesAbout(rule('person', who)))
  assert.equal(result.received, result.accepted + result.quarantined + result.erased)
  assert.equal(result.accepted, 1)
  const kept = held.map((row) => String(row['raw']))
  assert.deepEqual(
    kept.filter((raw) => !others.includes(raw) && !raw.includes('two lines')),
    [],
  )
  assert.ok(kept.includes(others[0] as string) && kept.includes(others[1] as string))
})

test('an integer names a device however it is written', async (t) => {
  const body = 'id,at,n,tags\na,2021-04-01,007,[]\nb,soon,007,[]\nc,2021-04-01,70,[]\n'
  const { result } = await convert(t, body, source, rulesAbout(rule('device', '7')))
  assert.deepEqual([result.accepted, result.erased, result.quarantined], [1, 2, 0])
})

test('a text mentions whom it names as a whole word', () => {
  const guard = new RecordGuard(
    rulesAbout(rule('person', 'ann@x.org'), rule('person', 'bo', 'off')),
  )
  assert.equal(guard.mentioned('1,"ann@x.org",3'), 'erased')
  assert.equal(guard.mentioned('mail=ann@x.org'), 'erased')
  assert.equal(guard.mentioned('joann@x.org, bob'), null)
  assert.equal(guard.mentioned('bo'), 'off')
  assert.equal(guard.mentioned('bo and ann@x.org'), 'erased')
  assert.equal(guard.mentioned(''), null)
})

test('fields of a quarantined record are told apart as they were read', () => {
  assert.deepEqual(fieldsOfRecord('a,"b ""c"", d",,e'), ['a', 'b "c", d', '', 'e'])
  assert.deepEqual(fieldsOfRecord('"two\nlines",x'), ['two\nlines', 'x'])
  assert.deepEqual(fieldsOfRecord('a,'), ['a', ''])
  assert.equal(fieldsOfRecord(`a,${'b'.repeat(70_000)}`).length, 1, 'the last one was cut')
})

test('pages of subjects over many files are those of all files together', async (t) => {
  const folder = await buildFolder(t)
  const tempFolder = join(folder, 'temp')
  await mkdir(tempFolder)
  const files: LiveFile[] = []
  for (const [index, step] of [3, 2, 5].entries()) {
    const rows = `SELECT '2021-0${index + 1}' AS _partition, chr(97 + (range * ${step} % 26)::INT) AS id, TIMESTAMP '2021-01-01' + INTERVAL (range) HOUR AS at FROM range(60)`
    const path = await writeDatasetFile(
      folder,
      `part-${index}`,
      `${rows} UNION ALL SELECT '2021-01', '', NULL`,
    )
    files.push({ path, partitions: null })
  }
  const list = files.map(({ path }) => literal(path)).join(', ')
  const expected = await rowsOf(
    `SELECT id AS value, count(*)::INT AS rows, epoch_ms(max("at"))::VARCHAR AS last FROM read_parquet([${list}]) WHERE id <> '' GROUP BY id ORDER BY id`,
  )
  const columns = [{ column: 'id', kind: 'person' }]
  const sources = [{ dataset: 'visits', files, columns, time: 'at' }]
  for (const limit of [1, 4, 25, 26, 100]) {
    const found: unknown[] = []
    let after: string | null = null
    for (;;) {
      const page: Pick<SeenJob, 'prefix' | 'after' | 'values' | 'limit' | 'sources'> = {
        prefix: '',
        after,
        values: null,
        limit,
        sources,
      }
      const job: SeenJob = {
        kind: 'subject-seen',
        dataset: 'visits',
        tempFolder,
        limits: testLimits,
        ...page,
      }
      const { subjects } = await inProcess((context) => runSeen(job, context))
      found.push(
        ...subjects.map(({ value, rows, lastMs }) => ({ value, rows, last: String(lastMs) })),
      )
      if (subjects.length < limit) break
      after = subjects.at(-1)?.value ?? null
    }
    assert.deepEqual(found, expected, `pages of ${limit}`)
  }
})
