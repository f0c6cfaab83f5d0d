import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { buildFolder, writeDatasetFile } from '#engine/jobs-for-tests.ts'
import { buildReaders, inputOf, jobOf, textOf } from '#engine/readers/readers-for-tests.ts'
import { createFairSlots } from '#engine/readers/fair-slots.ts'
import { openInstance } from '#engine/session.ts'
import { MillraceError } from '#kernel/errors.ts'

const ENDLESS = 'SELECT sum(a.range * b.range) AS s FROM range(10000000) a, range(10000000) b'
const CRASH = `SELECT json_structure(repeat('[', 100000) || repeat(']', 100000)) AS s`
const seconds = (s: number) => ({ deadlineMs: s * 1000, bytesMax: 50e6 })

const withCode = (code: string) => (error: unknown) => {
  assert.ok(error instanceof MillraceError, String(error))
  assert.equal(error.code, code, error.message)
  return true
}

/** Processes that this one has started and that run a reader. */
async function readerPids(): Promise<number[]> {
  const text = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  const pids = text.trim().split(/\s+/).filter(Boolean).map(Number)
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return pids.filter((_, at) => commands[at]?.includes('readers/child'))
}

async function until(t: TestContext, what: string, holds: () => Promise<boolean>): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    assert.ok(performance.now() - started < 10_000, `waited for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  t.diagnostic(`${what} after ${Math.round(performance.now() - started)} ms`)
}

test('a query that ends its process fails alone, after a second try in another one', async (t) => {
  const readers = await buildReaders(t)
  await assert.rejects(readers.run(jobOf([], CRASH)), withCode('engine-crashed'))
  assert.equal(await textOf(readers, jobOf([], 'SELECT 1 AS one', { tenantId: 2 })), '{"one":1}\n')
})

test('a query whose process is killed under it is answered by another one', async (t) => {
  const readers = await buildReaders(t)
  const before = await readerPids()
  const started = (await readerPids()).length
  const answer = textOf(readers, jobOf([], 'SELECT count(*) AS n FROM range(3000000000)'))
  await until(t, 'a child', async () => (await readerPids()).length > started)
  const [pid] = (await readerPids()).filter((one) => !before.includes(one))
  assert.ok(pid !== undefined)
  process.kill(pid, 'SIGKILL')
  assert.equal(await answer, '{"n":3000000000}\n')
  assert.ok(!(await readerPids()).includes(pid))
})

test('a query is stopped at its deadline, and when nobody waits for it any more', async (t) => {
  const readers = await buildReaders(t, { slotsPerTenant: 1 })
  const started = performance.now()
  await assert.rejects(
    readers.run(jobOf([], ENDLESS, { limits: seconds(0.5) })),
    withCode('engine-deadline'),
  )
  assert.ok(performance.now() - started < 4000)
  const [running, waiting] = [new AbortController(), new AbortController()]
  const first = readers.run(jobOf([], ENDLESS), { signal: running.signal })
  const second = readers.run(jobOf([], 'SELECT 1'), { signal: waiting.signal })
  waiting.abort()
  await assert.rejects(second, withCode('engine-cancelled'))
  const aborted = performance.now()
  running.abort()
  await assert.rejects(first, withCode('engine-cancelled'))
  assert.ok(performance.now() - aborted < 2600)
  assert.equal((await readers.run(jobOf([], 'SELECT 1'))).rows, 1)
})

test('memory and the size of the answer have limits, and nothing of it stays', async (t) => {
  const folder = join(await buildFolder(t))
  const readers = await buildReaders(t, { memoryBytes: 60e6, folder })
  const greedy = `SELECT list(range) AS all_of_it FROM range(100000000)`
  await assert.rejects(readers.run(jobOf([], greedy)), withCode('engine-memory'))
  const long = jobOf([], 'SELECT repeat(range::VARCHAR, 100) AS x FROM range(10000000)')
  const limits = { deadlineMs: 20_000, bytesMax: 5e6 }
  await assert.rejects(readers.run({ ...long, limits }), withCode('answer-too-large'))
  const left = await readdir(folder, { recursive: true })
  assert.deepEqual(
    left.filter((name) => name.endsWith('answer')),
    [],
  )
})

test('slow queries of one tenant leave the slots of others alone', async (t) => {
  const readers = await buildReaders(t, { slots: 2, waitingMax: 2 })
  const slow = Array.from({ length: 3 }, () =>
    readers.run(jobOf([], ENDLESS, { limits: seconds(3) })).catch((error: unknown) => error),
  )
  await assert.rejects(readers.run(jobOf([], 'SELECT 1')), (error: unknown) => {
    assert.ok(error instanceof MillraceError)
    assert.equal(error.code, 'queries-too-many')
    assert.equal(typeof error.details['retryAfterSeconds'], 'number')
    return true
  })
  const started = performance.now()
  for (let at = 0; at < 5; at++) {
    assert.equal((await readers.run(jobOf([], 'SELECT 1', { tenantId: 2 }))).rows, 1)
  }
  assert.ok(performance.now() - started < 3000)
  await readers.close()
  for (const error of await Promise.all(slow)) {
    assert.ok(error instanceof MillraceError && error.code === 'engine-closed')
  }
})

test('what keeps the processor busy for long goes on behind the others', async (t) => {
  const readers = await buildReaders(t)
  const before = await readerPids()
  const stop = new AbortController()
  const slow = readers.run(jobOf([], ENDLESS), { signal: stop.signal }).catch(() => {})
  const nicest = async () => {
    const pids = (await readerPids()).filter((pid) => !before.includes(pid))
    return Math.max(0, ...pids.map((pid) => getPriority(pid)))
  }
  await until(t, 'a process that makes way', async () => (await nicest()) === 10)
  stop.abort()
  await slow
  assert.equal((await readers.run(jobOf([], 'SELECT 1'))).rows, 1)
  assert.equal(await nicest(), 0)
})

test('tenants take turns, however long the queue of one of them is', async () => {
  const fair = createFairSlots({ slots: 1, slotsPerTenant: 1, waitingMax: 9, averageMs: () => 1 })
  const order: string[] = []
  const claims = ['1a', '1b', '1c', '2a', '3a', '2b'].map(async (name) => {
    const release = await fair.claim(Number(name[0]), name, undefined)
    order.push(name)
    await new Promise((resolve) => setImmediate(resolve))
    release()
  })
  await Promise.all(claims)
  assert.deepEqual(order, ['1a', '2a', '3a', '1b', '2b', '1c'])
})

test('an instance reads the files that it was given, and no others', async (t) => {
  const folder = await buildFolder(t)
  const [own, other] = await Promise.all(
    ['own', 'other'].map((name) => writeDatasetFile(folder, name, 'SELECT 1 AS id')),
  )
  const reach = { files: [own ?? ''], folders: [] }
  const limits = { memoryBytes: 100e6, threads: 1 }
  const spill = await buildFolder(t)
  const { instance, connection } = await openInstance(limits, spill, reach)
  t.after(() => {
    connection.closeSync()
    instance.closeSync()
  })
  assert.ok(await connection.runAndReadAll(`FROM read_parquet('${own}')`))
  await assert.rejects(connection.run(`FROM read_parquet('${other}')`), /Permission Error/)
  await assert.rejects(connection.run(`COPY (SELECT 1) TO '${folder}/x.csv'`), /Permission Error/)
})

test('a new file is reached by opening the instance again', async (t) => {
  const folder = await buildFolder(t)
  const readers = await buildReaders(t)
  for (const name of ['first', 'second']) {
    const path = await writeDatasetFile(folder, name, `SELECT '${name}' AS name`)
    const job = jobOf([inputOf('names', path)], 'SELECT * FROM names')
    assert.equal(await textOf(readers, job), `{"name":"${name}"}\n`)
  }
})
