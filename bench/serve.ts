// An endpoint whose answer is in memory, beside a bare Fastify route that returns the same bytes. Each
// server listens in this process; the client is a process of its own.
//
//   node bench/serve.ts --rounds 5

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fastify, { type FastifyInstance } from 'fastify'

import { setDefaultRate, setTenantRate } from '#catalog/rates.ts'
import { entryLines, openAnswerWorld } from '../test/support/answer-world.ts'
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts'
import { runAlone, type Benchmark, type BenchmarkOptions } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'

const CONNECTIONS = 20
const REQUESTS = 4000
const HIGH = { perMinute: 60_000_000, burst: 10_000_000 }
const HOLD = 0.5

interface Pressed {
  readonly perSecond: number
  /** Time of the processor in this process for one answer, in microseconds. */
  readonly cpuMicros: number
}

/** Time of the processor says more than answers a second where others work on the machine, too. */
async function press(address: string, key: string): Promise<Pressed> {
  const client = join(import.meta.dirname, 'serve-client.ts')
  const args = [client, address, String(CONNECTIONS), String(REQUESTS), key]
  const before = process.cpuUsage()
  const { stdout } = await promisify(execFile)(process.execPath, args)
  const { user, system } = process.cpuUsage(before)
  const { perSecond } = JSON.parse(stdout) as { perSecond: number }
  return { perSecond, cpuMicros: (user + system) / REQUESTS }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

async function measure(
  databaseUrl: string | undefined,
  { rounds, say }: BenchmarkOptions,
): Promise<Figure> {
  const world = await openAnswerWorld({ databaseUrl })
  const bare: FastifyInstance = fastify()
  try {
    await world.publish('2021-04', entryLines('2021-04', 100))
    await world.server.open.catalog.asSystem(async (session) => {
      await setTenantRate(session, world.tenant.id, HIGH)
      await setDefaultRate(session, 'key', HIGH)
    })
    const key = await world.key()
    const own = await world.server.app.listen({ port: 0, host: '127.0.0.1' })
    const path = '/v1/endpoints/lines/rows'
    const answer = await world.get(path, key)
    bare.get('/rows', (_request, reply) =>
      reply.type('application/json; charset=utf-8').send(answer.bytes),
    )
    const peer = await bare.listen({ port: 0, host: '127.0.0.1' })
    const pressed = { own: [] as Pressed[], peer: [] as Pressed[] }
    await press(`${own}${path}`, key)
    await press(`${peer}/rows`, key)
    for (let round = 0; round < rounds; round++) {
      pressed.own.push(await press(`${own}${path}`, key))
      pressed.peer.push(await press(`${peer}/rows`, key))
      say(`round ${round + 1}: ${spoken(pressed.own.at(-1))} beside ${spoken(pressed.peer.at(-1))}`)
    }
    const of = (side: readonly Pressed[]) => ({
      perSecond: median(side.map(({ perSecond }) => perSecond)),
      cpuMicros: median(side.map(({ cpuMicros }) => cpuMicros)),
    })
    const [ours, theirs] = [of(pressed.own), of(pressed.peer)]
    const ratio = theirs.cpuMicros / ours.cpuMicros
    return {
      work: `cached endpoint, ${answer.bytes.byteLength} bytes, ${CONNECTIONS} connections, ${databaseUrl ? 'PostgreSQL' : 'embedded'}`,
      millrace: spoken(ours),
      peer: `${spoken(theirs)} bare`,
      ratio: `${ratio.toFixed(2)} x`,
      hold: `>= ${HOLD} x`,
      held: ratio >= HOLD,
    }
  } finally {
    await bare.close()
    await world.close()
  }
}

function spoken(pressed: Pressed | undefined): string {
  return `${pressed?.perSecond.toFixed(0)} /s, ${pressed?.cpuMicros.toFixed(0)} µs`
}

export const serve: Benchmark = {
  name: 'serve',
  title: 'an endpoint that is answered from memory, beside a bare route',
  async run(options) {
    const figures = [await measure(undefined, options)]
    const bin = findPostgres()
    if (bin === null)
      return [...figures, skipped('on PostgreSQL', 'no PostgreSQL is installed', `>= ${HOLD} x`)]
    const postgres = await startPostgres(bin)
    try {
      return [...figures, await measure(postgres.url('postgres'), options)]
    } finally {
      await postgres.stop('orderly')
    }
  },
}

if (import.meta.main) await runAlone(serve)
