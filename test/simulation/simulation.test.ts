import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { eachEngine, type TestEngine } from '../support/database.ts'
import { plantedFaults } from './planted.ts'
import type { Actor } from './schedule.ts'
import { simulate } from './simulation.ts'
import { openStore, type Store } from './store.ts'

const STEPS = 100
/** PGlite computes in this process, and takes four times as long. */
const SEEDS = { postgres: 200, pglite: 10 }
const SEEDS_FOR_PLANTED = 80

describe('a simulated deployment', { timeout: 290_000 }, () => {
  eachEngine((engine) => {
    const store = suiteStore(engine)

    test(`${SEEDS[engine.name]} seeds: nothing acknowledged is lost, nothing is published twice or stale, every run ends`, async (t) => {
      const coverage = new Map<string, number>()
      for (let seed = 1; seed <= SEEDS[engine.name]; seed++) {
        const result = await simulate(store(), { seed, steps: STEPS })
        assert.deepEqual(result.faults, [], `--seed ${seed} --steps ${STEPS}`)
        for (const [point, count] of result.coverage) {
          coverage.set(point, (coverage.get(point) ?? 0) + count)
        }
      }
      t.diagnostic([...coverage].map(([point, count]) => `${count} ${point}`).join(', '))
      assert.ok(coverage.size > 20, 'faults came by at many points')
    })

    test('one seed is one trace, whatever was simulated before', async () => {
      for (const seed of [3, 4]) {
        const first = await traceOf(store(), seed)
        const second = await traceOf(store(), seed)
        assert.deepEqual(second, first)
        assert.ok(first.length > STEPS)
      }
      assert.notDeepEqual(await traceOf(store(), 3), await traceOf(store(), 4))
    })

    for (const planted of plantedFaults) {
      test(
        `a planted fault is found: ${planted}`,
        { skip: engine.name === 'pglite' },
        async (t) => {
          for (let seed = 1; seed <= SEEDS_FOR_PLANTED; seed++) {
            const { faults } = await simulate(store(), { seed, steps: STEPS, planted })
            if (faults.length === 0) continue
            return t.diagnostic(`by seed ${seed}: ${faults[0]}`)
          }
          assert.fail(`no seed up to ${SEEDS_FOR_PLANTED} found it`)
        },
      )
    }
  })
})

async function traceOf(store: Store<Actor>, seed: number): Promise<string[]> {
  const lines: string[] = []
  await simulate(store, { seed, steps: STEPS, trace: (line) => lines.push(line) })
  return lines
}

function suiteStore(engine: TestEngine): () => Store<Actor> {
  let opened: Store<Actor> | null = null
  before(async () => {
    opened = await openStore(engine.name)
  })
  after(() => opened?.close())
  return () => opened as Store<Actor>
}
