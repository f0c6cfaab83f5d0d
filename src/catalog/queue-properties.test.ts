import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'
import { openQueueWorld, queueStep } from '../../test/support/queue-world.ts'

const seeded = { seed: 20_210_417, numRuns: 12, endOnFailure: true }
const steps = fc.array(queueStep, { minLength: 15, maxLength: 40 })

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('no limit, key or rate is ever exceeded, nothing paused begins, and no slot stays free while something may start', async () => {
    let claims = 0
    await fc.assert(
      fc.asyncProperty(steps, async (acts) => {
        const world = await openQueueWorld(open())
        for (const act of acts) await world.act(act)
        await world.drain()
        claims += world.claimed
        assert.deepEqual(world.faults, [])
      }),
      seeded,
    )
    assert.ok(claims > 100, `only ${claims} tasks were claimed`)
  })

  // One engine is enough: it is the oracle that is tried here.
  if (engine.name !== 'pglite') return
  const planted = [
    [
      'limits and pauses concern nothing',
      `CREATE OR REPLACE FUNCTION queue_subjects(p_tenant int, p_dataset text, p_tags text[], p_run text,
         p_backfill text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT '{}'::text[] $$`,
    ],
    ['keys that have room again are not noted', 'DROP TRIGGER queue_note_changed ON task'],
  ] as const
  for (const [fault, sql] of planted) {
    test(`a planted fault is found: ${fault}`, async (t) => {
      const own: TestCatalog = await engine.open({ after: (close) => t.after(close) })
      await own.admin(sql)
      const found = await fc.check(
        fc.asyncProperty(steps, async (acts) => {
          const world = await openQueueWorld(own)
          for (const act of acts) await world.act(act)
          await world.drain()
          assert.deepEqual(world.faults, [])
        }),
        seeded,
      )
      assert.ok(found.failed)
    })
  }
})
