// Queries over published rows, in warm processes.
//
//   node bench/read-path.ts
//
// uncached: 50 tenants with 20,000 rows each ask one SQL question a second each, over the whole path
// (server, catalog, receipt, engine), never the same question twice. Open loop: a request is sent when
// its time has come, whether or not the one before was answered, so that waiting counts.
// noisy: 1,000 tenants ask the readers at random; then one of them keeps eight heavy queries running.

import { link, mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { QueryJob, Readers } from '#engine/readers/query-job.ts'
import { openReaders } from '#engine/readers/readers.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import type { Tenant } from '#model/tenant.ts'
import { waitForEnd } from '../test/support/open-parts.ts'
import { openServer, type TestServer } from '../test/support/open-server.ts'

import { runAlone, type Benchmark } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { inEmptyFolder, sampleFiles } from './sample-files.ts'

const TENANTS = 50
const ROWS = 20_000
const MONTH = '2021-04'
const SECONDS = 12
/** At the beginning, while instances open: not counted. */
const WARMING_S = 4

const MANY_TENANTS = 1000
const ASKED_PER_SECOND = 15
const NOISE = 8

/** Sends at fixed times, in turn to everybody; the milliseconds of those that count. */
async function openLoop(
  perSecond: number,
  seconds: number,
  warmingS: number,
  ask: (at: number) => Promise<void>,
): Promise<number[]> {
  const startedMs = performance.now()
  const times: number[] = []
  const running: Promise<void>[] = []
  for (let at = 0; at < perSecond * seconds; at++) {
    const dueMs = startedMs + (at * 1000) / perSecond
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await systemClock.sleep(waitMs)
    const isCounted = at >= perSecond * warmingS
    running.push(ask(at).then(() => void (isCounted && times.push(performance.now() - dueMs))))
  }
  await Promise.all(running)
  return times.toSorted((a, b) => a - b)
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

async function publish(server: TestServer, location: string): Promise<Tenant[]> {
  const { catalog, factory } = server.open
  const tenants: Tenant[] = []
  for (let number = 1; number <= TENANTS; number++) {
    const tenant = await createTenant(catalog, `reader-${number}`)
    await catalog.asTenant(tenant, (session) => setSourceOptions(session, 'events', { location }))
    tenants.push(tenant)
  }
  const request = { datasets: ['events'], partitions: [MONTH], mode: 'rerun' } as const
  const started = await Promise.all(
    tenants.map((tenant) => factory.start(tenant, request, { cause: 'bench', title: 'bench' })),
  )
  for (const [place, tenant] of tenants.entries()) {
    const view = await waitForEnd(server.open, tenant, started[place]?.run?.id ?? '')
    if (view.run.state !== 'done') throw new Error(JSON.stringify(view.failures))
  }
  return tenants
}

const SQL = `SELECT country, action, count(*) AS n, count(DISTINCT email) AS users
  FROM events GROUP BY ALL HAVING n > $least ORDER BY n DESC, country, action LIMIT 1000`

async function uncached(say: (line: string) => void): Promise<Figure> {
  const { location } = await sampleFiles([MONTH], ROWS)
  const server = await openServer()
  try {
    say(`publishing ${ROWS} rows for each of ${TENANTS} tenants`)
    const tenants = await publish(server, location)
    const sizes: number[] = []
    const before = process.cpuUsage()
    const times = await openLoop(TENANTS, SECONDS, WARMING_S, async (number) => {
      const { slug } = tenants[number % TENANTS] as Tenant
      const answer = await server.app.inject({
        method: 'POST',
        url: '/v1/query',
        headers: {
          authorization: `Bearer ${server.operatorKey}`,
          'millrace-tenant': slug,
        },
        payload: { sql: SQL, parameters: { least: Math.floor(number / TENANTS) } },
      })
      if (answer.statusCode !== 200) throw new Error(answer.body)
      sizes.push(answer.body.length)
    })
    const p95 = at(times, 0.95)
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1000 / sizes.length
    say(
      `p50 ${at(times, 0.5).toFixed(1)} ms, answers of ${at(
        sizes.toSorted((a, b) => a - b),
        0.5,
      )} bytes, ${cpuMs.toFixed(1)} ms of processor each in the server`,
    )
    return {
      work: `uncached query, ${TENANTS} tenants x 1/s, ${ROWS} rows each`,
      millrace: `p95 ${p95.toFixed(0)} ms`,
      peer: '',
      ratio: '',
      hold: 'p95 <= 100 ms',
      held: p95 <= 100,
    }
  } finally {
    await server.close()
  }
}

function jobOf(tenantId: number, path: string, sql: string): QueryJob {
  const files = [{ path, partitions: null }]
  return {
    tenantId,
    subject: 'a question',
    inputs: [
      { dataset: 'rows', files, partitions: null, columns: null, seen: null, asColumn: null },
    ],
    sql,
    parameters: {},
    format: 'json',
    cells: 'raw',
    to: { kind: 'inline' },
    rowsMax: 10_000,
    limits: { deadlineMs: 30_000, bytesMax: 64e6 },
    trust: 'company',
  }
}

const QUIET =
  'SELECT shop, count(*) AS n, sum(price) AS price FROM rows GROUP BY shop ORDER BY shop'
const LOUD = 'SELECT sum(a.price * b.price) AS total FROM rows a, rows b WHERE a.id <> b.id'

async function quietTimes(readers: Readers, paths: readonly string[]): Promise<number[]> {
  return openLoop(ASKED_PER_SECOND, SECONDS, WARMING_S, async (number) => {
    // Steps through all of them in an order that looks like none.
    const tenant = 1 + ((number * 617) % (MANY_TENANTS - 1))
    await readers.run(jobOf(tenant, paths[tenant] ?? '', QUIET))
  })
}

async function noisy(slots: number, say: (line: string) => void): Promise<Figure> {
  return inEmptyFolder(async (folder) => {
    const first = join(folder, 'rows.parquet')
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run(
      `COPY (SELECT '2021' AS _partition, range AS id, range % 40 AS shop, range / 7.0 AS price
         FROM range(${ROWS})) TO '${first}' (FORMAT parquet)`,
    )
    connection.closeSync()
    instance.closeSync()
    const paths: string[] = []
    for (let tenant = 0; tenant < MANY_TENANTS; tenant++) {
      const path = join(folder, `${tenant}.parquet`)
      await link(first, path)
      paths.push(path)
    }
    const own = join(folder, 'readers')
    await mkdir(own)
    const log = silentLogger
    const memoryBytes = 256 * 2 ** 20
    const readers = openReaders({
      folder: own,
      slots,
      memoryBytes,
      threads: 1,
      clock: systemClock,
      log,
    })
    try {
      const alone = await quietTimes(readers, paths)
      const stop = new AbortController()
      const { signal } = stop
      const noise = Array.from({ length: NOISE }, async () => {
        while (!signal.aborted) {
          await readers.run(jobOf(0, first, LOUD), { signal }).catch(() => {})
        }
      })
      const beside = await quietTimes(readers, paths)
      stop.abort()
      await Promise.all(noise)
      const [p95Alone, p95Beside] = [at(alone, 0.95), at(beside, 0.95)]
      say(`p50 ${at(alone, 0.5).toFixed(1)} ms alone, ${at(beside, 0.5).toFixed(1)} ms beside it`)
      const ratio = p95Beside / p95Alone
      return {
        work: `${MANY_TENANTS} tenants, ${ASKED_PER_SECOND}/s, one with ${NOISE} heavy queries`,
        millrace: `p95 ${p95Beside.toFixed(0)} ms`,
        peer: `${p95Alone.toFixed(0)} ms without it`,
        ratio: `${ratio.toFixed(1)} x`,
        hold: '<= 2 x',
        held: ratio <= 2,
      }
    } finally {
      await readers.close()
    }
  })
}

export const readPath: Benchmark = {
  name: 'read-path',
  title: 'queries of many tenants over published rows',
  async run({ say }) {
    const slots = Math.min(8, 2 * availableParallelism())
    return [await uncached(say), await noisy(slots, say)]
  },
}

if (import.meta.main) await runAlone(readPath)
