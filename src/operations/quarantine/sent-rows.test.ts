import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { showAcknowledgement } from '#operations/acknowledgements/show.ts'
import { fixQuarantine } from '#operations/quarantine/fix.ts'
import { quarantineFixes } from '#operations/quarantine/fixes.ts'
import { listQuarantine } from '#operations/quarantine/list.ts'
import { previewQuarantine } from '#operations/quarantine/preview.ts'
import { replayQuarantine } from '#operations/quarantine/replay.ts'
import { listSources } from '#operations/sources/list.ts'
import { createRepairRule } from '#operations/repairs/create.ts'
import { withholdSubject } from '#operations/subjects/withhold.ts'
import { buildMeters, type MeterTenant } from '../../../test/support/build-meters.ts'
import { ownDatabase } from '../../../test/support/own-database.ts'

const places = {
  PGlite: async () => ({}),
  async PostgreSQL(t: TestContext) {
    const databaseUrl = await ownDatabase(t)
    return databaseUrl === null ? null : { databaseUrl }
  },
}

async function quarantineOf(own: MeterTenant, dataset: 'ticks' | 'arrivals' = 'ticks') {
  const door = await own.door()
  const list = () => door.invoke(listQuarantine, { dataset })
  return {
    door,
    list,
    async record(raw: RegExp): Promise<string> {
      const row = (await list()).rows.find((one) => raw.test(one.raw))
      assert.ok(row, String(raw))
      return row.record
    },
    /** The day on which everything of a test arrived; tests do not run at midnight. */
    async arrival(): Promise<string> {
      return (await list()).rows[0]?.partition ?? ''
    },
    async counts() {
      const sum = { received: 0, accepted: 0, repaired: 0, quarantined: 0 }
      for (const one of (await list()).partitions) {
        assert.equal(one.received, one.accepted + one.repaired + one.quarantined, one.partition)
        for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += one[key]
      }
      return Object.values(sum)
    },
    async replay() {
      const answer = await door.invoke(replayQuarantine, { dataset })
      assert.equal(answer.run, null)
      const ended = []
      for (const acknowledgement of answer.acknowledgements) {
        ended.push(await own.settled(acknowledgement))
      }
      return { ...answer, ended }
    },
    async shown(acknowledgement: string) {
      const one = await door.invoke(showAcknowledgement, { acknowledgement })
      const { received, accepted, repaired, quarantined, withheld, erased } = one
      const parts = [accepted, repaired, quarantined, withheld, erased]
      assert.equal(
        received,
        parts.reduce((sum: number, part) => sum + (part ?? 0), 0),
      )
      return [accepted, repaired, quarantined]
    },
  }
}

