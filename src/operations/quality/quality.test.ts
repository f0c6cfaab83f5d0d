import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { fullAccess, type Access } from '#model/access.ts'
import type { Tenant } from '#model/tenant.ts'
import { qualityChecks } from '#operations/quality/checks.ts'
import { qualityDays } from '#operations/quality/days.ts'
import { qualityOutcomes } from '#operations/quality/outcomes.ts'
import { countedDatasets } from '#operations/quality/scope.ts'
import { startRun } from '#operations/runs/start.ts'
import { profileColumns } from '#operations/profiles/columns.ts'
import { showProfile } from '#operations/profiles/show.ts'
import { sourceArrivals } from '#operations/sources/arrivals.ts'
import { listSources } from '#operations/sources/list.ts'
import { showSource } from '#operations/sources/show.ts'
import { testSource } from '#operations/sources/test.ts'
import { buildReadings } from '../../../test/support/build-readings.ts'
import { ownDatabase } from '../../../test/support/own-database.ts'
import type { TestContext } from 'node:test'

const places = {
  PGlite: async () => ({}),
  async PostgreSQL(t: TestContext) {
    const databaseUrl = await ownDatabase(t)
    return databaseUrl === null ? null : { databaseUrl }
  },
}

const files = {
  'analyses/meter_days.sql': `-- Sum of each meter, day by day.
-- partition: day
-- check: filled blocking not null meter
-- check: small warning each total < 100
-- order: meter
SELECT meter, CAST(sum(value) AS BIGINT) AS total FROM readings GROUP BY meter
`,
}

