import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { eachEngine, type TestEngine } from '../support/database.ts'
import { plantedFaults } from './planted.ts'
import type { Actor } from './schedule.ts'
import { simulate } from './simulation.ts'
import { openStore, type Store } from './store.ts'

const STEPS = 80
/** PGlite computes in this process, and takes four times as long. */
const SEEDS = { postgres: 200, pglite: 5 }
/** Each on a database of its own: while one waits for its server another goes on. */
const AT_ONCE = { postgres: 3, pglite: 1 }
/** The rarest of the planted faults shows in one seed of sixty, where it goes on for long enough. */
const PLANTED = { first: 110, last: 300, steps: 150 }

describe('a simulated deployment', { timeout: 580_000 }, () => {
  eachEngine((engine) => {
    const stores = suiteStores(engine, AT_ONCE[engine.name])
    const store = () => stores()[0] as Store<Actor>

    test(`${SEEDS[engine.name]} seeds: nothing acknowledged is lost, nothing is published twice or stale, every run ends`, async (t) => {
      const coverage = new Map<string, number>()
      await forSeeds(stores(), 1, SEEDS[engine.name], async (own, seed) => {
        const result = await simulate(own, { seed, steps: STEPS })
        assert.deepEqual(result.faults, [], `--seed ${seed} --steps ${STEPS}`)
        for (const [point, count] of result.coverage) {
          coverage.set(point, (coverage.get(point) ?? 0) + count)
        }
        return true
      })
      t.diagnostic([...coverage].map(([point, count]) => `${count} ${point}`).join(', '))
      assert.ok(coverage.size > 20, 'faults came by at many points')
    })

    test('one seed is one trace, whatever was simulated before', async () => {
      for (const seed of [3, 4]) {
        const first = await traceOf(store(), seed)
        const second = await traceOf(stores().at(-1) as Store<Actor>, seed)
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
          const found: string[] = []
          const { first, last, steps } = PLANTED
          await forSeeds(stores(), first, last, async (own, seed) => {
            const { faults } = await simulate(own, { seed, steps, planted })
            found.push(...faults.slice(0, 1).map((fault) => `seed ${seed}: ${fault}`))
            return found.length === 0
          })
          assert.ok(found.length > 0, `no seed from ${first} to ${last} found it`)
          t.diagnostic(found[0] ?? '')
        },
      )
    }
  })
})

/** Seeds from `first`, dealt to the stores as each gets free; no further ones once `work` says false. */
async function forSeeds(
  stores: readonly Store<Actor>[],
  first: number,
  last: number,
  work: (store: Store<Actor>, seed: number) => Promise<boolean>,
): Promise<void> {
  let next = first
  await Promise.all(
    stores.map(async (store) => {
      while (next <= last) if (!(await work(store, next++))) next = last + 1
    }),
  )
}

async function traceOf(store: Store<Actor>, seed: number): Promise<string[]> {
  const lines: string[] = []
  await simulate(store, { seed, steps: STEPS, trace: (line) => lines.push(line) })
  return lines
}

function suiteStores(engine: TestEngine, count: number): () => readonly Store<Actor>[] {
  const opened: Store<Actor>[] = []
  before(async () => {
    // One after the other: the second finds the roles that the first has made.
    for (let number = 0; number < count; number++) opened.push(await openStore(engine.name))
  })
  after(async () => {
    for (const store of opened) await store.close()
  })
  return () => opened
}
