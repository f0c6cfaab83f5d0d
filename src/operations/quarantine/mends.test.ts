import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { downloadQuarantine } from '#operations/quarantine/download.ts'
import { fixQuarantine } from '#operations/quarantine/fix.ts'
import { quarantineFixes } from '#operations/quarantine/fixes.ts'
import { listQuarantine } from '#operations/quarantine/list.ts'
import { previewQuarantine } from '#operations/quarantine/preview.ts'
import { quarantineReasons } from '#operations/quarantine/reasons.ts'
import { replayQuarantine } from '#operations/quarantine/replay.ts'
import { createRepairRule } from '#operations/repairs/create.ts'
import { endRepairRule } from '#operations/repairs/end.ts'
import { listRepairRules } from '#operations/repairs/list.ts'
import { startRun } from '#operations/runs/start.ts'
import { datasetRows } from '#operations/datasets/rows.ts'
import type { Tenant } from '#model/tenant.ts'
import { ownDatabase } from '../../../test/support/own-database.ts'
import { buildReadings, type Readings } from '../../../test/support/build-readings.ts'

const APRIL = [
  '2021-04-01,north,10',
  'yesterday,south,20',
  '2021-04-02,north,x',
  '03.04.2021,south,5',
  '2021-04-04,north',
]

async function millrace(readings: Readings, tenant: Tenant) {
  const door = await readings.door(tenant)
  const run = async (partition: string) => {
    const { run: started } = await door.invoke(startRun, { datasets: ['readings'], partition })
    return started && readings.ended(tenant, started.id)
  }
  const replay = async () => {
    const answer = await door.invoke(replayQuarantine, { dataset: 'readings' })
    if (answer.run) assert.equal(await readings.ended(tenant, answer.run.id), 'done')
    return answer
  }
  const counts = async (partition: string) => {
    const [one] = (await door.invoke(listQuarantine, { dataset: 'readings', partition })).partitions
    return [one?.received, one?.accepted, one?.repaired, one?.quarantined]
  }
  return { door, run, replay, counts }
}

const places = {
  PGlite: async () => ({}),
  async PostgreSQL(t: TestContext) {
    const databaseUrl = await ownDatabase(t)
    return databaseUrl === null ? null : { databaseUrl }
  },
}

