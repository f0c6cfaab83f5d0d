// Rows that are sent: 8 clients post 1,000 rows of NDJSON each time, over HTTP, to a server in a process
// of its own, and wait for the acknowledgement, which comes once the rows are on the disk. Beside it: 8
// connections that COPY the same rows into a plain table of the same PostgreSQL, 1,000 in a transaction.
//
//   node bench/ingest.ts --rounds 3

import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'

import { setDefaultRate, setTenantRate } from '#catalog/rates.ts'
import { systemClock } from '#kernel/clock.ts'
import { writeMeters } from '../test/support/build-meters.ts'
import { openServer, type TestServer } from '../test/support/open-server.ts'
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { median } from './measure.ts'
import { runToEnd } from './process.ts'

const CLIENTS = 8
const ROWS = 1_000
const SECONDS = 6
/** Between two requests of the quiet part. */
const PACE_MS = 250
const HIGH = { perMinute: 60_000_000, burst: 10_000_000 }
/** Before everything. */
const EVER = new Date(0)
const HOLD = '>= 30,000 rows/s'

interface Load {
  readonly rows: number
  readonly ms: number
  readonly latenciesMs: readonly number[]
}

/** Rows as meters send them: some 75 bytes each. */
function rows(client: number, turn: number): { ndjson: string; csv: string } {
  let ndjson = ''
  let csv = ''
  for (let row = 0; row < ROWS; row++) {
    const at = `2026-11-22T10:${String(turn % 60).padStart(2, '0')}:${String(row % 60).padStart(2, '0')}`
    const meter = `meter-${client}-${row % 100}`
    ndjson += `{"at":"${at}","meter":"${meter}","value":${turn * ROWS + row}}\n`
    csv += `${at},${meter},${turn * ROWS + row}\n`
  }
  return { ndjson, csv }
}

/** Runs all clients for the time, each waiting for its own answers. */
async function load(send: (client: number, turn: number) => Promise<void>): Promise<Load> {
  const latenciesMs: number[] = []
  const startedMs = performance.now()
  const client = async (number: number) => {
    for (let turn = 0; performance.now() - startedMs < SECONDS * 1000; turn++) {
      const sentMs = performance.now()
      await send(number, turn)
      latenciesMs.push(performance.now() - sentMs)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)))
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  return { rows: sorted.length * ROWS, ms: performance.now() - startedMs, latenciesMs: sorted }
}

