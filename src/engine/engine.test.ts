import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { silentLogger } from '#kernel/logger.ts'
import { openEngine } from '#engine/engine.ts'
import type { Engine } from '#engine/engine.ts'
import { buildFolder, buildJob, testLimits } from '#engine/jobs-for-tests.ts'

let engine: Engine
before(() => {
  engine = openEngine({
    slots: 2,
    log: silentLogger,
    clock: systemClock,
    memoryAllowanceBytes: 250e6,
  })
})
after(() => engine.close())

async function run(
  t: TestContext,
  text: string,
  { signal, ...limits }: { deadlineMs?: number; memoryBytes?: number; signal?: AbortSignal } = {},
) {
  const job = await buildJob(await buildFolder(t), {
    text,
    grain: 'day',
    partitions: ['2021-04-01'],
    inputs: [],
    limits: { ...testLimits, ...limits },
  })
  return engine.run(job, { signal })
}

function coded(code: string, pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, pattern)
    return true
  }
}

const DEEP_JSON = `SELECT json_structure(repeat('[', 100000) || repeat(']', 100000))::VARCHAR AS s`
const ENDLESS = `SELECT count(*) AS n FROM range(1000000) a(i), range(1000000) b(j) WHERE (i * j) % 7 = 3`

async function assertWorks(t: TestContext) {
  const { result, cost } = await run(t, `SELECT 1 AS a`)
  assert.equal(result.outcomes[0]?.rows, 1)
  assert.ok(cost.wallMs >= 0 && cost.peakMemoryBytes > 1e6, JSON.stringify(cost))
}

test('a statement that crashes DuckDB is an error of that job alone', async (t) => {
  await assert.rejects(run(t, DEEP_JSON), coded('engine-crashed', /result 2021-04-01.*SIGSEGV/))
  await assertWorks(t)
})

test('a query without end is stopped at its deadline', async (t) => {
  const startedMs = performance.now()
  await assert.rejects(
    run(t, ENDLESS, { deadlineMs: 300 }),
    coded('engine-deadline', /result 2021-04-01 was not done after 0.3 s/),
  )
  assert.ok(performance.now() - startedMs < 6000)
  await assertWorks(t)
})

test('what does not react to the interrupt is killed', async (t) => {
  const hang = `export default { run() { for (;;) {} } }`
  const job = await buildJob(await buildFolder(t), {
    text: hang,
    language: 'typescript',
    grain: 'day',
    partitions: ['2021-04-01'],
    inputs: [],
    limits: { ...testLimits, deadlineMs: 200 },
  })
  await assert.rejects(engine.run(job), coded('engine-deadline', /2021-04-01/))
  await assertWorks(t)
})

test('a job whose process holds more memory than allowed is killed', async (t) => {
  const hog = `export default { run() { const all = []; return new Promise((done) => setInterval(() => all.push(Buffer.alloc(50e6, 1)), 5)) } }`
  const job = await buildJob(await buildFolder(t), {
    text: hog,
    language: 'typescript',
    grain: 'day',
    partitions: ['2021-04-01'],
    inputs: [],
    limits: { ...testLimits, memoryBytes: 100e6 },
  })
  await assert.rejects(engine.run(job), coded('engine-memory', /result 2021-04-01.*100 MB/))
  await assertWorks(t)
})

test('a query over the memory limit of DuckDB says so', async (t) => {
  const wide = `SELECT list(repeat('x', 1000) || i) AS l FROM range(1000000) t(i)`
  await assert.rejects(
    run(t, wide, { memoryBytes: 60e6 }),
    coded('engine-memory', /result 2021-04-01.*60 MB/),
  )
})

test('a child that is killed from outside fails its job, not the engine', async (t) => {
  const before = new Set(childPids())
  const running = run(t, ENDLESS)
  const failed = assert.rejects(running, coded('engine-crashed', /SIGKILL/))
  // Whichever children there are by then, the one that works is among them.
  await systemClock.sleep(300)
  for (const pid of new Set([...before, ...childPids()])) process.kill(pid, 'SIGKILL')
  await failed
  await assertWorks(t)
})

