import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

const HEADER = 'id,timestamp,email,country,ip,uri,action,tags'
const idOf = (at: number) => `d24173d9-b062-49a7-a856-${String(at).padStart(12, '0')}`
const good = (at: number) =>
  `${idOf(at)},2021-04-0${(at % 9) + 1} 08:00:00,p${at}@shop.co.uk,AT,192.66.235.59,/index,visit,"['a']"`
const late = (at: number, when: string) =>
  `${idOf(at)},${when},late@shop.co.uk,AT,192.66.235.59,/index,visit,"['a']"`
const hostile = '<img src=x onerror=alert(1)>'

describe('data quality', { skip: skipWithoutChromium, timeout: 300_000 }, () => {
  let portal: Portal
  let folder: string

  before(async () => {
    portal = await openPortal()
    folder = join(portal.home, 'in')
    await mkdir(join(folder, '2021'), { recursive: true })
    const lines = [
      HEADER,
      ...Array.from({ length: 20 }, (_, at) => good(at)),
      late(100, 'yesterday'),
      late(101, ''),
      `${idOf(102)},2021-04-03 08:00:00,${hostile}`,
    ]
    await writeFile(join(folder, '2021', '04.csv'), `${lines.join('\n')}\n`)
    const client = portal.client('default')
    const location = join(folder, '{yyyy}', '{MM}.csv')
    await client.sources.configure({ dataset: 'events', location })
    const { run } = await client.runs.start({ datasets: ['events'], partition: '2021-04' })
    await ended(run?.id ?? '')
  })
  after(() => portal.close())

  async function ended(run: string): Promise<void> {
    const client = portal.client('default')
    let view = await client.runs.get({ run })
    while (view.run.state === 'running') {
      view = await client.runs.get({ run, after: view.revision, waitMs: 10_000 })
    }
    assert.equal(view.run.state, 'done', JSON.stringify(view.failures))
  }

  test('a rejected row is mended by its cell, the effect is seen before, and the number changes', async () => {
    const { page, check, context } = await portal.visit('/t/default/quarantine/events')
    const published = async () => {
      const { quarantined, partitions } = await portal
        .client('default')
        .quarantine.list({ dataset: 'events', limit: 0 })
      const [part] = partitions
      return [part?.accepted, part?.repaired, quarantined]
    }
    assert.deepEqual(await published(), [20, 0, 3])
    const rows = page.getByRole('table', { name: 'Rejected rows', exact: true })
    await rows.getByText('yesterday').first().waitFor()
    await check()
    await rows.getByText('yesterday').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('timestamp').fill('2021-04-09 10:00:00')
    await check()
    await dialog.getByRole('button', { name: 'Keep this fix' }).click()
    await page.getByText('set timestamp = 2021-04-09 10:00:00').waitFor()
    assert.deepEqual(await published(), [20, 0, 3])

    await page.getByRole('button', { name: 'Preview the effect' }).click()
    const effect = page.getByRole('dialog')
    await effect.getByRole('row', { name: '2021-04 · repaired 0 1 +1' }).waitFor()
    await effect.getByRole('row', { name: '2021-04 · quarantined 3 2 −1' }).waitFor()
    await effect.getByText('events_by_period').first().waitFor()
    await check()
    assert.deepEqual(await published(), [20, 0, 3])
    await effect.getByRole('button', { name: 'Replay' }).click()
    await page.getByText('Done: what is published has been read with your fixes.').waitFor()
    assert.deepEqual(await published(), [20, 1, 2])
    // The screen follows by itself: the bar, the reasons and the rows.
    await page.getByText('repaired', { exact: true }).first().waitFor()
    await rows.getByText('yesterday').first().waitFor({ state: 'detached' })
    assert.equal(await page.locator('img[src=x]').count(), 0)
    await check()
    await context.close()
  })

  test('many rows are left out by one decision, which can be taken back', async () => {
    const { page, check, context } = await portal.visit('/t/default/quarantine/events')
    const rows = page.getByRole('table', { name: 'Rejected rows', exact: true })
    await rows.getByRole('checkbox').first().check()
    await rows.getByRole('checkbox').nth(1).check()
    await page.getByRole('button', { name: 'Mend the chosen…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Leave it out' }).click()
    await dialog.getByLabel('Why it is left out').fill('a test of the sender')
    await check()
    await dialog.getByRole('button', { name: 'Keep this fix' }).click()
    const waiting = page.getByText('left out: a test of the sender')
    await waiting.nth(1).waitFor()
    await page.getByRole('button', { name: 'Take back' }).first().click()
    await waiting.nth(1).waitFor({ state: 'detached' })
    assert.equal(await waiting.count(), 1)
    await context.close()
  })

  test('checks by day lead to what they found, on a phone, too, and in the dark', async () => {
    const options = { width: 390, height: 800, theme: 'dark' } as const
    const { page, check, context } = await portal.visit('/t/default/quality', options)
    await page.getByRole('button', { name: /no_bad_ids.*: kept/ }).click()
    await page.waitForURL(/check=no_bad_ids/)
    const found = page.getByRole('table', { name: 'no_bad_ids of quality_card' })
    await found.getByText('kept', { exact: true }).first().waitFor()
    await page
      .getByText('country_known warning')
      .or(page.getByText('filled blocking'))
      .first()
      .waitFor()
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
    await check()
    await context.close()
  })

  test('a source tells what arrived, what its columns hold, and whether it can be reached', async () => {
    const { page, check, context } = await portal.visit('/t/default/sources')
    await page.getByRole('row', { name: /events/ }).click()
    await page.getByRole('heading', { name: 'Arrivals by day' }).waitFor()
    await page.getByRole('button', { name: /1 readings?, 23 rows|2 readings, 46 rows/ }).waitFor()
    await check()
    await page.getByRole('tab', { name: 'Columns' }).click()
    await page.getByRole('heading', { name: 'timestamp' }).waitFor()
    await check()
    await page.getByRole('tab', { name: 'Schema' }).click()
    await page.getByText('first version, 9 columns').waitFor()
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Test the connection' }).click()
    await page.getByText('Every declared column is there.').waitFor()
    await page.getByLabel('Location').fill(join(folder, '{yyyy}', '{MM}', '{dd}.csv'))
    await page.getByRole('button', { name: 'Test the connection' }).click()
    await page.getByRole('alert').getByText('location-invalid').waitFor()
    await check()
    await context.close()
  })

  test('a file tells its columns within two seconds, and leaves the browser nowhere', async () => {
    const { page, check, context } = await portal.visit('/t/default/sources')
    await page.getByRole('row', { name: /events/ }).waitFor()
    const calls: string[] = []
    page.on('request', (request) => {
      if (request.method() !== 'GET') calls.push(request.url())
    })
    const text = `${HEADER}\n${Array.from({ length: 2_000 }, (_, at) => good(at)).join('\n')}\n`
    const startedMs = performance.now()
    const picker = page.getByLabel('Choose a file')
    await picker.setInputFiles({
      name: 'april.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(text),
    })
    await page.getByText('It fits the source events').waitFor()
    assert.ok(performance.now() - startedMs < 2_000, `took ${performance.now() - startedMs} ms`)
    const other = Buffer.from('day;amount\n2021-04-01;1,5\n')
    await picker.setInputFiles({ name: 'other.csv', mimeType: 'text/csv', buffer: other })
    await page.getByText("day: { type: 'date', role: 'time', optional: false }").waitFor()
    await page.getByText(/Files are read with commas/).waitFor()
    assert.deepEqual(calls, [])
    await check()
    await context.close()
  })
})