async function post(url: string, key: string, paceMs: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' }
  return load(async (client, turn) => {
    if (paceMs > 0) await systemClock.sleep(paceMs * CLIENTS)
    const body = rows(client, turn).ndjson
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/v1/datasets/ticks/rows`, { method: 'POST', agent, headers })
      sent.on('error', reject)
      sent.on('response', (answer) => {
        answer.resume()
        answer.on('end', () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
        )
      })
      sent.end(body)
    })
  })
}

/** What the driver offers nothing for: the rows of one COPY, sent as one chunk. */
interface CopyConnection {
  query(text: string): void
  sync(): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

function copyIn(client: pg.Client, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const copy = {
      submit: (connection: CopyConnection) =>
        connection.query('COPY ticks FROM STDIN (FORMAT csv)'),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(bytes)
        connection.endCopyFrom()
      },
      handleError: reject,
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(),
    }
    client.query(copy as unknown as pg.Submittable)
  })
}

async function copyRows(url: string): Promise<Load> {
  const clients = Array.from({ length: CLIENTS }, () => new pg.Client({ connectionString: url }))
  for (const client of clients) await client.connect()
  try {
    await clients[0]?.query(
      'CREATE TABLE IF NOT EXISTS ticks (at timestamp, meter text, value bigint)',
    )
    return await load(async (client, turn) =>
      copyIn(clients[client] as pg.Client, Buffer.from(rows(client, turn).csv)),
    )
  } finally {
    for (const client of clients) await client.end()
  }
}

/** The load comes from a process of its own; this file is its program, too. */
async function elsewhere(...args: readonly string[]): Promise<Load> {
  const { stdout } = await runToEnd({ path: 'bench/ingest.ts', args: ['load', ...args] })
  return JSON.parse(stdout) as Load
}

/** Seconds from each acknowledgement since then until its rows were in the dataset. */
async function lags(server: TestServer, since: Date): Promise<number[]> {
  const { catalog } = server.open
  for (;;) {
    const [row] = await catalog.asTenant(server.tenants.alpha, (session) =>
      session.query<{ waiting: number; lags: number[] }>(
        `SELECT count(*) FILTER (WHERE settled_at IS NULL)::int AS waiting,
           json_agg(extract(epoch FROM settled_at - received_at)::float8 ORDER BY settled_at - received_at) AS lags
         FROM acknowledgement WHERE tenant_id = $1 AND received_at >= $2`,
        [server.tenants.alpha.id, since],
      ),
    )
    if (row?.waiting === 0) return row.lags
    await systemClock.sleep(100)
  }
}

const perSecond = ({ rows: count, ms }: Load) => (count * 1000) / ms
const thousands = (rate: number) => `${Math.round(rate).toLocaleString('en')} rows/s`
const at = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(sorted.length * share)] ?? 0

async function measure(rounds: number, say: (line: string) => void): Promise<Figure[]> {
  const work = `${CLIENTS} clients, ${ROWS} rows of NDJSON a request, acknowledged when durable`
  const bin = findPostgres()
  if (bin === null) return [skipped(work, 'no PostgreSQL is installed', HOLD)]
  const running = await startPostgres(bin, { durable: true })
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-ingest-'))
  const admin = new pg.Client({ connectionString: running.url('postgres') })
  await admin.connect()
  await admin.query('CREATE DATABASE peer')
  const server = await openServer(
    {},
    { packs: [await writeMeters(folder)], databaseUrl: running.url('postgres') },
  )
  try {
    await server.open.catalog.asSystem(async (session) => {
      await setTenantRate(session, server.tenants.alpha.id, HIGH)
      await setDefaultRate(session, 'key', HIGH)
      await setDefaultRate(session, 'address', HIGH)
    })
    const key = await server.key(server.tenants.alpha, ['write'])
    const url = await server.app.listen({ port: 0, host: '127.0.0.1' })
    const ours: Load[] = []
    const theirs: Load[] = []
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`)
      ours.push(await elsewhere('http', url, key))
      const found = await lags(server, EVER)
      say(
        `in the dataset after ${at(found, 0.5).toFixed(2)} s (p50), ${at(found, 0.95).toFixed(2)} s (p95)`,
      )
      theirs.push(await elsewhere('copy', running.url('peer')))
    }
    const busy = await lags(server, EVER)
    say('a request every 250 ms')
    const since = systemClock.now()
    await elsewhere('paced', url, key)
    const found = await lags(server, since)
    const [rate, peer] = [median(ours.map(perSecond)), median(theirs.map(perSecond))]
    const latency = (loads: readonly Load[], share: number) =>
      `${median(loads.map(({ latenciesMs }) => at(latenciesMs, share))).toFixed(0)} ms`
    return [
      {
        work,
        millrace: thousands(rate),
        peer: `${thousands(peer)} COPY`,
        ratio: `${(rate / peer).toFixed(2)} x`,
        hold: HOLD,
        held: rate >= 30_000,
      },
      {
        work: 'one request of these, p50 and p95',
        millrace: `${latency(ours, 0.5)}, ${latency(ours, 0.95)}`,
        peer: `${latency(theirs, 0.5)}, ${latency(theirs, 0.95)} COPY`,
        ratio: '',
        hold: '',
        held: null,
      },
      {
        work: 'from the acknowledgement until the rows are there, a request every 250 ms, p50 and p95',
        millrace: `${at(found, 0.5).toFixed(1)} s, ${at(found, 0.95).toFixed(1)} s`,
        peer: `${at(busy, 0.5).toFixed(1)} s, ${at(busy, 0.95).toFixed(1)} s under the load above`,
        ratio: '',
        hold: '<= 2 s',
        held: at(found, 0.95) <= 2,
      },
    ]
  } finally {
    await server.close()
    await admin.end()
    await running.stop('orderly')
    await rm(folder, { recursive: true, force: true })
  }
}

export const ingest: Benchmark = {
  name: 'ingest',
  title: 'rows that are sent, with durable acknowledgement',
  run: ({ rounds, say }) => measure(rounds, say),
}

if (import.meta.main) {
  const [mode, kind, url = '', key = ''] = process.argv.slice(2)
  if (mode !== 'load') await runAlone(ingest)
  else {
    const sent = kind === 'copy' ? copyRows(url) : post(url, key, kind === 'paced' ? PACE_MS : 0)
    console.log(JSON.stringify(await sent))
  }
}