for (const [engine, open] of Object.entries(places)) {
  describe(`on ${engine}`, () => {
    test('rows that were held back are counted, listed by pages, fixed, previewed and read again', async (t) => {
      const place = await open(t)
      if (!place) return t.skip('no PostgreSQL is installed')
      const readings = await buildReadings(t, ['acme', 'other'], place)
      const [acme, other] = readings.tenants as readonly [Tenant, Tenant]
      await readings.put(acme, '2021-04', APRIL)
      await readings.put(acme, '2021-05', ['2021-05-01,north,1', 'bad,north,1'])
      const { door, run, replay, counts } = await millrace(readings, acme)
      assert.equal(await run('2021-04..2021-05'), 'done')
      assert.deepEqual(await counts('2021-04'), [5, 1, 0, 4])

      const { partitions } = await door.invoke(quarantineReasons, {})
      assert.deepEqual(
        partitions.map(({ partition, quarantined }) => [partition, quarantined]),
        [
          ['2021-04', 4],
          ['2021-05', 1],
        ],
      )
      const first = await door.invoke(listQuarantine, { dataset: 'readings', limit: 3 })
      const second = await door.invoke(listQuarantine, {
        dataset: 'readings',
        limit: 3,
        after: first.next ?? '',
      })
      assert.equal(second.next, null)
      const held = [...first.rows, ...second.rows]
      assert.deepEqual(
        held.map(({ partition, line }) => `${partition}:${line}`),
        ['2021-04:3', '2021-04:4', '2021-04:5', '2021-04:6', '2021-05:3'],
      )
      const unreadable = await door.invoke(listQuarantine, {
        dataset: 'readings',
        reason: 'value-unreadable',
      })
      assert.deepEqual(
        unreadable.rows.map(({ raw }) => raw),
        ['2021-04-02,north,x'],
      )
      const download = await door.invoke(downloadQuarantine, {
        dataset: 'readings',
        format: 'ndjson',
      })
      const text = Buffer.concat(await (await download.open()).toArray()).toString()
      const lines = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { record: string })
      assert.deepEqual(
        lines.map(({ record }) => record),
        held.map(({ record }) => record),
      )
      assert.equal(download.rows, 5)

      const april = { dataset: 'readings', partition: '2021-04' }
      await door.invoke(fixQuarantine, { ...april, lines: [3], set: { at: '2021-04-09' } })
      await door.invoke(fixQuarantine, { ...april, records: [held[1]?.record ?? ''], replace: '2021-04-02,north,7' }) // prettier-ignore
      await door.invoke(fixQuarantine, {
        ...april,
        reason: 'field-count',
        drop: 'cut by the sender',
      })
      await door.invoke(createRepairRule, {
        name: 'german-dates',
        dataset: 'readings',
        column: 'at',
        kind: 'date-format',
        format: 'DD.MM.YYYY',
      })
      assert.deepEqual(await counts('2021-04'), [5, 1, 0, 4])

      const preview = await door.invoke(previewQuarantine, { dataset: 'readings' })
      const [before] = preview.partitions
      assert.deepEqual(before?.after, { received: 5, accepted: 1, repaired: 3, quarantined: 1 })
      const days = preview.effects.find(({ dataset }) => dataset === 'meter_days')
      assert.deepEqual(days?.changed, ['2021-04-02', '2021-04-03', '2021-04-09'])
      assert.deepEqual(days?.rows, { before: 0, after: 3 })
      const months = preview.effects.find(({ dataset }) => dataset === 'meter_months')
      assert.deepEqual(months?.sums, [{ column: 'total', before: '10', after: '42' }])

      const told = await replay()
      assert.deepEqual([told.fixes, told.repairs, told.partitions], [3, 1, ['2021-04', '2021-05']])
      assert.deepEqual(await counts('2021-04'), [5, 1, 3, 1])
      assert.deepEqual(await counts('2021-05'), [2, 1, 0, 1])
      const asked = { dataset: 'meter_months', partition: '2021-04', format: 'ndjson' } as const
      const shown = await (await door.invoke(datasetRows, asked)).open()
      const sums = Buffer.concat(await shown.toArray()).toString().trim().split('\n')
      .map((line) => JSON.parse(line) as { meter: string; total: unknown }) // prettier-ignore
      assert.deepEqual(
        sums.map(({ meter, total }) => [meter, Number(total)]),
        [
          ['north', 17],
          ['south', 25],
        ],
      )
      // What was applied is no reason to read anything again, and a plan finds nothing to do.
      assert.equal((await replay()).run, null)
      assert.equal(await run('2021-04..2021-05'), null)

      // An applied fix is mended otherwise, and taken back; a repair ends.
      const fixed = await door.invoke(quarantineFixes, { state: 'applied' })
      assert.equal(fixed.fixes.length, 3)
      await door.invoke(fixQuarantine, {
        ...april,
        records: [held[0]?.record ?? ''],
        withdraw: true,
      })
      await door.invoke(fixQuarantine, {
        ...april,
        records: [held[1]?.record ?? ''],
        set: { value: '8' },
      })
      assert.equal((await door.invoke(endRepairRule, { repair: 'german-dates' })).state, 'ending')
      await replay()
      assert.deepEqual(await counts('2021-04'), [5, 1, 1, 3])
      assert.deepEqual((await door.invoke(listRepairRules, {})).repairs, [])

      const elsewhere = await millrace(readings, other)
      assert.deepEqual((await elsewhere.door.invoke(quarantineFixes, {})).fixes, [])
      await assert.rejects(
        elsewhere.door.invoke(endRepairRule, { repair: 'german-dates' }),
        (error) => error instanceof MillraceError && error.code === 'repair-unknown',
      )
    })

    test('what cannot be meant is refused, and a file that came anew is read with its fixes', async (t) => {
      const place = await open(t)
      if (!place) return t.skip('no PostgreSQL is installed')
      const readings = await buildReadings(t, ['acme'], place)
      const [acme] = readings.tenants as readonly [Tenant]
      await readings.put(acme, '2021-04', APRIL)
      const { door, run, replay, counts } = await millrace(readings, acme)
      assert.equal(await run('2021-04'), 'done')
      const april = { dataset: 'readings', partition: '2021-04' }
      const refused = (asked: object, code: string) =>
        assert.rejects(
          door.invoke(fixQuarantine, { ...april, ...asked }),
          (error) => error instanceof MillraceError && error.code === code,
          JSON.stringify(asked),
        )
      await refused({ lines: [2], drop: 'good' }, 'record-unknown')
      await refused({ records: ['0'.repeat(32)], drop: 'none' }, 'record-unknown')
      await refused({ reason: 'no-such', drop: 'none' }, 'record-unknown')
      await refused({ lines: [3] }, 'fix-invalid')
      await refused({ lines: [3], drop: 'a', replace: 'b' }, 'fix-invalid')
      await refused({ lines: [3], reason: 'field-count', drop: 'a' }, 'fix-invalid')
      await refused({ lines: [3], set: { nothing: '1' } }, 'fix-invalid')
      await refused({ partition: '2021', lines: [3], drop: 'a' }, 'fix-invalid')
      const rule = { name: 'one', dataset: 'readings', column: 'at' } as const
      for (const bad of [
        { kind: 'date-format', format: 'DD.MM' },
        { kind: 'trim', length: 3 },
        { kind: 'map' },
        { kind: 'default' },
        { kind: 'trim', column: 'nothing' },
      ] as const) {
        await assert.rejects(
          door.invoke(createRepairRule, { ...rule, ...bad }),
          (error) => error instanceof MillraceError && error.code === 'repair-invalid',
          JSON.stringify(bad),
        )
      }
      await assert.rejects(
        replay(),
        (error) => error instanceof MillraceError && error.code === 'mends-none',
      )
      await door.invoke(fixQuarantine, { ...april, lines: [3], set: { at: '2021-04-09' } })
      await replay()
      assert.deepEqual(await counts('2021-04'), [5, 1, 1, 3])
      await readings.put(acme, '2021-04', ['2021-04-01,east,1', ...APRIL], Date.UTC(2030, 0, 1))
      assert.equal(await run('2021-04'), 'done')
      assert.deepEqual(await counts('2021-04'), [6, 2, 1, 3])
    })
  })
}
