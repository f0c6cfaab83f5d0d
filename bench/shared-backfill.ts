// A shared deployment at work: PostgreSQL, an S3 server, an API with scheduler and N workers as
// processes of their own backfill the same months for many tenants. Prints wall time and tasks a
// second, then compares the data versions of every tenant with those of an embedded run.
//
//   node bench/shared-backfill.ts --data <folder with {yyyy}/{MM}/events.csv>
//     [--tenants 20] [--workers 3] [--slots 1]

import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { TestContext } from 'node:test'
import { parseArgs } from 'node:util'

import { openCatalog } from '#catalog/open.ts'
import { listPartitions, type PartitionRow } from '#catalog/state.ts'
import { listTenants } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { afterwards } from '../test/support/afterwards.ts'
import { buildFolder, openMillraceIn } from '../test/support/open-parts.ts'
import { findPostgres, startPostgres } from '../test/support/postgres-server.ts'
import { dataVersions, pointersOf } from '../test/support/published.ts'
import { sharedDeployment, until } from '../test/support/shared-deployment.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    tenants: { type: 'string', default: '20' },
    workers: { type: 'string', default: '3' },
    slots: { type: 'string', default: '1' },
  },
})
if (!values.data) throw new Error('--data <folder with {yyyy}/{MM}/events.csv> is needed')
const folder = resolve(values.data)
const months = globSync('*/*/events.csv', { cwd: folder }).length
if (months === 0) throw new Error(`${folder} holds no {yyyy}/{MM}/events.csv`)
const location = `${folder}/{yyyy}/{MM}/events.csv`

const closers: (() => unknown)[] = []
// What the parts of the tests need of a test: a place to leave what is to be closed.
const t = { after: (close: () => unknown) => void closers.push(close) } as unknown as TestContext

async function embedded(): Promise<{ versions: Record<string, string>; seconds: number }> {
  const millrace = await openMillraceIn(await buildFolder(t, 'millrace-embedded'))
  try {
    await millrace.configure('events', { location })
    const startedMs = performance.now()
    await millrace.runWell({ datasets: ['events'] })
    const seconds = (performance.now() - startedMs) / 1000
    return { versions: dataVersions(await pointersOf(millrace)), seconds }
  } finally {
    await millrace.close()
  }
}

async function startS3(): Promise<string> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  afterwards(t, async () => void server.kill('SIGKILL'))
  const endpoint = `http://127.0.0.1:${port}`
  await until(async () => ((await fetch(endpoint)).status > 0 ? true : null), 60_000)
  await fetch(`${endpoint}/backfill`, { method: 'PUT' })
  return endpoint
}

async function shared(): Promise<{ seconds: number; tasks: number; databaseUrl: string }> {
  const bin = findPostgres()
  if (bin === null) throw new Error('no PostgreSQL is installed')
  const postgres = await startPostgres(bin)
  afterwards(t, () => postgres.stop('crash'))
  const databaseUrl = postgres.url('postgres')
  const endpoint = await startS3()
  const deployment = await sharedDeployment(t, { databaseUrl, bucket: 'backfill', endpoint })
  const api = await deployment.start('serve', '--parts', 'api,scheduler')
  const names = Array.from({ length: Number(values.tenants) }, (_, at) => `tenant-${at + 1}`)
  for (const name of names) {
    await deployment.ask(api.address, 'default', '/v1/tenants', { slug: name })
    await deployment.ask(api.address, name, '/v1/sources/events/options', { location })
  }
  const workers = await Promise.all(
    Array.from({ length: Number(values.workers) }, () =>
      deployment.start('worker', '--slots', values.slots),
    ),
  )
  const startedMs = performance.now()
  const made = await deployment.ask<{ id: string }>(api.address, 'default', '/v1/backfills', {
    datasets: ['events'],
    tenants: names,
  })
  interface Shown {
    readonly state: string
    readonly tenants: Readonly<Record<string, number>>
    readonly tasks: Readonly<Record<string, number>>
  }
  let saidMs = startedMs
  const ended = await until(async () => {
    const { backfill } = await deployment.ask<{ backfill: Shown }>(
      api.address,
      'default',
      `/v1/backfills/${made.id}`,
    )
    const { state, tasks, tenants } = backfill
    if (performance.now() - saidMs > 15_000) {
      saidMs = performance.now()
      const seconds = Math.round((saidMs - startedMs) / 1000)
      console.log(`${seconds} s: ${tasks['done']} of ${tasks['total']} tasks`, tenants)
    }
    return state === 'planning' || state === 'running' ? null : backfill
  }, 7_200_000)
  const seconds = (performance.now() - startedMs) / 1000
  console.log(`the backfill ended ${ended.state}:`, ended.tenants, ended.tasks)
  for (const part of [...workers, api]) await part.stop()
  return { seconds, tasks: ended.tasks['total'] ?? 0, databaseUrl }
}

/** Tenants whose data versions are not these, with the first difference of each. */
async function differences(
  databaseUrl: string,
  expected: Readonly<Record<string, string>>,
): Promise<string[]> {
  const tools = { clock: systemClock, random: systemRandom, log: silentLogger }
  const catalog = await openCatalog({ url: databaseUrl }, tools)
  const datasets = new Set(Object.keys(expected).map((name) => name.split(' ')[0] as string))
  const found: string[] = []
  try {
    for (const tenant of await listTenants(catalog)) {
      if (!tenant.slug.startsWith('tenant-')) continue
      const rows = new Map<string, PartitionRow>()
      await catalog.asTenant(tenant, async (session) => {
        for (const name of datasets) {
          for (const row of await listPartitions(session, name)) {
            rows.set(`${name} ${row.partition}`, row)
          }
        }
      })
      const versions = dataVersions(rows)
      const odd = [...new Set([...Object.keys(expected), ...Object.keys(versions)])].filter(
        (name) => versions[name] !== expected[name],
      )
      if (odd.length > 0) found.push(`${tenant.slug}: ${odd.length} differ, first ${odd[0]}`)
    }
  } finally {
    await catalog.close()
  }
  return found
}

let failed = true
try {
  const alone = await embedded()
  const partitions = Object.keys(alone.versions).length
  console.log(`embedded: ${months} months, ${partitions} partitions, ${alone.seconds.toFixed(1)} s`)
  const { seconds, tasks, databaseUrl } = await shared()
  const rate = (tasks / seconds).toFixed(1)
  console.log(
    `shared: ${values.tenants} tenants, ${values.workers} workers of ${values.slots} slots: ${tasks} tasks in ${seconds.toFixed(1)} s, ${rate} a second`,
  )
  const odd = await differences(databaseUrl, alone.versions)
  for (const line of odd) console.log(line)
  failed = odd.length > 0
  if (!failed) {
    console.log(`data versions of all ${values.tenants} tenants equal those of the embedded run`)
  }
} finally {
  for (const close of closers.reverse()) await close()
}
process.exit(failed ? 1 : 0)
