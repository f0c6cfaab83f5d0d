import assert from 'node:assert/strict'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

const HOSTILE = '<img src=x onerror=alert(1)>'

describe('home, explore and receipts', { skip: skipWithoutChromium, timeout: 400_000 }, () => {
  let portal: Portal
  before(async () => {
    portal = await openPortal()
  })
  after(() => portal.close())

  test('something is chosen, drawn, filtered and found again by its address', async () => {
    const { page, check, context } = await portal.visit('/t/demo/explore')
    await page.getByRole('searchbox').fill('by_day')
    await page.getByRole('button', { name: /^events_by_day/ }).click()
    await page.waitForURL(/dataset=events_by_day/)
    await page
      .getByRole('img', { name: /^Line of events by/ })
      .locator('canvas')
      .waitFor()
    const rows = page.getByRole('table', { name: 'Rows' })
    assert.equal(await rows.getAttribute('aria-rowcount'), '185')
    await check()

    await page.getByRole('button', { name: 'Add filter' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Column').selectOption('events')
    await dialog.getByLabel('Condition').selectOption('lt')
    await dialog.getByLabel('Value').fill('100')
    await dialog.getByRole('button', { name: 'Add filter' }).click()
    await page.getByRole('button', { name: 'Remove the filter events is less than 100' }).waitFor()
    await page.getByRole('button', { name: /^Histogram/ }).click()
    await page.getByRole('img', { name: /^Histogram of events/ }).waitFor()
    const few = Number(await rows.getAttribute('aria-rowcount'))
    assert.ok(few > 1 && few < 185, `${few} rows`)

    await page.reload()
    await page
      .getByRole('img', { name: /^Histogram of events/ })
      .locator('canvas')
      .waitFor()
    assert.equal(await rows.getAttribute('aria-rowcount'), String(few))
    await page.goBack()
    await context.close()
  })

  test('rows that are many are scrolled through, page by page', async () => {
    const { page, context } = await portal.visit('/t/demo/explore?dataset=events')
    const rows = page.getByRole('table', { name: 'Rows' })
    await rows.waitFor()
    assert.equal(await rows.getAttribute('aria-rowcount'), '1001')
    await rows.evaluate((box) => (box.scrollTop = box.scrollHeight))
    await page.getByText(/^2,000 of 2\d,\d\d\d rows$/).waitFor()
    // Only what is seen is drawn.
    assert.ok((await rows.getByRole('row').count()) < 80)
    await context.close()
  })

  test('an export says how much it is, and few rows come at once', async () => {
    const { page, check, context } = await portal.visit(
      '/t/demo/explore?endpoint=top_companies_by_month&p.month=2021-05&p.top=3',
    )
    await page.getByRole('button', { name: 'Export' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/^Up to [\d,]+ rows come at once\.$/).waitFor()
    await check()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download' }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    assert.match(text, /^rank,company,events,users,tied\n/)
    assert.ok(text.trim().split('\n').length >= 4)
    await context.close()
  })

  test('many rows become a delivery whose progress and link stand right there', async () => {
    const { page, check, context } = await portal.visit('/t/demo/explore?dataset=events')
    await page.getByRole('button', { name: 'Export' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/brought as a delivery/).waitFor()
    await dialog.getByRole('button', { name: 'Begin delivery' }).click()
    await dialog.getByText('ready', { exact: true }).waitFor({ timeout: 60_000 })
    await check()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download the file' }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    const { rows } = await portal.client('demo').rows.estimate({ dataset: 'events' })
    // Texts hold ends of lines, too.
    const records = text
      .replace(/"[^"]*"/g, '')
      .trim()
      .split('\n').length
    assert.equal(records, rows + 1)
    await context.close()
  })

  test('a row leads to the rows behind it', async () => {
    const { page, check, context } = await portal.visit(
      '/t/demo/explore?endpoint=top_companies_by_month&p.month=2021-05',
    )
    await page.getByRole('table', { name: 'Rows' }).getByRole('row').nth(1).click()
    const drawer = page.getByRole('dialog')
    const behind = drawer.getByRole('table', { name: 'Rows behind this row' })
    await behind.getByText('@', { exact: false }).first().waitFor()
    await check()
    await context.close()
  })

  test('a number that changed is drawn beside what it was, and says why', async () => {
    const file = join(portal.home, 'samples', 'events', '2021', '09', 'events.csv')
    const [, ...lines] = (await readFile(file, 'utf8')).split('\n')
    const late = lines.filter((line) => line.startsWith('a') && line.split('"').length === 3)
    const hostile = (late[0] ?? '').replace(/,[^,]*,click,/, `,${HOSTILE},click,`)
    await appendFile(file, `${[...late.slice(0, 40), hostile].join('\n')}\n`)
    const client = portal.client('demo')
    const { run } = await client.runs.start({
      datasets: ['events'],
      partition: '2021-09',
      mode: 'run',
    })
    for (let state = 'running'; state === 'running';) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { runs } = await client.runs.list({ limit: 10 })
      state = runs.find(({ id }) => id === run?.id)?.state ?? 'gone'
    }

    const { page, check, context } = await portal.visit(
      '/t/demo/explore?dataset=events_by_month&compare=before',
    )
    await page.getByText(/^\d+ changed, 0 new, 0 gone$/).waitFor()
    await page.getByText('rows came late').waitFor()
    await page.getByRole('link', { name: 'Compare where both came from' }).click()
    await page.waitForURL(/\/receipts\/rcp_\w+\?with=rcp_/)
    await page.getByText('rows came late').waitFor()
    await page.getByRole('table', { name: 'Files that it came from' }).waitFor()
    await check()
    // What is new lies behind the rows that the first page holds.
    await page.goto(`${portal.url}/t/demo/explore?dataset=events&partition=2021-09&compare=before`)
    await page.getByText(/^0 changed, [1-9]\d* new, 0 gone$/).waitFor()
    await context.close()

    const where = encodeURIComponent(JSON.stringify([['uri', 'contains', '<img']]))
    const seen = await portal.visit(`/t/demo/explore?dataset=events&where=${where}`)
    await seen.page.getByText(HOSTILE).first().waitFor()
    await seen.check()
    await seen.context.close()
  })

  test('home shows numbers, what is open and what is new, on a phone, too', async () => {
    for (const theme of ['light', 'dark'] as const) {
      const { page, check, context } = await portal.visit('/t/demo/home', {
        width: theme === 'light' ? 390 : 1440,
        theme,
      })
      await page
        .getByRole('region', { name: 'Headline numbers' })
        .getByRole('article')
        .first()
        .waitFor()
      await page.getByRole('link', { name: /rows could not be read/ }).waitFor()
      await page
        .getByText(/: \d+ parts published/)
        .first()
        .waitFor()
      const isWider = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
      assert.equal(isWider, false)
      await check()
      await context.close()
    }
  })

  test('the numbers are chosen by whoever may, and steps are ticked as they are taken', async () => {
    const { page, check, context } = await portal.visit('/t/demo/home')
    const region = page.getByRole('region', { name: 'Headline numbers' })
    await region.getByRole('button', { name: 'Choose numbers' }).click()
    const dialog = page.getByRole('dialog')
    const chosen = dialog.getByRole('checkbox', { checked: true })
    while ((await chosen.count()) > 0) await chosen.first().uncheck()
    await dialog.getByLabel('Search numbers').fill('returning_companies')
    await dialog.getByRole('checkbox').first().check()
    await check()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await region.getByText('Returning companies').waitFor()
    assert.equal(await region.getByRole('article').count(), 1)

    await page.getByText('Make a key for your own programs').waitFor()
    const before = await page.getByLabel('to do').count()
    await portal.client('demo').keys.create({ name: 'mine', permissions: ['read'] })
    await page.reload()
    await page.getByText('Make a key for your own programs').waitFor()
    await page.waitForFunction(
      `document.querySelectorAll('[aria-label="to do"]').length < ${before}`,
    )
    await context.close()
  })
})
