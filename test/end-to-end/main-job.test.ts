import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'

import { lakePlace } from '#app/lake-settings.ts'
import { readSet } from '#catalog/files.ts'
import { writeTwin } from '../../packs/events/samples/twin.ts'
import { checkStore } from '../support/check-store.ts'
import { buildFolder, openMillrace } from '../support/open-parts.ts'
import { ownDatabase } from '../support/own-database.ts'
import { publishedRows, withDuckdb } from '../support/published.ts'
import { compareWithTruth, eventFiles, truthOfFiles } from './compare-with-truth.ts'

const months = ['2021-03', '2021-04', '2021-05']
const required = (process.env['MILLRACE_TEST_REQUIRE'] ?? '').split(',').includes('postgres')

describe('the main job over three months of the twin', () => {
  test('publishes the right figures, with the embedded catalog', (t) => proveMainJob(t, undefined))

  test('publishes the right figures, with PostgreSQL', async (t) => {
    const databaseUrl = await ownDatabase(t)
    if (databaseUrl === null) {
      assert.ok(!required, 'MILLRACE_TEST_REQUIRE names postgres, and none is installed')
      return t.skip('no PostgreSQL is installed')
    }
    return proveMainJob(t, databaseUrl)
  })
})

async function proveMainJob(t: TestContext, databaseUrl: string | undefined): Promise<void> {
  const folder = await buildFolder(t, 'millrace-twin')
  const manifest = await writeTwin(folder, { seed: 7, months, rowsPerMonth: 3_000 })
  const millrace = await openMillrace(t, { databaseUrl })
  await millrace.configure('events', { location: `${folder}/{yyyy}/{MM}/events.csv` })
  const view = await millrace.runWell({ datasets: ['events'], partitions: months })

  await t.test('every published figure equals the truth', async () => {
    const truth = await truthOfFiles(eventFiles(folder, months))
    const found = await compareWithTruth(millrace, truth)
    assert.deepEqual(found.differences, [])
    assert.ok(found.datasets >= 13, `only ${found.datasets} datasets were compared`)
    assert.ok(found.partitions > 200, `only ${found.partitions} partitions were compared`)
  })

  await t.test('received = accepted + repaired + quarantined, as the twin states them', () => {
    const sources = view.sources.filter(({ dataset }) => dataset === 'events')
    assert.deepEqual(
      sources.map(({ partition, received, accepted, repaired, quarantined }) => ({
        partition,
        received,
        accepted,
        repaired,
        quarantined,
      })),
      manifest.months.map(({ month, received, accepted, quarantined }) => ({
        partition: month,
        received,
        accepted,
        repaired: 0,
        quarantined,
      })),
    )
    for (const { partition, reasons } of sources) {
      const { oddities } = manifest.months.find(({ month }) => month === partition) ?? {}
      assert.deepEqual(Object.fromEntries(reasons.map(({ reason, rows }) => [reason, rows])), {
        'field-count': oddities?.fieldCount,
        'tags-unreadable': oddities?.tagsUnreadable,
        'timestamp-missing': oddities?.timestampMissing,
        'timestamp-unreadable': oddities?.timestampUnreadable,
      })
    }
  })

  await t.test('the quality card and the spill show the numbers that the twin states', async () => {
    for (const { month, accepted, oddities } of manifest.months) {
      const card = await publishedRows(millrace, 'quality_card', [month])
      const rows = Object.fromEntries(card.map((row) => [row['metric'], Number(row['rows'])]))
      assert.equal(rows['accepted'], accepted)
      assert.equal(rows['bad_ids'], oddities.badId)
      assert.equal(rows['bad_ips'], oddities.badIp)
      assert.equal(rows['duplicates'], oddities.duplicate)
      assert.equal(rows['out_of_month'], oddities.spill)
      const byDay = await publishedRows(millrace, 'events_by_period', [month])
      const spilled = byDay.filter((row) => row['spill'] === true)
      assert.equal(
        spilled.reduce((sum, row) => sum + Number(row['events']), 0),
        oddities.spill,
      )
    }
  })

  await t.test(
    'spilled rows count with their day: February ends in the file of March',
    async () => {
      const [day] = await publishedRows(millrace, 'events_by_day', ['2021-02-28'])
      assert.equal(Number(day?.['events']), manifest.months[0]?.oddities.spill)
    },
  )

  await t.test('ties share a rank, are listed by name, and say how many they are', async () => {
    for (const month of months) {
      const users = await publishedRows(millrace, 'top_users', [month])
      const tied = users.filter((row) => Number(row['tied']) > 1)
      assert.ok(tied.length > 1, `no tie among the top users of ${month}`)
      const byRank = Map.groupBy(tied, (row) => row['rank'])
      for (const [, group] of byRank) {
        const emails = group.map((row) => String(row['email']))
        assert.deepEqual(
          emails,
          emails.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        )
        assert.equal(new Set(group.map((row) => row['events'])).size, 1)
      }
    }
  })

  await t.test(
    'each quarantined row says file, line, byte offset, column, reason and raw text',
    async () => {
      const rows = await quarantineOf(millrace)
      const total = manifest.months.reduce((sum, month) => sum + month.quarantined, 0)
      assert.equal(rows.length, total)
      const { readFileSync } = await import('node:fs')
      for (const row of rows) {
        const month = manifest.months.find(({ path }) =>
          String(row['file']).endsWith(path.slice(-20)),
        )
        const bytes = readFileSync(month?.path ?? '')
        const raw = String(row['raw'])
        const at = Number(row['byte_offset'])
        assert.equal(bytes.subarray(at, at + Buffer.byteLength(raw)).toString(), raw)
        const newlines = bytes.subarray(0, at).filter((byte) => byte === 10).length
        assert.equal(Number(row['line']), newlines + 1)
      }
    },
  )

  await t.test('catalog and lake are whole', async () => {
    const { parts, tenant } = millrace
    const { faults } = await checkStore(parts.catalog, tenant, lakePlace(parts.config))
    assert.deepEqual(faults, [])
  })

  await t.test('a second run has nothing to do', async () => {
    assert.equal(await millrace.run({ datasets: ['events'], partitions: months }), null)
  })
}

async function quarantineOf(
  millrace: Awaited<ReturnType<typeof openMillrace>>,
): Promise<Record<string, unknown>[]> {
  const { parts, tenant } = millrace
  const set = await parts.catalog.asTenant(tenant, (session) => readSet(session, 'events', null))
  return withDuckdb(async (connection) => {
    const rows: Record<string, unknown>[] = []
    for (const { quarantine } of set.partitions) {
      for (const file of quarantine) {
        const path = await parts.lake.localPath(file)
        const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
        rows.push(...reader.getRowObjectsJson())
      }
    }
    return rows
  })
}
