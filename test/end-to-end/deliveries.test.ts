import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { afterwards } from '../support/afterwards.ts'
import type { ShownDelivery } from '../support/delivery-world.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { buildFolder } from '../support/open-parts.ts'
import { findPostgres, startPostgres } from '../support/postgres-server.ts'
import { useS3Server } from '../support/s3-server.ts'
import { sharedDeployment, until, type DeploymentProcess } from '../support/shared-deployment.ts'

const s3 = useS3Server()
const months = ['2021-01', '2021-02']
const tenants = ['acme', 'beta', 'carol']

s3.test(
  'a delivery whose worker is killed or stalls gives the bytes of one that nobody disturbed, once',
  async (t) => {
    const bin = findPostgres()
    if (bin === null) return t.skip('no PostgreSQL is installed')
    const folder = await buildFolder(t, 'millrace-delivered-data')
    await writeTwin(folder, { seed: 3, months, rowsPerMonth: 3_000 })
    const location = join(folder, '{yyyy}', '{MM}', 'events.csv')
    const postgres = await startPostgres(bin)
    afterwards(t, () => postgres.stop('crash'))
    const bucket = await s3.bucket('delivered')

    // The first upload of a delivery's file, where one is to be held.
    let armed: { readonly seen: () => void; readonly until: Promise<void> } | null = null
    const proxy = await startFaultProxy(t, s3.endpoint, ({ method, path }) => {
      if (armed === null || method !== 'PUT' || !path.includes('/deliveries/')) return undefined
      const { seen, until: released } = armed
      armed = null
      seen()
      return { kind: 'after', act: () => released }
    })
    const deployment = await sharedDeployment(t, {
      databaseUrl: postgres.url('postgres'),
      bucket,
      endpoint: proxy.url,
    })
    const api = await deployment.start('serve', '--parts', 'api,scheduler')
    const first = await deployment.start('worker', '--slots', '1')
    for (const name of tenants) {
      await deployment.ask(api.address, 'default', '/v1/tenants', { slug: name })
      await deployment.ask(api.address, name, '/v1/sources/events/options', { location })
      const { run } = await deployment.ask<{ run: { id: string } }>(api.address, name, '/v1/runs', {
        datasets: ['events'],
      })
      await until(async () => {
        const seen = await deployment.ask<{ run: { state: string } }>(
          api.address,
          name,
          `/v1/runs/${run.id}`,
        )
        return seen.run.state === 'done' ? seen : null
      })
    }
    const begin = (tenant: string) =>
      deployment.ask<ShownDelivery>(api.address, tenant, '/v1/deliveries', { dataset: 'events' })
    const show = (tenant: string, id: string) =>
      deployment.ask<ShownDelivery>(api.address, tenant, `/v1/deliveries/${id}`)
    const ready = (tenant: string, id: string) =>
      until(async () => {
        const shown = await show(tenant, id)
        assert.notEqual(shown.state, 'failed', JSON.stringify(shown))
        return shown.state === 'ready' ? shown : null
      })
    const fetched = async ({ link }: ShownDelivery): Promise<string> => {
      const url = new URL(link ?? '')
      const response = await fetch(`${api.address}${url.pathname}${url.search}`)
      assert.equal(response.status, 200)
      return createHash('sha256')
        .update(Buffer.from(await response.arrayBuffer()))
        .digest('hex')
    }

    const undisturbed = await ready('acme', (await begin('acme')).id)
    assert.ok((undisturbed.rows ?? 0) > 5_000)
    assert.equal(await fetched(undisturbed), undisturbed.sha256)

    async function heldIn(tenant: string): Promise<{ id: string; release: () => void }> {
      const seen = Promise.withResolvers<void>()
      const held = Promise.withResolvers<void>()
      t.after(() => held.resolve())
      armed = { seen: seen.resolve, until: held.promise }
      const { id } = await begin(tenant)
      await seen.promise
      return { id, release: held.resolve }
    }

    // Killed while it uploads: another one does it from the first row.
    const killed = await heldIn('beta')
    first.child.kill('SIGKILL')
    const second: DeploymentProcess = await deployment.start('worker', '--slots', '1')
    const resumed = await ready('beta', killed.id)
    assert.deepEqual([resumed.sha256, resumed.attempts], [undisturbed.sha256, 2])
    assert.equal(await fetched(resumed), undisturbed.sha256)
    killed.release()

    // Stopped for longer than its lease, then it goes on: what it has publishes nothing.
    const stalled = await heldIn('carol')
    second.child.kill('SIGSTOP')
    await deployment.start('worker', '--slots', '1')
    const taken = await ready('carol', stalled.id)
    assert.deepEqual([taken.sha256, taken.attempts], [undisturbed.sha256, 2])
    stalled.release()
    second.child.kill('SIGCONT')
    assert.equal(await second.stop(), 0)
    const after = await show('carol', stalled.id)
    assert.deepEqual([after.state, after.sha256, after.attempts], ['ready', taken.sha256, 2])
    assert.equal(await fetched(after), undisturbed.sha256)
  },
)
