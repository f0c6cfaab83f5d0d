import assert from 'node:assert/strict'
import { test } from 'node:test'

import { setSourceOptions } from '#catalog/options.ts'
import { createBackfillOperation } from '#operations/backfills/create.ts'
import { planBackfillOperation } from '#operations/backfills/plan.ts'
import { showBackfill } from '#operations/backfills/show.ts'
import { buildReadings, until } from '../support/build-readings.ts'

const april = ['2024-04-01,north,1', '2024-04-02,north,2']
const region = { datasets: ['readings'] }

test('a plan over several tenants counts each of them, and names those that cannot be planned', async (t) => {
  const readings = await buildReadings(t, ['acme', 'bolt', 'core', 'idle'])
  const [acme, bolt, core, idle] = readings.tenants
  assert.ok(acme && bolt && core && idle)
  await readings.put(acme, '2024-04', april)
  await readings.put(acme, '2024-05', ['2024-05-01,north,5'])
  await readings.put(bolt, '2024-05', ['2024-05-01,north,5'])
  await readings.millrace.parts.catalog.asTenant(core, (session) =>
    setSourceOptions(session, 'readings', { location: 'ftp://nowhere/{yyyy}-{MM}.csv' }),
  )
  const door = await readings.door(acme)
  const plan = (more: object) => door.invoke(planBackfillOperation, { ...region, ...more })

  const answer = await plan({ allTenants: true })
  assert.deepEqual(
    answer.tenants.map(({ tenant, state, certain, later, first, last, error }) => [
      [tenant, state, certain, later, first, last],
      error?.code ?? null,
    ]),
    [
      [['acme', 'planned', 2, 2, '2024-04', '2024-05'], null],
      [['bolt', 'planned', 1, 2, '2024-05', '2024-05'], null],
      [['core', 'failed', 0, 0, null, null], 'connector-unknown'],
      [['default', 'nothing', 0, 0, null, null], 'source-unconfigured'],
      [['demo', 'nothing', 0, 0, null, null], 'source-unconfigured'],
      [['idle', 'nothing', 0, 0, null, null], null],
    ],
  )
  assert.match(answer.tenants[2]?.error?.message ?? '', /ftp:/)
  assert.deepEqual(
    [answer.totals.certain, answer.totals.planned, answer.totals.withoutEstimate],
    [3, 2, 2],
  )
  const made = await door.invoke(createBackfillOperation, { ...region, tenants: ['acme'] })
  await until(
    () => door.invoke(showBackfill, { backfill: made.id }),
    ({ backfill }) => backfill.endedAt !== null,
  )
  const again = await plan({ tenants: ['bolt', 'acme'], mode: 'rerun' })
  assert.deepEqual(
    again.tenants.map(({ tenant, certain, estimatedMs }) => [
      tenant,
      certain,
      estimatedMs !== null,
    ]),
    [
      ['acme', 2, true],
      ['bolt', 0, false],
    ],
  )

  const first = await plan({ allTenants: true, limit: 2 })
  assert.deepEqual([first.tenants.length, first.asked, first.next], [2, 6, 'bolt'])
  const rest = await plan({ allTenants: true, after: first.next ?? '' })
  assert.deepEqual(
    [rest.tenants.map(({ tenant }) => tenant), rest.next],
    [['core', 'default', 'demo', 'idle'], null],
  )
  await assert.rejects(plan({ tenants: ['acme', 'nobody'] }), { code: 'tenant-unknown' })
  await assert.rejects(plan({ datasets: ['nothing'] }), { code: 'dataset-unknown' })
})
