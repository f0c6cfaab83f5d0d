import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { sweepDeliveries } from '#catalog/delivery-sweep.ts'
import { revokeKey } from '#catalog/keys.ts'
import { sweepLake } from '#factory/sweep-lake.ts'
import { systemClock } from '#kernel/clock.ts'
import { entryLines } from '../../../test/support/answer-world.ts'
import { openDeliveryWorld, type DeliveryWorld } from '../../../test/support/delivery-world.ts'

let world: DeliveryWorld

before(async () => {
  world = await openDeliveryWorld()
  await world.publish('2021-03', entryLines('2021-03', 50))
})
after(() => world.close())

/** Files of deliveries, as old as if the sweep could take them. */
async function deliveredFiles(): Promise<string[]> {
  const lake = join(world.server.home, 'lake')
  const paths = globSync('*/deliveries/**/*.csv', { cwd: lake }).map((path) => join(lake, path))
  const old = new Date(systemClock.now().getTime() - 86_400_000)
  for (const path of paths) await utimes(path, old, old)
  return paths
}

const body = { dataset: 'entries', format: 'csv' }
const admin = (text: string) =>
  world.server.open.catalog.asTenant(world.tenant, (session) =>
    session.query(text, [world.tenant.id]),
  )

test('a file stays while a delivery wants it, and goes with the last one', async () => {
  const { id } = await world.create(body)
  const { link } = await world.until(id, 'ready')
  const { catalog, lake } = world.server.open
  assert.equal((await deliveredFiles()).length, 1)
  await sweepLake({ catalog, lake }, 0)
  assert.equal((await world.follow(link)).status, 200)

  await admin(`UPDATE delivery SET expires_at = millrace_now() WHERE tenant_id = $1`)
  await admin(
    `UPDATE delivery_artefact SET used_at = millrace_now() - interval '1 hour' WHERE tenant_id = $1`,
  )
  const paths = await catalog.asSystem((session) => sweepDeliveries(session, 1e9, 10))
  assert.equal(paths.length, 1)
  await lake.remove(paths)
  assert.deepEqual(await deliveredFiles(), [])
  assert.equal((await world.follow(link)).status, 404)
  assert.equal((await world.show(id)).state, 'expired')
})

test('a damaged file is never sent, and is made again for whoever asks next', async () => {
  const { id } = await world.create(body)
  const { link, sha256 } = await world.until(id, 'ready')
  const [path = ''] = await deliveredFiles()
  await writeFile(path, 'n,who\n1,mallory\n')
  const broken = await world.follow(link)
  assert.equal(broken.status, 500, broken.body)
  const again = await world.until((await world.create(body)).id, 'ready')
  assert.equal(again.sha256, sha256)
  assert.equal((await world.follow(link)).status, 200)
})

test('what somebody asked for who has lost the right meanwhile is not made', async () => {
  const pause = { scope: 'dataset', value: '(delivery)' }
  const { catalog } = world.server.open
  await catalog.asSystem((session) =>
    session.query(`SELECT pause_everywhere('dataset', $1, 'test')`, [pause.value]),
  )
  const key = await world.key()
  const { id } = await world.create({ ...body, format: 'ndjson' }, key)
  await catalog.asTenant(world.tenant, (session) =>
    revokeKey(session, /^mk_[^_]+/.exec(key)?.[0] ?? ''),
  )
  await catalog.asSystem((session) =>
    session.query(`SELECT resume_everywhere('dataset', $1)`, [pause.value]),
  )
  const failed = await world.until(id, 'failed')
  assert.equal(failed.error?.code, 'delivery-right-lost')
})
