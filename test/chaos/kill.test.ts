import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { buildFolder } from '../support/open-parts.ts'
import { runCampaign } from './campaign.ts'
import { plantedWraps, type Planted } from './planted.ts'

const TIMES = 20

describe('killed at random moments', { timeout: 290_000 }, () => {
  test(`${TIMES} kills lose nothing, show nothing by halves, and the next run ends the work`, async (t) => {
    const folder = await buildFolder(t, 'millrace-chaos')
    const result = await runCampaign({ times: TIMES, seed: 20, folder })
    t.diagnostic(JSON.stringify({ ...result, faults: result.faults.length }))
    assert.deepEqual(result.faults, [])
    assert.equal(result.lost, 0)
    assert.equal(result.halfVisible, 0)
    assert.equal(result.kills, TIMES)
    assert.ok(result.resumed > 0, 'a run went on where a killed one had stopped')
  })

  for (const planted of Object.keys(plantedWraps) as Planted[]) {
    test(`a planted fault in the order of a publish is found: ${planted}`, async (t) => {
      const folder = await buildFolder(t, 'millrace-chaos')
      const options = { times: 12, seed: 3, folder, planted, kinds: ['point'] } as const
      const { faults } = await runCampaign({ ...options, months: ['2021-04'], rowsPerMonth: 200 })
      t.diagnostic(faults[0] ?? 'no fault')
      assert.notDeepEqual(faults, [])
    })
  }
})
