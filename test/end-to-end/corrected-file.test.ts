import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'

import { lakePlace } from '#app/lake-settings.ts'
import { writeTwin } from '../../packs/events/samples/twin.ts'
import { checkStore } from '../support/check-store.ts'
import { buildFolder, openMillrace, type TestMillrace } from '../support/open-parts.ts'
import { changedBetween, pointersOf, publishedRows } from '../support/published.ts'
import { compareWithTruth, eventFiles, truthOfFiles } from './compare-with-truth.ts'
import { changeEmails, editEvents } from './edit-events.ts'

const months = ['2021-03', '2021-04', '2021-05']
const DAY = '2021-04-17'
const APRIL = { datasets: ['events'], partitions: ['2021-04'] }

/** What is allowed to change when rows of one day of April change. */
const readersOfTheDay = [
  'events 2021-04',
  'events_by_period 2021-04',
  'quality_card 2021-04',
  `users_by_day ${DAY}`,
  `events_by_day ${DAY}`,
  'events_by_month 2021-04',
  'events_by_weekday 2021-04',
  'events_by_year 2021',
  'top_users 2021-04',
  'domains_by_month 2021-04',
  'companies_by_month 2021-04',
  'company_coverage 2021-04',
  'top_companies 2021-04',
  'known_companies 2021-04',
  'companies_new_returning 2021-04',
]

interface World {
  readonly folder: string
  readonly april: string
  readonly millrace: TestMillrace
}

async function buildWorld(t: TestContext): Promise<World> {
  const folder = await buildFolder(t, 'millrace-corrected')
  await writeTwin(folder, { seed: 11, months, rowsPerMonth: 1_500 })
  const millrace = await openMillrace(t)
  await millrace.configure('events', { location: `${folder}/{yyyy}/{MM}/events.csv` })
  await millrace.runWell({ datasets: ['events'], partitions: months })
  return { folder, april: join(folder, '2021', '04', 'events.csv'), millrace }
}

async function assertTruth({ folder, millrace }: World): Promise<void> {
  const truth = await truthOfFiles(eventFiles(folder, months))
  assert.deepEqual((await compareWithTruth(millrace, truth)).differences, [])
}

