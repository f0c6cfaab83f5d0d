import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { ListMultipartUploadsCommand, ListPartsCommand } from '@aws-sdk/client-s3'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { afterwards } from '../support/afterwards.ts'
import type { ShownDelivery } from '../support/delivery-world.ts'
import { startFaultProxy, type SeenRequest } from '../support/fault-proxy.ts'
import { buildFolder } from '../support/open-parts.ts'
import { findPostgres, startPostgres } from '../support/postgres-server.ts'
import { useS3Server } from '../support/s3-server.ts'
import { sharedDeployment, until } from '../support/shared-deployment.ts'

const s3 = useS3Server()
const PART_BYTES = 16 * 1024 * 1024

interface Watched extends ShownDelivery {
  readonly task: number
  readonly progress: { readonly bytes: number } | null
}

s3.test(
  'a delivery whose worker is killed in its upload goes on behind the parts that have arrived',
  async (t) => {
    const bin = findPostgres()
    if (bin === null) return t.skip('no PostgreSQL is installed')
    const folder = await buildFolder(t, 'millrace-resumed-data')
    await writeTwin(folder, { seed: 4, months: ['2021-01'], rowsPerMonth: 160_000 })
    const location = join(folder, '{yyyy}', '{MM}', 'events.csv')
    const postgres = await startPostgres(bin)
    afterwards(t, () => postgres.stop('crash'))
    const bucket = await s3.bucket('resumed')

    // The second part of a delivery's file, once, where it is to be held.
    const held = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    t.after(() => released.resolve())
    let armed = false
    const proxy = await startFaultProxy(t, s3.endpoint, (request) => {
      if (!armed || partOf(request) !== 2) return undefined
      armed = false
      held.resolve()
      return { kind: 'after', act: () => released.promise }
    })
    const deployment = await sharedDeployment(t, {
      databaseUrl: postgres.url('postgres'),
      bucket,
      endpoint: proxy.url,
    })
    const { ask } = deployment
    const { address } = await deployment.start('serve', '--parts', 'api,scheduler')
    const first = await deployment.start('worker', '--slots', '1')
    for (const name of ['acme', 'beta']) {
      await ask(address, 'default', '/v1/tenants', { slug: name })
      await ask(address, name, '/v1/sources/events/options', { location })
      const wish = { datasets: ['events'], downstream: false }
      const { run } = await ask<{ run: { id: string } }>(address, name, '/v1/runs', wish)
      await until(async () => {
        const shown = await ask<{ run: { state: string } }>(address, name, `/v1/runs/${run.id}`)
        return shown.run.state === 'done' ? shown : null
      })
    }
    const begin = (tenant: string) =>
      ask<Watched>(address, tenant, '/v1/deliveries', { dataset: 'events', format: 'csv' })
    const show = (tenant: string, id: string) =>
      ask<Watched>(address, tenant, `/v1/deliveries/${id}`)

    const { id: one } = await begin('acme')
    const undisturbed = await until(async () => {
      const shown = await show('acme', one)
      return shown.state === 'ready' ? shown : null
    })
    assert.ok((undisturbed.sizeBytes ?? 0) > PART_BYTES)

    armed = true
    const { id } = await begin('beta')
    await held.promise
    await until(async () => {
      const list = new ListMultipartUploadsCommand({ Bucket: bucket })
      const [upload] = (await s3.client.send(list)).Uploads ?? []
      const { Key, UploadId } = upload ?? {}
      if (Key === undefined) return null
      const parts = new ListPartsCommand({ Bucket: bucket, Key, UploadId })
      return (await s3.client.send(parts)).Parts?.length === 1 ? upload : null
    })
    first.child.kill('SIGKILL')
    const killedAt = proxy.seen.length
    let bytes = (await show('beta', id)).progress?.bytes ?? 0
    await deployment.startIn(first.home, 'worker', '--slots', '1')
    const resumed = await until(async () => {
      const shown = await show('beta', id)
      assert.notEqual(shown.state, 'failed', JSON.stringify(shown))
      if (shown.state === 'ready') return shown
      const now = shown.progress?.bytes ?? 0
      assert.ok(now >= bytes, `progress fell from ${bytes} to ${now}`)
      bytes = now
      return null
    })
    assert.deepEqual([resumed.sha256, resumed.attempts], [undisturbed.sha256, 2])
    const sentAgain = proxy.seen.slice(killedAt).filter(isUpload).map(bodyOf)
    assert.deepEqual(sentAgain, [(resumed.sizeBytes ?? 0) - PART_BYTES])
    const { lines } = await ask<{ lines: { message: string }[] }>(
      address,
      'beta',
      `/v1/tasks/${resumed.task}/logs`,
    )
    const text = lines.map(({ message }) => message).join('\n')
    assert.match(text, /an earlier attempt has left 1\d\d,?\d\d\d rows/)
    assert.doesNotMatch(text, /reading the answer/)
    const url = new URL(resumed.link ?? '')
    const response = await fetch(`${address}${url.pathname}${url.search}`)
    const file = Buffer.from(await response.arrayBuffer())
    assert.equal(createHash('sha256').update(file).digest('hex'), undisturbed.sha256)
  },
)

function isUpload({ method, path }: SeenRequest): boolean {
  return method === 'PUT' && path.includes('/deliveries/')
}

function partOf(request: SeenRequest): number | null {
  const number = isUpload(request) ? /[?&]partNumber=(\d+)/.exec(request.path)?.[1] : undefined
  return number === undefined ? null : Number(number)
}

function bodyOf({ headers }: SeenRequest): number {
  return Number(headers['content-length'])
}
