import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'

import { lakePlace } from '#app/lake-settings.ts'
import { checkStore } from '../support/check-store.ts'
import { openMillrace, type TestMillrace } from '../support/open-parts.ts'
import { dataVersions, pointersOf } from '../support/published.ts'
import { compareWithTruth, eventFiles, truthOfFiles } from './compare-with-truth.ts'

const folder = resolve(process.env['MILLRACE_TEST_DATA'] ?? '', 'events')
const months = process.env['MILLRACE_TEST_DATA']
  ? globSync('*/*/events.csv', { cwd: folder })
      .map((path) => path.replaceAll('\\', '/').split('/').slice(0, 2).join('-'))
      .toSorted()
  : []
const skip =
  months.length === 0 && 'MILLRACE_TEST_DATA names no folder with events/{yyyy}/{MM}/events.csv'

test('the main job over the real months', { skip, timeout: 280_000 }, async (t) => {
  let atOnce: Record<string, string> = {}

  await t.test('in one backfill every published figure equals the truth', async (backfill) => {
    const millrace = await openOn(backfill, 2)
    const view = await millrace.runWell({ datasets: ['events'], partitions: months })
    const files = view.sources.filter(({ dataset }) => dataset === 'events')
    assert.equal(files.length, months.length)
    for (const { received, accepted, repaired, quarantined } of files)
      assert.equal(received, accepted + repaired + quarantined)

    const truth = await truthOfFiles(eventFiles(folder, months))
    const found = await compareWithTruth(millrace, truth)
    assert.deepEqual(found.differences, [])
    assert.ok(found.partitions > months.length * 10)
    const { parts, tenant } = millrace
    assert.deepEqual((await checkStore(parts.catalog, tenant, lakePlace(parts.config))).faults, [])
    atOnce = dataVersions(await pointersOf(millrace))
    backfill.diagnostic(
      `${found.rows} rows of ${found.partitions} partitions of ${found.datasets} datasets compared`,
    )
  })

  await t.test(
    'elsewhere, with one slot and in two portions, data versions are equal',
    async (again) => {
      const millrace = await openOn(again, 1)
      // The later half first: what it published is completed, and where it reads earlier months redone.
      const half = Math.floor(months.length / 2)
      await millrace.runWell({ datasets: ['events'], partitions: months.slice(half) })
      await millrace.runWell({ datasets: ['events'], partitions: months.slice(0, half) })
      assert.deepEqual(dataVersions(await pointersOf(millrace)), atOnce)
      assert.deepEqual(
        (await millrace.plan({ datasets: ['events'], partitions: months })).tasks,
        [],
      )
    },
  )
})

async function openOn(t: Parameters<typeof openMillrace>[0], slots: number): Promise<TestMillrace> {
  const millrace = await openMillrace(t, { slots })
  await millrace.configure('events', { location: `${folder}/{yyyy}/{MM}/events.csv` })
  return millrace
}
