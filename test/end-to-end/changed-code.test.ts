import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { buildFolder, openMillraceIn, type TestMillrace } from '../support/open-parts.ts'
import { afterwards } from '../support/afterwards.ts'
import { changedBetween, pointersOf, publishedRows } from '../support/published.ts'

const pack = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'readings', description: 'A small pack for tests.' })`,
  'sources/readings.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Readings of meters, one file a month.',
      format: 'csv',
      partition: 'month',
      columns: {
        at: { type: 'timestamp', role: 'time', optional: false },
        meter: { type: 'text' },
        value: { type: 'integer', optional: false },
      },
      observes: { column: 'at', by: 'day' },
    })`,
  'analyses/meter_days.sql': `-- Sum of each meter, day by day.
-- partition: day
-- order: meter
-- check: plausible blocking each total < 1000
SELECT meter, CAST(sum(value) AS BIGINT) AS total FROM readings GROUP BY meter
`,
  'analyses/meter_months.sql': `-- Sum of each meter, month by month.
-- partition: month
-- order: meter
SELECT meter, CAST(sum(total) AS BIGINT) AS total FROM meter_days GROUP BY meter
`,
  'analyses/meters.sql': `-- How many meters there are in each month.
-- partition: month
SELECT count(*) AS meters FROM meter_months
`,
  'analyses/busiest_days.sql': `-- The largest total of each day.
-- partition: day
SELECT max(total) AS total FROM meter_days
`,
} as const

const months = { '2024-01': 31, '2024-02': 29 }

interface World {
  readonly packFolder: string
  readonly dataFolder: string
  millrace: TestMillrace
  /** Closes and opens again: definitions are read at the start. */
  reopen(): Promise<void>
}

async function buildWorld(t: TestContext): Promise<World> {
  const folder = await buildFolder(t, 'millrace-pack')
  const packFolder = join(folder, 'readings')
  for (const [file, text] of Object.entries(pack)) {
    await mkdir(join(packFolder, file, '..'), { recursive: true })
    await writeFile(join(packFolder, file), text)
  }
  const dataFolder = join(folder, 'data')
  await mkdir(dataFolder)
  for (const [month, days] of Object.entries(months)) {
    const lines = Array.from({ length: days }, (_none, index) => {
      const day = `${month}-${String(index + 1).padStart(2, '0')}`
      return `${day},north,${index + 1}\n${day} 12:00:00,south,10\n`
    })
    await writeFile(join(dataFolder, `${month}.csv`), `at,meter,value\n${lines.join('')}`)
  }
  const open = () => openMillraceIn(join(folder, 'home'), { packs: [packFolder] })
  const world: World = {
    packFolder,
    dataFolder,
    millrace: await open(),
    async reopen() {
      await world.millrace.close()
      world.millrace = await open()
    },
  }
  afterwards(t, () => world.millrace.close())
  await world.millrace.configure('readings', { location: `${dataFolder}/{yyyy}-{MM}.csv` })
  return world
}

const ALL = { datasets: ['readings'], partitions: Object.keys(months) }

test('an analysis changes its text, a check holds a version back', async (t) => {
  const world = await buildWorld(t)
  await world.millrace.runWell(ALL)
  const inPack = (file: string) => join(world.packFolder, file)

  await t.test('reformatting a SQL file makes nothing stale', async () => {
    const path = inPack('analyses/meter_days.sql')
    await writeFile(
      path,
      `-- Sum of each meter, day by day; said in other words.
-- partition: day
-- order: meter
-- check: plausible blocking each total < 1000
select
  METER,
  cast(sum(VALUE) as bigint)   as TOTAL -- a comment
from readings
group by Meter
`,
    )
    await world.reopen()
    assert.deepEqual((await world.millrace.plan(ALL)).tasks, [])
    await writeFile(path, pack['analyses/meter_days.sql'])
    await world.reopen()
    assert.deepEqual((await world.millrace.plan(ALL)).tasks, [])
  })

  await t.test('another SQL makes exactly its dataset and its downstream stale', async () => {
    const path = inPack('analyses/meter_months.sql')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('sum(total)', 'sum(total) + 1'))
    await world.reopen()
    const { tasks } = await world.millrace.plan(ALL)
    const planned = Map.groupBy(tasks, ({ dataset }) => dataset)
    assert.deepEqual([...planned.keys()].toSorted(), ['meter_months', 'meters'])
    for (const task of planned.get('meter_months') ?? []) {
      assert.equal(task.certainty, 'certain')
      assert.deepEqual(
        task.causes.map(({ kind }) => kind),
        ['code'],
      )
    }
    assert.ok(planned.get('meters')?.every(({ certainty }) => certainty === 'conditional'))

    const before = await pointersOf(world.millrace)
    await world.millrace.runWell(ALL)
    const changed = changedBetween(before, await pointersOf(world.millrace))
    assert.deepEqual(
      changed.filter((name) => !name.startsWith('meter')),
      [],
    )
    const rows = await publishedRows(world.millrace, 'meter_months', ['2024-02'])
    assert.deepEqual(
      rows.map(({ meter, total }) => [meter, Number(total)]),
      [
        ['north', 436],
        ['south', 291],
      ],
    )
  })

  await t.test(
    'what a blocking check holds back is not served; the former version is',
    async () => {
      const path = join(world.dataFolder, '2024-02.csv')
      const original = await readFile(path, 'utf8')
      await writeFile(path, original.replace('2024-02-10,north,10', '2024-02-10,north,5000'))
      const before = await pointersOf(world.millrace)
      const view = await world.millrace.run(ALL)
      assert.equal(view?.run.state, 'failed')
      const held = view?.failures.filter(({ state }) => state === 'held') ?? []
      assert.deepEqual(
        held.map(({ dataset, partition }) => `${dataset} ${partition}`),
        ['meter_days 2024-02-10'],
      )
      assert.match(held[0]?.error?.message ?? '', /plausible/)
      const after = await pointersOf(world.millrace)
      assert.deepEqual(changedBetween(before, after), ['readings 2024-02'])
      const [north] = await publishedRows(world.millrace, 'meter_days', ['2024-02-10'])
      assert.equal(Number(north?.['total']), 10)

      const status = await world.millrace.parts.factory.status(world.millrace.tenant, [
        'meter_days',
      ])
      const day = status[0]?.partitions.find(({ partition }) => partition === '2024-02-10')
      assert.equal(day?.state, 'held')

      await writeFile(path, original)
      await world.millrace.runWell(ALL)
      assert.deepEqual((await world.millrace.plan(ALL)).tasks, [])
      const [again] = await publishedRows(world.millrace, 'meter_days', ['2024-02-10'])
      assert.equal(Number(again?.['total']), 10)
    },
  )
})