for (const [engine, open] of Object.entries(places)) {
  test(`on ${engine}: checks, arrivals, columns and profiles tell what came in`, async (t) => {
    const place = await open(t)
    if (!place) return t.skip('no PostgreSQL is installed')
    const readings = await buildReadings(t, ['acme', 'other'], { ...place, files })
    const [acme, other] = readings.tenants as readonly [Tenant, Tenant]
    await readings.put(acme, '2021-04', [
      '2021-04-01,north,10',
      '2021-04-01,south,20',
      '2021-04-02,north,500',
      'yesterday,north,1',
    ])
    await readings.put(acme, '2021-05', ['2021-05-01,north,1'])
    const door = await readings.door(acme)
    const ran = async (partition: string) => {
      const { run } = await door.invoke(startRun, {
        datasets: ['readings'],
        partition,
        downstream: true,
      })
      assert.ok(run)
      assert.equal(await readings.ended(acme, run.id), 'done')
    }
    await ran('2021-04..2021-05')

    const days = await door.invoke(qualityChecks, {})
    assert.equal(days.days.length, 31)
    const [today = ''] = days.days.slice(-1)
    assert.deepEqual(
      days.checks.map(({ dataset, check, severity, cells }) => ({
        of: `${dataset} ${check} ${severity}`,
        cells,
      })),
      [
        {
          of: 'meter_days filled blocking',
          cells: [{ slot: today, passed: 3, failed: 0, failingRows: 0 }],
        },
        {
          of: 'meter_days small warning',
          cells: [{ slot: today, passed: 2, failed: 1, failingRows: 1 }],
        },
      ],
    )
    const first = await door.invoke(qualityChecks, { limit: 1 })
    assert.equal(first.checks.length, 1)
    const second = await door.invoke(qualityChecks, { limit: 1, after: first.next ?? '' })
    assert.deepEqual(second.checks, days.checks.slice(1))
    assert.equal(second.next, null)
    const byKey = await door.invoke(qualityChecks, { by: 'partition', dataset: 'meter_days' })
    assert.deepEqual(
      byKey.checks[1]?.cells.map(({ slot, failed }) => [slot, failed]),
      [
        ['2021-04-01', 0],
        ['2021-04-02', 1],
        ['2021-05-01', 0],
      ],
    )
    const found = await door.invoke(qualityOutcomes, {
      dataset: 'meter_days',
      day: today,
      only: 'failed',
    })
    assert.deepEqual(
      found.outcomes.map(({ partition, check, failingRows, isCurrent }) => [
        partition,
        check,
        failingRows,
        isCurrent,
      ]),
      [['2021-04-02', 'small', 1, true]],
    )
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await door.invoke(qualityOutcomes, {
        dataset: 'meter_days',
        limit: 1,
        ...(after !== undefined && { after }),
      })
      seen.push(...page.outcomes.map(({ partition, check }) => `${partition} ${check}`))
      after = page.next ?? undefined
    } while (after !== undefined)
    assert.equal(new Set(seen).size, 6)
    assert.equal(seen.length, 6)

    const { days: line } = await door.invoke(qualityDays, { days: 2 })
    assert.deepEqual(line[1], {
      day: today,
      received: 5,
      accepted: 4,
      repaired: 0,
      quarantined: 1,
      passed: 5,
      warned: 1,
      blocked: 0,
      score: 0.8 * (5 / 6),
    })
    assert.equal(line[0]?.score, null)

    const { sources } = await door.invoke(listSources, {})
    const source = sources.find((one) => one.source === 'readings')
    assert.deepEqual(
      [source?.source, source?.state, source?.partitions, source?.received, source?.quarantined],
      ['readings', 'good', 2, 5, 1],
    )
    assert.deepEqual(source?.days.at(-1), { day: today, arrivals: 2, received: 5, quarantined: 1 })
    const shown = await door.invoke(showSource, { dataset: 'readings' })
    assert.deepEqual(
      shown.columns.map(({ name, isOptional }) => [name, isOptional]),
      [
        ['at', false],
        ['meter', true],
        ['value', false],
      ],
    )
    const { arrivals } = await door.invoke(sourceArrivals, { dataset: 'readings', days: 3 })
    assert.deepEqual(
      new Map(arrivals.map(({ partition, received, reasons }) => [partition, [received, reasons]])),
      new Map([
        ['2021-05', [1, []]],
        ['2021-04', [4, [{ reason: 'at-unreadable', rows: 1 }]]],
      ]),
    )

    const profile = await door.invoke(showProfile, { dataset: 'readings', partition: '2021-04' })
    assert.equal(profile.rows, 3)
    assert.equal(profile.sampledOf, null)
    const column = (name: string) => profile.columns.find((one) => one.name === name)
    assert.deepEqual(column('meter')?.top, [
      { value: 'north', rows: 2 },
      { value: 'south', rows: 1 },
    ])
    const value = column('value')
    assert.deepEqual(
      [value?.kind, value?.least, value?.most, value?.median, value?.nulls, value?.distinct],
      ['number', '10', '500', '20', 0, 3],
    )
    assert.deepEqual([value?.bins[0], value?.bins[19], value?.bins.length], [2, 1, 20])
    assert.equal(
      column('at')?.bins.reduce((sum, rows) => sum + rows, 0),
      3,
    )

    await assert.rejects(
      (await readings.door(other)).invoke(showProfile, { dataset: 'readings' }),
      (error) => error instanceof MillraceError && error.code === 'rows-unpublished',
    )
    const { changes } = await door.invoke(profileColumns, { dataset: 'readings' })
    assert.deepEqual(
      changes.map(({ isFirst, columns }) => [isFirst, columns.map(({ name }) => name)]),
      [[true, ['at', 'meter', 'value']]],
    )

    const looked = await door.invoke(testSource, { dataset: 'readings' })
    assert.equal(looked.objects, 2)
    assert.equal(looked.newest[0]?.partition, '2021-05')
    assert.deepEqual(
      [looked.columns, looked.missing, looked.extra],
      [['at', 'meter', 'value'], [], []],
    )
    await assert.rejects(
      door.invoke(testSource, { dataset: 'readings', location: '/no/such/{yyyy}-{MM}-{dd}.csv' }),
      (error) => error instanceof MillraceError && error.code === 'location-invalid',
    )
    await assert.rejects(
      door.invoke(testSource, {
        dataset: 'readings',
        location: 's3://b/{yyyy}-{MM}.csv',
        endpoint: 'http://169.254.169.254',
        anonymous: true,
      }),
      (error) => error instanceof MillraceError && error.code === 'egress-denied',
    )
  })
}

test('of a dataset that somebody sees in part nothing is counted for him', () => {
  const parts = {
    factory: { datasets: [{ name: 'readings' }, { name: 'meter_days' }, { name: 'hidden' }] },
  } as never
  const names = (access: Access) =>
    countedDatasets(parts, { access } as never, undefined).map(({ name }) => name)
  assert.deepEqual(names(fullAccess), ['readings', 'meter_days', 'hidden'])
  const filter = { column: 'meter', op: 'eq', value: 'north' } as const
  assert.deepEqual(
    names({ endpoints: ['readings', 'meter_days'], columns: {}, rows: { readings: [filter] } }),
    ['meter_days'],
  )
})