for (const [engine, open] of Object.entries(places)) {
  describe(`on ${engine}`, () => {
    test('rows that were sent are fixed, previewed and replayed once, and all counts add up', async (t) => {
      const place = await open(t)
      if (!place) return t.skip('no PostgreSQL is installed')
      const meters = await buildMeters(t, place)
      const own = await meters.tenant('acme')
      const other = await meters.tenant('other')
      const sent = await own.send(
        [
          '{"at":"2026-11-20T10:00:00","meter":"a","value":1}',
          '{"at":"20.11.2026","meter":"a","value":10}',
          '{"at":"2026-11-20T11:00:00","meter":"a","value":"x100"}',
          '{"at":"2026-11-21","meter":"b","value":1000,"colour":"red"}',
          '{"at":"2026-11-21","meter":"b","value":"none"}',
        ].join('\n'),
      )
      await own.settled(sent.acknowledgement)
      const csv = 'meter,value,at\nc,5,2026-11-20\nc,7 ,21/11/2026\n'
      const asCsv = await own.send(csv, { format: 'csv' })
      await own.settled(asCsv.acknowledgement)
      const mine = await quarantineOf(own)
      const partition = await mine.arrival()
      const place_ = { dataset: 'ticks', partition }
      assert.deepEqual(await mine.counts(), [7, 2, 0, 5])
      const { rows } = await mine.list()
      assert.deepEqual(rows.find(({ raw }) => raw.startsWith('c,'))?.header, [
        'meter',
        'value',
        'at',
      ])

      await mine.door.invoke(fixQuarantine, { ...place_, records: [await mine.record(/x100/)], set: { value: '100' } }) // prettier-ignore
      await mine.door.invoke(fixQuarantine, { ...place_, records: [await mine.record(/colour/)], replace: '{"at":"2026-11-21","meter":"b","value":1000}' }) // prettier-ignore
      await mine.door.invoke(fixQuarantine, { ...place_, records: [await mine.record(/none/)], drop: 'not measured' }) // prettier-ignore
      await mine.door.invoke(fixQuarantine, { ...place_, records: [await mine.record(/^c,/)], set: { at: '2026-11-21', value: '7' } }) // prettier-ignore
      const rule = { dataset: 'ticks', column: 'at', kind: 'date-format' } as const
      await mine.door.invoke(createRepairRule, { ...rule, name: 'dates', format: 'DD.MM.YYYY' })
      assert.deepEqual(await mine.counts(), [7, 2, 0, 5])

      const preview = await mine.door.invoke(previewQuarantine, { dataset: 'ticks' })
      assert.deepEqual(
        preview.partitions.map(({ partition: key, before, after }) => [
          key,
          before?.quarantined ?? 0,
          after.accepted,
          after.repaired,
          after.quarantined,
        ]),
        [
          ['2026-11-20', 0, 2, 2, 0],
          ['2026-11-21', 0, 0, 2, 0],
          [partition, 5, 0, 0, 1],
        ],
      )
      const days = preview.effects.find(({ dataset }) => dataset === 'meter_days')
      assert.deepEqual(days?.changed, ['2026-11-20', '2026-11-21'])
      assert.deepEqual(
        preview.effects[0]?.sums.find(({ column }) => column === 'value'),
        { column: 'value', before: '6', after: '1123' },
      )
      assert.equal((await own.rows()).length, 2)

      const told = await mine.replay()
      assert.deepEqual([told.fixes, told.repairs, told.partitions], [4, 1, [partition]])
      assert.deepEqual(await mine.counts(), [7, 2, 4, 1])
      const values = async () =>
        (await own.rows('SELECT _partition, value FROM published ORDER BY value')).map(
          ({ _partition, value }) => `${String(_partition)} ${String(value)}`,
        )
      const all = [
        '2026-11-20 1',
        '2026-11-20 5',
        '2026-11-21 7',
        '2026-11-20 10',
        '2026-11-20 100',
        '2026-11-21 1000',
      ]
      assert.deepEqual(await values(), all)
      assert.deepEqual(
        (await mine.list()).rows.map(({ reason, value }) => [reason, value]),
        [['dropped', 'not measured']],
      )
      // What the sender asks about, and what the replay says of itself.
      assert.deepEqual(await mine.shown(sent.acknowledgement), [1, 3, 1])
      assert.deepEqual(await mine.shown(asCsv.acknowledgement), [1, 1, 0])
      assert.deepEqual(await mine.shown(told.acknowledgements[0] ?? ''), [0, 4, 1])
      const { fixes } = await mine.door.invoke(quarantineFixes, { dataset: 'ticks' })
      assert.deepEqual(
        fixes.map(({ state, acknowledgement }) => [state, acknowledgement]),
        Array.from({ length: 4 }, () => ['applied', told.acknowledgements[0]]),
      )

      const { sources } = await mine.door.invoke(listSources, {})
      const ticks = sources.find(({ source }) => source === 'ticks')
      assert.deepEqual(
        [ticks?.received, ticks?.accepted, ticks?.repaired, ticks?.quarantined],
        [7, 2, 4, 1],
      )
      // Of a day it is told how rows came in, and none of them came in twice.
      const came = (of: 'received' | 'quarantined') =>
        ticks?.days.reduce((sum, day) => sum + day[of], 0)
      assert.deepEqual([came('received'), came('quarantined')], [7, 5])

      // Asked for twice, and twice at the same moment: nothing is there twice, and nothing is published.
      const versions = await own.versions()
      const again = await Promise.all([mine.replay(), mine.replay()])
      for (const { fixes: count, ended } of again) {
        assert.equal(count, 0)
        assert.deepEqual(
          ended.map(({ commit }) => commit),
          [null],
        )
      }
      assert.deepEqual(await values(), all)
      assert.deepEqual(await own.versions(), versions)

      // The rule works on what comes from now on, and a drop can be taken back.
      const later = await own.send('{"at":"22.11.2026","meter":"d","value":3}')
      await own.settled(later.acknowledgement)
      assert.deepEqual(await mine.shown(later.acknowledgement), [0, 1, 0])
      const dropped = [await mine.record(/none/)]
      await mine.door.invoke(fixQuarantine, { ...place_, records: dropped, withdraw: true })
      await mine.replay()
      assert.deepEqual(
        (await mine.list()).rows.map(({ reason }) => reason),
        ['value-unreadable'],
      )
      const mended = fixes.find(({ action }) => action?.kind === 'replace')?.record ?? ''
      for (const asked of [{ withdraw: true }, { set: { value: '1' } }]) {
        await assert.rejects(
          mine.door.invoke(fixQuarantine, { ...place_, records: [mended], ...asked }),
          (error) => error instanceof MillraceError && error.code === 'record-unknown',
        )
      }
      await assert.rejects(
        mine.door.invoke(fixQuarantine, { ...place_, lines: [3], drop: 'of which request' }),
        (error) => error instanceof MillraceError && error.code === 'fix-invalid',
      )

      const elsewhere = await quarantineOf(other)
      assert.deepEqual((await elsewhere.door.invoke(quarantineFixes, {})).fixes, [])
      await assert.rejects(
        elsewhere.door.invoke(showAcknowledgement, {
          acknowledgement: told.acknowledgements[0] ?? '',
        }),
        (error) => error instanceof MillraceError && error.code === 'acknowledgement-unknown',
      )
      await assert.rejects(
        elsewhere.door.invoke(replayQuarantine, { dataset: 'ticks' }),
        (error) => error instanceof MillraceError && error.code === 'mends-none',
      )
    })

    test('what was read of bad bytes is mended as a whole or not at all, and nobody comes back by a fix', async (t) => {
      const place = await open(t)
      if (!place) return t.skip('no PostgreSQL is installed')
      const meters = await buildMeters(t, place)
      const own = await meters.tenant('acme')
      const mine = await quarantineOf(own, 'arrivals')
      const body = Buffer.concat([
        Buffer.from('at,note\n2026-01-05,'),
        Buffer.from([0xff]),
        Buffer.from('\nnever,a\nnever,b\n2026-01-06,good\n'),
      ])
      const sent = await own.send(body, { dataset: 'arrivals', format: 'csv' })
      await own.settled(sent.acknowledgement)
      assert.deepEqual(await mine.counts(), [4, 1, 0, 3])
      const at = { dataset: 'arrivals', partition: await mine.arrival() }
      const torn = [await mine.record(/2026-01-05/)]
      await mine.door.invoke(fixQuarantine, { ...at, records: torn, set: { note: 'torn' } })
      await mine.door.invoke(fixQuarantine, { ...at, reason: 'at-unreadable', set: { at: '2026-02-01' } }) // prettier-ignore
      await mine.replay()
      const notes = async () =>
        (await own.rows('SELECT note FROM published ORDER BY note', 'arrivals')).map(
          ({ note }) => note,
        )
      assert.deepEqual(await notes(), ['a', 'b', 'good'])
      assert.deepEqual(
        (await mine.list()).rows.map(({ reason }) => reason),
        ['encoding'],
      )
      await mine.door.invoke(fixQuarantine, { ...at, records: torn, replace: '2026-01-05,whole' })
      await mine.replay()
      assert.deepEqual(await notes(), ['a', 'b', 'good', 'whole'])
      assert.deepEqual(await mine.counts(), [4, 1, 3, 0])

      const ticks = await quarantineOf(own)
      const other = await own.send([
        { at: 'once', meter: 'm1', value: 1 },
        { at: 'once', meter: 'm2', value: 2 },
        { at: 'once', meter: 'm3', value: 3 },
      ])
      await own.settled(other.acknowledgement)
      const partition = await ticks.arrival()
      await ticks.door.invoke(withholdSubject, { kind: 'meter', value: 'm1' })
      const fix = { dataset: 'ticks', partition }
      await ticks.door.invoke(fixQuarantine, { ...fix, records: [await ticks.record(/m2/)], set: { meter: 'm1', at: '2026-11-20' } }) // prettier-ignore
      await ticks.door.invoke(fixQuarantine, { ...fix, records: [await ticks.record(/m3/)], set: { at: '2026-11-20' } }) // prettier-ignore
      await ticks.replay()
      assert.deepEqual(
        (await own.rows()).map(({ meter }) => meter),
        ['m3'],
      )
      // Whose collection is off: the row that was about them, and the one that a fix made be about them.
      const told = await ticks.door.invoke(showAcknowledgement, {
        acknowledgement: other.acknowledgement,
      })
      assert.deepEqual([told.repaired, told.quarantined, told.withheld], [1, 0, 2])
    })
  })
}
