import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { openCatalog } from '#catalog/open.ts'
import { listPartitions } from '#catalog/state.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { writeTwin } from '../../packs/events/samples/twin.ts'
import { afterwards } from '../support/afterwards.ts'
import { startFaultProxy, type Fault } from '../support/fault-proxy.ts'
import { buildFolder, openMillrace } from '../support/open-parts.ts'
import { findPostgres, startPostgres } from '../support/postgres-server.ts'
import { dataVersions, pointersOf } from '../support/published.ts'
import { useS3Server } from '../support/s3-server.ts'
import { sharedDeployment, until } from '../support/shared-deployment.ts'

const s3 = useS3Server()
const months = ['2021-01', '2021-02', '2021-03']
const tenants = ['acme', 'beta', 'carol']

/** Data versions of all that this data gives, as an embedded run publishes them. */
async function embeddedVersions(
  t: TestContext,
  location: string,
): Promise<{ readonly versions: Record<string, string>; readonly datasets: readonly string[] }> {
  const millrace = await openMillrace(t)
  await millrace.configure('events', { location })
  await millrace.runWell()
  const datasets = millrace.parts.factory.datasets.map(({ name }) => name)
  return { versions: dataVersions(await pointersOf(millrace)), datasets }
}

async function sharedVersions(
  t: TestContext,
  databaseUrl: string,
  datasets: readonly string[],
): Promise<Map<string, { versions: Record<string, string>; written: number; pointers: number }>> {
  const tools = { clock: systemClock, random: systemRandom, log: silentLogger }
  const catalog = await openCatalog({ url: databaseUrl }, tools)
  afterwards(t, () => catalog.close())
  const all = new Map()
  for (const slug of tenants) {
    const tenant = await tenantBySlug(catalog, slug)
    assert.ok(tenant)
    const found = await catalog.asTenant(tenant, async (session) => {
      const pointers = new Map()
      for (const name of datasets) {
        for (const row of await listPartitions(session, name)) {
          pointers.set(`${name} ${row.partition}`, row)
        }
      }
      const [row] = await session.query<{ written: number }>(
        'SELECT count(*)::int AS written FROM version WHERE tenant_id = $1',
        [tenant.id],
      )
      return { versions: dataVersions(pointers), written: row?.written, pointers: pointers.size }
    })
    all.set(slug, found)
  }
  return all
}

s3.test(
  'three workers on PostgreSQL and S3 publish what an embedded run does, once, through a crash of the database and a bad time of S3',
  async (t) => {
    const bin = findPostgres()
    if (bin === null) return t.skip('no PostgreSQL is installed')
    const folder = await buildFolder(t, 'millrace-shared-data')
    await writeTwin(folder, { seed: 3, months, rowsPerMonth: 300 })
    const location = join(folder, '{yyyy}', '{MM}', 'events.csv')
    const expected = await embeddedVersions(t, location)

    const postgres = await startPostgres(bin)
    afterwards(t, () => postgres.stop('crash'))
    const bucket = await s3.bucket('shared')
    let isBad = false
    const faults: readonly Fault[] = [
      { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' },
      { kind: 'answer', status: 500, body: '<Error><Code>InternalError</Code></Error>' },
      { kind: 'reset' },
      { kind: 'cut', afterBytes: 20 },
      { kind: 'slow', chunkBytes: 200, everyMs: 5 },
    ]
    let faulty = 0
    const proxy = await startFaultProxy(t, s3.endpoint, ({ number }) =>
      isBad && number % 4 === 0 ? faults[faulty++ % faults.length] : undefined,
    )
    const databaseUrl = postgres.url('postgres')
    const deployment = await sharedDeployment(t, { databaseUrl, bucket, endpoint: proxy.url })
    const api = await deployment.start('serve', '--parts', 'api,scheduler')
    for (const name of tenants) {
      await deployment.ask(api.address, 'default', '/v1/tenants', { slug: name })
      await deployment.ask(api.address, name, '/v1/sources/events/options', { location })
    }
    const workers = await Promise.all(
      [1, 2, 3].map(() => deployment.start('worker', '--slots', '1')),
    )
    const runs = new Map<string, string>()
    for (const name of tenants) {
      const started = await deployment.ask<{ run: { id: string } }>(
        api.address,
        name,
        '/v1/runs',
        {},
      )
      runs.set(name, started.run.id)
    }

    type View = {
      run: { state: string }
      failures: unknown[]
      datasets: { counts: { done: number } }[]
    }
    const view = (name: string) =>
      deployment.ask<View>(api.address, name, `/v1/runs/${runs.get(name)}`)
    await until(async () => {
      const { datasets } = await view('acme')
      return datasets.some(({ counts }) => counts.done > 0) ? true : null
    })
    isBad = true
    await postgres.stop('crash')
    await postgres.start()
    const seen = proxy.seen.length
    await until(async () => (proxy.seen.length > seen + 60 ? true : null), 60_000).catch(() => {})
    isBad = false
    assert.ok(faulty > 0, 'S3 had a bad time')

    for (const name of tenants) {
      const ended = await until(async () => {
        const now = await view(name)
        return now.run.state === 'running' ? null : now
      }, 240_000)
      assert.equal(ended.run.state, 'done', JSON.stringify(ended.failures))
    }
    for (const [name, found] of await sharedVersions(t, databaseUrl, expected.datasets)) {
      assert.deepEqual(found.versions, expected.versions, name)
      assert.equal(found.written, found.pointers, `${name}: each partition was published once`)
    }
    for (const part of [...workers, api]) assert.equal(await part.stop(), 0)
  },
)
