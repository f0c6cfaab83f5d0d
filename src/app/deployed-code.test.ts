import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { listDeployments } from '#catalog/deployments.ts'
import { buildPack } from '../../test/support/build-pack.ts'
import {
  buildFolder,
  openMillrace,
  waitForEnd,
  type MillraceOptions,
} from '../../test/support/open-parts.ts'
import { publishedRows } from '../../test/support/published.ts'

const totals = (column: string) => `-- Totals of each month.
-- partition: month
-- input: orders same
SELECT sum(amount) AS ${column} FROM orders
`

const request = { datasets: ['totals'], partitions: null, mode: 'run' as const }
const why = { cause: 'test', title: 'totals' }

async function buildShop(t: TestContext) {
  const home = await buildFolder(t)
  const pack = await buildPack(t, { 'analyses/totals.sql': totals('former') })
  const data = await buildFolder(t, 'millrace-orders')
  await writeFile(join(data, '2024-01.csv'), 'id,at,amount\na,2024-01-02 03:04:05,1.50\n')
  const open = (options: MillraceOptions = {}) =>
    openMillrace(t, { home, packs: [pack.folder], ...options })
  return { home, pack, open, location: join(data, '{yyyy}-{MM}.csv') }
}

test('a run that an edit of its pack interrupted goes on with the code of its plan', async (t) => {
  const shop = await buildShop(t)
  const first = await shop.open({ working: false })
  await first.configure('orders', { location: shop.location })
  const { run } = await first.parts.factory.start(first.tenant, request, why)
  assert.ok(run)
  await first.close()

  await shop.pack.write('analyses/totals.sql', totals('edited'))
  const second = await shop.open()
  const view = await waitForEnd(second.parts, second.tenant, run.id)
  assert.equal(view.run.state, 'done', JSON.stringify(view.failures))
  assert.deepEqual(Object.keys((await publishedRows(second, 'totals'))[0] ?? {}).slice(-1), [
    'former',
  ])
  await second.runWell({ datasets: ['totals'] })
  assert.deepEqual(Object.keys((await publishedRows(second, 'totals'))[0] ?? {}).slice(-1), [
    'edited',
  ])
})

test('a home that starts again with the same packs deploys nothing new', async (t) => {
  const shop = await buildShop(t)
  const deployed = async () => {
    const { parts, close } = await shop.open({ working: false })
    const all = await parts.catalog.asSystem((session) => listDeployments(session, 10))
    await close()
    return all.map(({ id, deployedBy }) => [id, deployedBy])
  }
  assert.deepEqual(await deployed(), [[1, 'start']])
  assert.deepEqual(await deployed(), [[1, 'start']])
  await shop.pack.write('analyses/totals.sql', totals('edited'))
  assert.equal((await deployed()).length, 2)
})

test('a run whose code is gone fails, and says which code and what to do', async (t) => {
  const shop = await buildShop(t)
  const first = await shop.open({ working: false })
  await first.configure('orders', { location: shop.location })
  const { run } = await first.parts.factory.start(first.tenant, request, why)
  assert.ok(run)
  const hash = first.parts.deployed.current().code.hash
  await first.close()
  await shop.pack.write('analyses/totals.sql', totals('edited'))
  await rm(join(shop.home, 'lake', '.code', hash), { force: true })

  const second = await shop.open()
  const view = await waitForEnd(second.parts, second.tenant, run.id)
  assert.equal(view.run.state, 'failed')
  assert.match(JSON.stringify(view.failures), new RegExp(`deployed code ${hash} cannot be loaded`))
})