test('aborting ends a running job and one that waits', async (t) => {
  const abort = new AbortController()
  const jobs = Array.from({ length: 3 }, () => run(t, ENDLESS, { signal: abort.signal }))
  const ends = jobs.map((job) =>
    assert.rejects(job, coded('engine-cancelled', /result 2021-04-01/)),
  )
  await systemClock.sleep(200)
  abort.abort()
  await Promise.all(ends)
  await assertWorks(t)
})

test('a mistake in the SQL is told with the words of DuckDB and the name of the dataset', async (t) => {
  await assert.rejects(
    run(t, `SELECT nonsense FROM this_partition`),
    coded('analysis-failed', /result 2021-04-01: Binder Error.*nonsense/s),
  )
  await assert.rejects(run(t, `SELEC 1`), coded('analysis-failed', /Parser Error/))
})

test('SQL reaches no file, no network and no setting', async (t) => {
  const outside = import.meta.filename
  await assert.rejects(
    run(t, `SELECT * FROM read_text('${outside}')`),
    coded('analysis-failed', /Permission Error/),
  )
  await assert.rejects(
    run(t, `SELECT * FROM read_csv('https://example.com/a.csv')`),
    coded('analysis-failed', /Permission Error|httpfs/),
  )
  await assert.rejects(
    run(t, `SELECT 1 AS a); SET threads = 8; SELECT * FROM (SELECT 2 AS a`),
    coded('analysis-failed', /Parser Error/),
  )
  await assert.rejects(
    run(t, `SELECT 1 AS a; DROP VIEW this_partition`),
    coded('analysis-failed', /it holds 2 statements/),
  )
})

test('closing ends the children and refuses what comes later', async (t) => {
  const own = openEngine({ slots: 1, log: silentLogger, clock: systemClock })
  const folder = await buildFolder(t)
  const parts = { grain: 'day', partitions: ['2021-04-01'], inputs: [] } as const
  const running = own.run(await buildJob(folder, { text: ENDLESS, ...parts }))
  const waiting = own.run(await buildJob(folder, { text: ENDLESS, ...parts }))
  const ends = [running, waiting].map((job) =>
    assert.rejects(job, coded('engine-closed', /result/)),
  )
  await own.close()
  await Promise.all(ends)
  await assert.rejects(
    own.run(await buildJob(folder, { text: 'SELECT 1 AS a', ...parts })),
    coded('engine-closed', /result/),
  )
})

for (const [what, language, text] of [
  ['in a query without end', 'sql', ENDLESS],
  ['in a module without end', 'typescript', `export default { run() { for (;;) {} } }`],
] as const) {
  test(`a child ${what} does not outlive its parent`, async (t) => {
    const job = await buildJob(await buildFolder(t), {
      text,
      language,
      grain: 'day',
      partitions: ['2021-04-01'],
      inputs: [],
    })
    const script = `
      import { openEngine } from '#engine/engine.ts'
      import { systemClock } from '#kernel/clock.ts'
      import { silentLogger } from '#kernel/logger.ts'
      const engine = openEngine({ slots: 1, log: silentLogger, clock: systemClock })
      engine.run(${JSON.stringify(job)}, { onProgress: () => process.stdout.write('running') })`
    const parent = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(parent.stdout, 'data')
    const children = childPids(parent.pid)
    assert.equal(children.length, 1)
    await systemClock.sleep(300)
    parent.kill('SIGKILL')
    for (let waited = 0; children.some(isAlive); waited += 50) {
      assert.ok(waited < 10_000, 'the child is still there')
      await systemClock.sleep(50)
    }
  })
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Children of a process, from /proc. */
function childPids(of: number | undefined = process.pid): number[] {
  const threads = readdirSync(`/proc/${of}/task`)
  return threads.flatMap((thread) =>
    readFileSync(`/proc/${of}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}
