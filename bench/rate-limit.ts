// What the rate limit costs a request: the cheapest operation there is, called over and over with one
// key by many at once, on a server that holds rates and on one that does not. Time of the processor,
// in the process of the server (and of the embedded catalog).
//
//   node bench/rate-limit.ts --rounds 7

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

import { openParts } from '#app/compose.ts'
import { parseConfig } from '#app/config.ts'
import { createKey } from '#catalog/keys.ts'
import { setDefaultRate, setTenantRate } from '#catalog/rates.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { toOperationParts } from '#cli/door/local-door.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCallers } from '#operations/open-callers.ts'
import { defineOperation } from '#operations/operation.ts'
import type { RateLimiter } from '#operations/rates/rate-limiter.ts'
import { createServer } from '#server/create-server.ts'
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { interleaved } from './measure.ts'

const REQUESTS = 4000
const AT_ONCE = 20
const HIGH = { perMinute: 60_000_000, burst: 10_000_000 }

const nothing = defineOperation({
  name: 'bench.nothing',
  summary: 'Nothing',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/nothing' },
  input: z.strictObject({}),
  output: z.object({}),
  handler: async () => ({}),
})

const unlimited: RateLimiter = { take: async () => ({ states: [], refused: null }) }

async function measure(databaseUrl: string | undefined, rounds: number): Promise<Figure> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const config = parseConfig({ MILLRACE_HOME: home, DATABASE_URL: databaseUrl })
  const tools = { clock: systemClock, random: systemRandom, log: silentLogger }
  const open = await openParts(config, { ...tools, deploys: false })
  try {
    const parts = await toOperationParts(open)
    const tenant = await tenantBySlug(open.catalog, 'default')
    if (!tenant) throw new Error('the tenant default is missing')
    await open.catalog.asSystem(async (session) => {
      await setTenantRate(session, tenant.id, HIGH)
      await setDefaultRate(session, 'key', HIGH)
    })
    const { id, key, hash } = mintKey(open.ids, open.random)
    await open.catalog.asTenant(tenant, (session) =>
      createKey(session, { id, hash, name: 'bench', permissions: ['read'] }),
    )
    const serverWith = (limiter?: RateLimiter) =>
      createServer({
        parts,
        operations: [nothing],
        callers: openCallers(parts),
        localKey: null,
        version: 'bench',
        stopping: new AbortController().signal,
        ready: async () => {},
        ...(limiter && { limiter }),
      })
    const servers = { held: serverWith(), free: serverWith(unlimited) }
    const press = async (app: typeof servers.held) => {
      const before = process.cpuUsage()
      let left = REQUESTS
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (left-- > 0) {
            const headers = { authorization: `Bearer ${key}` }
            const { statusCode } = await app.inject({ url: '/v1/nothing', headers })
            if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
          }
        }),
      )
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1000
    }
    await press(servers.held)
    await press(servers.free)
    const { millraceMs, peerMs } = await interleaved(
      rounds,
      () => press(servers.held),
      () => press(servers.free),
    )
    await servers.held.close()
    await servers.free.close()
    const each = (ms: number) => `${((ms / REQUESTS) * 1000).toFixed(0)} µs`
    const ratio = millraceMs / peerMs
    return {
      work: `a request with a key, ${AT_ONCE} at once, ${databaseUrl ? 'PostgreSQL' : 'embedded'}`,
      millrace: each(millraceMs),
      peer: `${each(peerMs)} without`,
      ratio: `${ratio.toFixed(2)} x`,
      hold: '<= 1.25 x',
      held: ratio <= 1.25,
    }
  } finally {
    await open.close()
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

export const rateLimit: Benchmark = {
  name: 'rate-limit',
  title: 'what holding the rates costs a request',
  async run({ rounds }) {
    const figures = [await measure(undefined, rounds)]
    const bin = findPostgres()
    if (bin === null)
      return [...figures, skipped('on PostgreSQL', 'no PostgreSQL is installed', '<= 1.25 x')]
    const postgres = await startPostgres(bin)
    try {
      return [...figures, await measure(postgres.url('postgres'), rounds)]
    } finally {
      await postgres.stop('orderly')
    }
  },
}

if (import.meta.main) await runAlone(rateLimit)