test('a month is published, and then its file changes', async (t) => {
  const world = await buildWorld(t)
  const { millrace, april } = world

  await t.test('ten changed rows of one day: the plan says what and why, before', async () => {
    const changed = changeEmails(april, DAY, 10, (email) => `x${email}`)
    assert.equal(changed, 10)
    const { tasks } = await millrace.plan(APRIL)
    const source = tasks.find(({ dataset }) => dataset === 'events')
    assert.equal(source?.state, 'stale')
    assert.equal(source?.certainty, 'certain')
    assert.deepEqual(
      source?.causes.map(({ kind }) => kind),
      ['object'],
    )
    const day = tasks.find((task) => task.dataset === 'users_by_day' && task.partition === DAY)
    assert.equal(day?.state, 'pending')
    assert.equal(day?.certainty, 'conditional')
    assert.ok(tasks.every((task) => task.causes.length > 0 && task.causes[0]?.text !== ''))
    const mays = tasks.filter(({ dataset, partition }) =>
      dataset === 'events' || dataset.endsWith('_by_day') ? partition.startsWith('2021-05') : false,
    )
    assert.deepEqual(mays, [], 'May does not read the file of April')
  })

  await t.test('only the partitions that read that day get new versions', async () => {
    const before = await pointersOf(millrace)
    const view = await millrace.runWell(APRIL)
    const changed = changedBetween(before, await pointersOf(millrace))
    assert.deepEqual(
      changed.filter((name) => !readersOfTheDay.includes(name)),
      [],
    )
    for (const name of ['events 2021-04', `users_by_day ${DAY}`, 'top_users 2021-04'])
      assert.ok(changed.includes(name), `${name} has no new version`)
    const days = view.datasets.find(({ dataset }) => dataset === 'users_by_day')
    assert.equal(days?.counts.done, 1)
    await assertTruth(world)
  })

  await t.test('the chain of previous months stops where one comes out equal', async () => {
    // The ten e-mails kept their companies: what is known by the end of April is what it was.
    const before = await pointersOf(millrace)
    const may = before.get('known_companies 2021-05')
    changeEmails(april, DAY, 10, (email) => `y${email}`)
    await millrace.runWell(APRIL)
    const after = await pointersOf(millrace)
    assert.equal(after.get('known_companies 2021-05')?.versionId, may?.versionId)
    assert.equal(
      after.get('known_companies 2021-04')?.dataVersion,
      before.get('known_companies 2021-04')?.dataVersion,
    )
  })

  await t.test('and goes on while they differ: a new company reaches the month after', async () => {
    const before = await pointersOf(millrace)
    changeEmails(april, DAY, 1, () => 'first@brand-new-company.com')
    await millrace.runWell(APRIL)
    const after = await pointersOf(millrace)
    const changed = changedBetween(before, after)
    assert.ok(changed.includes('known_companies 2021-04'))
    assert.ok(changed.includes('known_companies 2021-05'))
    assert.ok(changed.includes('companies_new_returning 2021-05'))
    assert.ok(!changed.includes('companies_by_month 2021-05'))
    await assertTruth(world)
  })

  await t.test('run again, there is nothing to do', async () => {
    assert.deepEqual((await millrace.plan(APRIL)).tasks, [])
    assert.equal(await millrace.run(APRIL), null)
  })

  await t.test('a rerun with an equal result makes nothing downstream stale', async () => {
    const before = await pointersOf(millrace)
    const view = await millrace.runWell({
      datasets: ['companies_by_month'],
      partitions: ['2021-04'],
      mode: 'rerun',
    })
    assert.deepEqual(
      view.datasets.map(({ dataset }) => dataset),
      ['companies_by_month'],
    )
    const after = await pointersOf(millrace)
    assert.deepEqual(changedBetween(before, after), ['companies_by_month 2021-04'])
    assert.deepEqual((await millrace.plan()).tasks, [])
  })

  await t.test('a day that vanishes from the file is empty afterwards', async () => {
    editEvents(april, ({ text, day }) => (day === '2021-04-09' ? null : text))
    await millrace.runWell(APRIL)
    assert.deepEqual(await publishedRows(millrace, 'users_by_day', ['2021-04-09']), [])
    assert.deepEqual(await publishedRows(millrace, 'events_by_day', ['2021-04-09']), [])
    await assertTruth(world)
  })

  await t.test('undo serves what was served before, and says so in the plan', async () => {
    const original = readFileSync(april)
    const before = await pointersOf(millrace)
    changeEmails(april, DAY, 10, (email) => `z${email}`)
    const view = await millrace.runWell(APRIL)
    const changed = changedBetween(before, await pointersOf(millrace))
    const undone = await millrace.parts.factory.undo(millrace.tenant, view.run.id)
    assert.deepEqual(undone.kept, [])
    assert.deepEqual(
      undone.restored.map(({ dataset, partition }) => `${dataset} ${partition}`).toSorted(),
      changed,
    )
    assert.deepEqual(changedBetween(before, await pointersOf(millrace)), [])

    const { tasks } = await millrace.plan(APRIL)
    const source = tasks.find(({ dataset }) => dataset === 'events')
    assert.equal(source?.state, 'stale')
    assert.ok(source?.causes.some(({ kind }) => kind === 'undone'))

    await millrace.runWell(APRIL)
    await assertTruth(world)
    assert.deepEqual((await millrace.plan(APRIL)).tasks, [])
    writeFileSync(april, original)
    await millrace.runWell(APRIL)
    await assertTruth(world)
  })

  for (const [what, damage] of damages) {
    await t.test(`a file that is wrong as a whole changes nothing served: ${what}`, async () => {
      const original = readFileSync(april)
      const before = await pointersOf(millrace)
      damage(april, original)
      const view = await millrace.run(APRIL)
      assert.equal(view?.run.state, 'failed')
      const failure = view?.failures.find(({ dataset }) => dataset === 'events')
      assert.equal(failure?.state, 'failed')
      assert.match(failure?.error?.message ?? '', /events/)
      assert.deepEqual(changedBetween(before, await pointersOf(millrace)), [])
      writeFileSync(april, original)
      await millrace.run(APRIL)
      await assertTruth(world)
      assert.deepEqual((await millrace.plan(APRIL)).tasks, [])
    })
  }

  await t.test('a file that is gone takes nothing away that is served', async () => {
    const original = readFileSync(april)
    const before = await pointersOf(millrace)
    rmSync(april)
    await millrace.run({ datasets: ['events'], partitions: months })
    assert.deepEqual(changedBetween(before, await pointersOf(millrace)), [])
    writeFileSync(april, original)
    await millrace.run(APRIL)
    await assertTruth(world)
  })

  await t.test(
    'a month without a file fails alone, by name; the others are published',
    async () => {
      changeEmails(april, DAY, 10, (email) => `w${email}`)
      const view = await millrace.run({ datasets: ['events'], partitions: [...months, '2021-06'] })
      assert.equal(view?.run.state, 'failed')
      const failures = view?.failures.filter(({ state }) => state === 'failed') ?? []
      assert.deepEqual(
        failures.map(({ dataset, partition }) => `${dataset} ${partition}`),
        ['events 2021-06'],
      )
      assert.match(failures[0]?.error?.message ?? '', /2021.06/)
      await assertTruth(world)
    },
  )

  await t.test('after all of that, catalog and lake are whole', async () => {
    const { parts, tenant } = millrace
    assert.deepEqual((await checkStore(parts.catalog, tenant, lakePlace(parts.config))).faults, [])
  })
})

const damages: readonly (readonly [string, (path: string, original: Buffer) => void])[] = [
  ['empty', (path) => writeFileSync(path, '')],
  [
    'a column is missing',
    (path, original) =>
      writeFileSync(path, original.toString().replace('id,timestamp,email', 'id,email')),
  ],
  ['UTF-16', (path, original) => writeFileSync(path, Buffer.from(original.toString(), 'utf16le'))],
  [
    'a gzip that is cut short',
    (path, original) => writeFileSync(path, gzipSync(original).subarray(0, 5_000)),
  ],
]
