import assert from 'node:assert/strict'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'

import { writeDatasetFile } from '#engine/jobs-for-tests.ts'
import { jailProblem, type JailFacts } from '#engine/jail/jail-facts.ts'
import type { Readers } from '#engine/readers/query-job.ts'
import { inputOf, jobOf, textOf } from '#engine/readers/readers-for-tests.ts'
import { openReaders } from '#engine/readers/readers.ts'
import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { silentLogger } from '#kernel/logger.ts'

let folder: string
let readers: Readers
let own: string
let theirs: string
let problem: string | null

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-jail-'))
  own = await writeDatasetFile(folder, 'own', `SELECT '2021' AS _partition, 'mine' AS word`)
  theirs = await writeDatasetFile(folder, 'theirs', `SELECT '2021' AS _partition, 'secret' AS word`)
  await symlink(theirs, join(folder, 'link.parquet'))
  await writeFile(join(folder, 'key.txt'), 'secret')
  readers = openReaders({
    folder,
    slots: 2,
    memoryBytes: 100e6,
    threads: 1,
    clock: systemClock,
    log: silentLogger,
    customerSql: true,
  })
  problem = await readers.customerSqlProblem()
})
after(async () => {
  await readers.close()
  await rm(folder, { recursive: true, force: true })
})

const customers = (sql: string, rest = {}) =>
  jobOf([inputOf('words', own)], sql, { trust: 'customer', ...rest })

test('SQL of customers is answered from inside of the jail', async (t) => {
  if (problem !== null) return t.skip(problem)
  const started = performance.now()
  assert.equal(await textOf(readers, customers('SELECT word FROM words')), '{"word":"mine"}\n')
  const first = performance.now()
  assert.equal(await textOf(readers, customers('SELECT word FROM words')), '{"word":"mine"}\n')
  t.diagnostic(
    `first ${Math.round(first - started)} ms, again ${Math.round(performance.now() - first)} ms`,
  )
  const { tables } = await readers.parse({
    tenantId: 1,
    sql: 'SELECT * FROM words',
    trust: 'customer',
  })
  assert.deepEqual(tables, ['words'])
})

const attacks: readonly (readonly [name: string, sql: () => string, code: RegExp])[] = [
  ['writing a file', () => `COPY words TO '${folder}/out.csv'`, /query-invalid/],
  ['reading a file of the system', () => `FROM read_text('/etc/passwd')`, /query-invalid/],
  ['the network', () => `FROM read_csv('https://example.com/x.csv')`, /query-invalid/],
  ['attaching a database', () => `ATTACH '${folder}/x.db'`, /query-invalid/],
  ["another tenant's file", () => `FROM '${theirs}'`, /query-invalid/],
  ["another tenant's file by a link", () => `FROM '${folder}/link.parquet'`, /query-invalid/],
  ['the log of others', () => `FROM enable_logging('QueryLog')`, /query-invalid/],
  [
    'filling the disk',
    () =>
      `SELECT count(*) FROM (SELECT DISTINCT hash(a.range, b.range) FROM range(100000) a, range(10000) b)`,
    /engine-(disk|memory|deadline)/,
  ],
  ['memory', () => `SELECT list(range) FROM range(1000000000)`, /engine-(memory|disk|deadline)/],
  [
    'a query without end',
    () => `SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b`,
    /engine-deadline/,
  ],
  [
    'a crash of the engine',
    () => `SELECT json_structure(repeat('[', 100000) || repeat(']', 100000))`,
    /engine-crashed/,
  ],
]

for (const [name, sql, code] of attacks) {
  test(`${name} comes to nothing, and the next query is answered`, async (t) => {
    if (problem !== null) return t.skip(problem)
    const limits = { deadlineMs: 3000, bytesMax: 10e6 }
    const error = await readers.run(customers(sql(), { limits })).then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof MillraceError, 'it was answered')
    assert.match(error.code, code, error.message)
    assert.equal(await textOf(readers, customers('SELECT word FROM words')), '{"word":"mine"}\n')
  })
}

test('SQL of customers is refused where it is not wanted', async () => {
  const closed = openReaders({
    folder,
    slots: 1,
    memoryBytes: 100e6,
    threads: 1,
    clock: systemClock,
    log: silentLogger,
  })
  await assert.rejects(closed.run(customers('SELECT 1')), (error: unknown) => {
    assert.ok(error instanceof MillraceError && error.code === 'customer-sql-off')
    return true
  })
  await closed.close()
})

test('what a jail may not show, let write or leave is told', () => {
  const facts: JailFacts = {
    userId: 65534,
    capabilities: ['0000000000000000', '0000000000000000'],
    noNewPrivileges: true,
    interfaces: [],
    processes: 1,
    present: ['/usr'],
    writable: ['/jail/out'],
  }
  const rules = { mustHide: ['/etc/passwd'], mustNotWrite: ['/usr'], serverIsRoot: true }
  assert.equal(jailProblem(facts, rules), null)
  const holes: readonly (readonly [Partial<JailFacts>, RegExp])[] = [
    [{ present: ['/etc/passwd'] }, /\/etc\/passwd is seen/],
    [{ writable: ['/usr'] }, /\/usr can be written/],
    [{ capabilities: ['0000000000000000', '000001ffffffffff'] }, /capabilities/],
    [{ noNewPrivileges: false }, /gain privileges/],
    [{ interfaces: ['eth0'] }, /eth0/],
    [{ processes: 2 }, /processes of others/],
    [{ userId: 0 }, /is root/],
  ]
  for (const [hole, text] of holes) {
    assert.match(jailProblem({ ...facts, ...hole }, rules) ?? '', text)
  }
})
