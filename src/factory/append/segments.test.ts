import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'

import { showErasure } from '#operations/erasures/show.ts'
import { listRunsOperation } from '#operations/runs/list.ts'
import { eraseSubject } from '#operations/subjects/erase.ts'
import { withholdSubject } from '#operations/subjects/withhold.ts'
import {
  buildMeters,
  metersPack,
  writeMeters,
  type Meters,
  type MeterTenant,
} from '../../../test/support/build-meters.ts'

describe('segments', () => {
  let meters: Meters
  const ends: (() => Promise<void>)[] = []
  before(async () => {
    const context = { after: (end: () => Promise<void>) => void ends.push(end) }
    meters = await buildMeters(context as unknown as TestContext)
  })
  after(async () => {
    for (const end of ends.toReversed()) await end()
  })

  const tick = (value: number, day = 22, meter = 'a') => ({
    at: `2026-11-${day}T10:00:00`,
    meter,
    value,
  })
  /** One segment for each: the next is sent once the former is there. */
  async function sendEach(own: MeterTenant, bodies: readonly object[][]): Promise<void> {
    for (const body of bodies) await own.settled((await own.send(body)).acknowledgement)
  }

  test('become one file when there are many; rows and data version stay, and nothing is run for it', async () => {
    const own = await meters.tenant('compacted')
    const bodies = Array.from({ length: 18 }, (_, value) => [
      tick(value),
      tick(value, 21),
      { x: 1 },
    ])
    await sendEach(own, bodies)
    const files = async () => (await own.partitions()).map((each) => each.files.length)
    while ((await files()).some((count) => count > 16)) await meters.millrace.parts.clock.sleep(50)
    const rows = await own.rows('SELECT _partition, value FROM published ORDER BY ALL')
    assert.deepEqual(
      rows.map(({ _partition, value }) => [_partition, value].join(' ')).sort(),
      bodies.flatMap((_body, value) => [`2026-11-21 ${value}`, `2026-11-22 ${value}`]).sort(),
    )
    assert.equal((await own.held()).length, 18)
    const single = await meters.tenant('at-once')
    await sendEach(single, [bodies.flat()])
    assert.deepEqual(await own.versions(), await single.versions())
  })

  test('join rows of former code as the code of today has them', async () => {
    const own = await meters.tenant('newer')
    await sendEach(own, [[tick(1)], [tick(2)], [tick(5, 20)]])
    const source = metersPack['sources/ticks.ts']
      .replace("tags: { type: 'text[]' },", "tags: { type: 'text[]' }, unit: { type: 'text' },")
      .replace('value * 2', 'value * 3')
    await writeMeters(dirname(meters.packFolder), { 'sources/ticks.ts': source })
    await meters.reopen()
    await sendEach(own, [[{ ...tick(3), unit: 'kWh' }]])
    const [first] = await own.rows(
      "SELECT sum(twice) AS sum, count(*) AS n FROM published WHERE _partition = '2026-11-22'",
    )
    assert.deepEqual([Number(first?.['sum']), Number(first?.['n'])], [18, 3])
    // What no new row has come to stays as it was, and is nothing to compute.
    const [other] = await own.rows("SELECT twice FROM published WHERE _partition = '2026-11-20'")
    assert.equal(Number(other?.['twice']), 10)
    const single = await meters.tenant('newer-at-once')
    await sendEach(single, [[tick(1), tick(2), { ...tick(3), unit: 'kWh' }]])
    assert.equal((await own.versions())['2026-11-22'], (await single.versions())['2026-11-22'])
    await writeMeters(dirname(meters.packFolder))
    await meters.reopen()
  })

  test('hold nothing of subjects whose collection is off, and lose those that are erased', async () => {
    const own = await meters.tenant('subjects')
    const door = await own.door()
    await sendEach(own, [
      [tick(1, 22, 'keep'), tick(2, 22, 'gone-for-good'), tick(3, 21, 'keep')],
      [
        tick(4, 22, 'keep'),
        { at: 'x', meter: 'gone-for-good', value: 1 },
        { at: 'x', meter: 'keep' },
      ],
      [tick(5, 21, 'gone-for-good'), tick(6, 21, 'keep')],
      [tick(7, 20, 'keep')],
    ])
    await door.invoke(withholdSubject, { kind: 'meter', value: 'off' })
    const { acknowledgement } = await own.send([
      tick(8, 22, 'off'),
      tick(9, 22, 'keep'),
      { at: 'x', meter: 'off', value: 1 },
    ])
    const { accepted, withheld, quarantined } = await own.settled(acknowledgement)
    assert.deepEqual([accepted, withheld, quarantined], [1, 2, 0])
    const late = await own.send([tick(10, 22, 'gone-for-good'), tick(11, 22, 'keep')])
    const { id } = await door.invoke(eraseSubject, { kind: 'meter', value: 'gone-for-good' })
    for (let state = ''; state !== 'done';) {
      await meters.millrace.parts.clock.sleep(100)
      ;({ state } = await door.invoke(showErasure, { erasure: id }))
    }
    await own.settled(late.acknowledgement)
    await sendEach(own, [[tick(12, 22, 'keep'), tick(13, 22, 'gone-for-good')]])
    const rows = await own.rows('SELECT meter, value FROM published ORDER BY value')
    assert.deepEqual(
      rows.map(({ meter, value }) => [meter, value].join(' ')),
      [1, 3, 4, 6, 7, 9, 11, 12].map((value) => `keep ${value}`),
    )
    assert.deepEqual(
      (await own.held()).map(({ raw }) => raw),
      ['{"at":"x","meter":"keep"}'],
    )
    for (const path of await filesBelow(join(meters.home, 'lake', own.tenant.slug))) {
      assert.ok(!(await readFile(path)).includes('gone-for-good'), path)
    }
    const single = await meters.tenant('never-there')
    await sendEach(single, [[1, 4, 9, 11, 12].map((value) => tick(value, 22, 'keep'))])
    assert.equal((await own.versions())['2026-11-22'], (await single.versions())['2026-11-22'])
  })

  test('are told to analyses by one run at a time', async () => {
    const own = await meters.tenant('told')
    const door = await own.door()
    for (let value = 0; value < 6; value++) {
      await own.send([tick(value)])
      await meters.millrace.parts.clock.sleep(400)
    }
    const total = async () =>
      Number((await own.rows('SELECT total FROM published', 'meter_days'))[0]?.['total'] ?? -1)
    while ((await total()) !== 15) await meters.millrace.parts.clock.sleep(50)
    const { runs } = await door.invoke(listRunsOperation, {})
    assert.ok(runs.length <= 4, `${runs.length} runs in 2.4 s, with a second to settle`)
  })
})

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
