import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createBackfillOperation } from '#operations/backfills/create.ts'
import { showBackfill } from '#operations/backfills/show.ts'
import { buildReadings, until } from '../support/build-readings.ts'

const TENANTS = 30
const april = ['2024-04-01,north,1', '2024-04-02,north,2']
const region = { datasets: ['readings'] }

test('a backfill over many tenants plans and runs each of them once', async (t) => {
  const slugs = Array.from({ length: TENANTS }, (_, at) => `t${String(at).padStart(3, '0')}`)
  const readings = await buildReadings(t, slugs)
  for (const tenant of readings.tenants) await readings.put(tenant, '2024-04', april)
  const [first] = readings.tenants
  assert.ok(first)
  const door = await readings.door(first)
  const wanted = { ...region, downstream: false, tenants: slugs }
  const made = await door.invoke(createBackfillOperation, wanted)
  const done = await until(
    () => door.invoke(showBackfill, { backfill: made.id, limit: 1 }),
    ({ backfill }) => backfill.endedAt !== null,
    400_000,
  )
  assert.equal(done.backfill.state, 'done')
  assert.equal(done.backfill.tenants.done, TENANTS)
  assert.equal(done.backfill.tasks.done, TENANTS)
  const { tenants } = await door.invoke(showBackfill, { backfill: made.id })
  assert.deepEqual(
    tenants.map(({ tenant, state, tasks }) => [tenant, state, tasks]),
    slugs.map((slug) => [slug, 'done', 1]),
  )
  assert.equal(new Set(tenants.map(({ runId }) => runId)).size, TENANTS)
  const again = await door.invoke(createBackfillOperation, wanted)
  const idle = await until(
    () => door.invoke(showBackfill, { backfill: again.id, limit: 1 }),
    ({ backfill }) => backfill.endedAt !== null,
  )
  assert.deepEqual([idle.backfill.tenants.nothing, idle.backfill.tasks.total], [TENANTS, 0])
})
