import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { buildFolder } from '../support/open-parts.ts'
import { runCampaign } from './campaign.ts'
import { startLife, type LifeEnd } from './life.ts'
import { plantedWraps, type Planted } from './planted.ts'

const TIMES = 20
const SEEDS = [20, 21]

describe('killed at random moments', { timeout: 290_000 }, () => {
  test(`${TIMES} kills lose nothing, show nothing by halves, and the next run ends the work`, async (t) => {
    // Two at a time: each leaves a core idle while its home is opened.
    const results = await Promise.all(
      SEEDS.map(async (seed) => {
        const folder = await buildFolder(t, 'millrace-chaos')
        const times = TIMES / SEEDS.length
        return runCampaign({ times, seed, folder, months: ['2021-04'], rowsPerMonth: 200 })
      }),
    )
    for (const result of results) {
      t.diagnostic(JSON.stringify({ ...result, faults: result.faults.length }))
      assert.deepEqual(result.faults, [])
      assert.equal(result.lost, 0)
      assert.equal(result.halfVisible, 0)
      assert.equal(result.kills, TIMES / SEEDS.length)
      assert.ok(result.resumed > 0, 'a run went on where a killed one had stopped')
    }
  })

  for (const planted of Object.keys(plantedWraps) as Planted[]) {
    test(`a planted fault in the order of a publish is found: ${planted}`, async (t) => {
      const { faults } = await lookAfterKill(t, planted)
      t.diagnostic(faults[0] ?? 'no fault')
      assert.notDeepEqual(faults, [])
    })
  }

  test('without a planted fault nothing is found at the same moment', async (t) => {
    const { faults, servedAtStart } = await lookAfterKill(t, null)
    assert.deepEqual(faults, [])
    assert.ok((servedAtStart?.length ?? 0) > 0)
  })
})

/** Kills right after the first commit of a publish; what the next life finds when it opens the home. */
async function lookAfterKill(t: TestContext, planted: Planted | null): Promise<LifeEnd> {
  const folder = await buildFolder(t, 'millrace-chaos')
  const months = ['2021-04']
  await writeTwin(join(folder, 'events'), { seed: 1, months, rowsPerMonth: 200 })
  const home = join(folder, 'home')
  await mkdir(home)
  const orders = { home, months, location: join(folder, 'events/{yyyy}/{MM}/events.csv') }
  const first = { ...orders, planted, dieAt: { point: 'publish.after-commit', nth: 1 } } as const
  const { killed } = await startLife(first).end(null)
  assert.ok(killed)
  const second = {
    ...orders,
    planted: null,
    dieAt: { point: 'run.before-commit', nth: 1 },
  } as const
  return startLife(second).end(null)
}
