import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'

import { openCatalog } from '#catalog/open.ts'
import { runChaos, type ChaosResult } from '#chaos/chaos.ts'
import { cutConnections } from '#chaos/database-faults.ts'
import { openS3Proxy } from '#chaos/s3-proxy.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { seededRandom, systemRandom } from '#kernel/random.ts'
import { openLake } from '#lake/open-lake.ts'
import { startPostgres } from '../support/postgres-server.ts'

export interface SharedChaos {
  readonly seed: number
  readonly minutes: number
  readonly kills: number
  readonly stalls: number
  readonly report: (line: string) => void
}

const LEASE_MS = 2_000
const BUCKET = 'chaos'
const QUIET_PERCENT = 1
const BURST_PERCENT = 30
const BURST_MS = 3_000
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

/**
 * `millrace chaos` against a PostgreSQL and an S3 server of its own, so that these can be hit as well:
 * PostgreSQL restarts like after a crash, and S3 stutters in bursts.
 */
export async function runSharedChaos(
  programs: { readonly postgresBin: string; readonly s3Server: string },
  options: SharedChaos,
): Promise<{ result: ChaosResult; folder: string; s3: ReadonlyMap<string, number> }> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'))
  const postgres = await startPostgres(programs.postgresBin)
  const s3 = await startS3(programs.s3Server)
  const random = seededRandom(options.seed)
  const proxy = await openS3Proxy(s3.endpoint, { clock: systemClock, random })
  const url = postgres.url('postgres')
  const place = `s3://${BUCKET}/lake`
  const log = silentLogger
  const surroundings = { clock: systemClock, random: systemRandom, log }
  const catalog = await openCatalog({ url }, surroundings)
  const lake = await openLake({
    place,
    localFolder: join(folder, 'checker'),
    cacheMaxBytes: 1e9,
    s3: { endpoint: s3.endpoint, credentials },
    ...surroundings,
  })
  proxy.setRate(QUIET_PERCENT)
  try {
    const result = await runChaos(
      { catalog, lake },
      {
        ...options,
        quota: { kills: options.kills, stalls: options.stalls },
        workers: 3,
        leaseMs: LEASE_MS,
        folder,
        program: [process.execPath, join(import.meta.dirname, '../../bin/millrace.js')],
        environment: {
          DATABASE_URL: url,
          MILLRACE_LAKE: place,
          MILLRACE_S3_ENDPOINT: proxy.url,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          MILLRACE_LOG: 'warn',
          MILLRACE_MEMORY: '512MiB',
        },
        others: {
          'cut connections': () => cutConnections(url),
          'restart of PostgreSQL like after a crash': async () => {
            await postgres.stop('crash')
            await postgres.start()
          },
          'S3 stutters': async () => {
            proxy.setRate(BURST_PERCENT)
            await systemClock.sleep(BURST_MS)
            proxy.setRate(QUIET_PERCENT)
          },
        },
        clock: systemClock,
      },
    )
    return { result, folder, s3: proxy.counts }
  } finally {
    await catalog.close().catch(() => {})
    await lake.close()
    await proxy.close()
    s3.stop()
    await postgres.stop('crash')
  }
}

async function startS3(program: string): Promise<{ endpoint: string; stop(): void }> {
  const port = await freePort()
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  process.once('exit', () => child.kill('SIGKILL'))
  const endpoint = `http://127.0.0.1:${port}`
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  const untilMs = performance.now() + 30_000
  for (;;) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
      client.destroy()
      return { endpoint, stop: () => void child.kill('SIGKILL') }
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await systemClock.sleep(100)
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
