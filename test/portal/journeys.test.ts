import assert from 'node:assert/strict'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { OPERATOR, openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

/** First visits from end to end, as the people have them: nothing is prepared but `npm start`. */
describe('first visits', { skip: skipWithoutChromium, timeout: 300_000 }, () => {
  let portal: Portal & { readonly setupLink: string }
  before(async () => {
    portal = await openPortal({ setUp: false })
  })
  after(() => portal.close())

  const pathOf = (link: string) => link.slice(new URL(link).origin.length)

  test('of whoever runs it: set-up link, demo, matrix, select, rerun, and the result changes', async () => {
    const { page, check } = await portal.visit(pathOf(portal.setupLink))
    await page.getByLabel('Your name').fill('Olga Operator')
    await page.getByLabel('E-mail address').fill(OPERATOR.email)
    await page.getByLabel('Password', { exact: true }).fill(OPERATOR.password)
    await page.getByRole('button', { name: 'Begin' }).click()
    await page.waitForURL(`${portal.url}/t/demo/home`)

    await page.goto(`${portal.url}/t/demo/explore?dataset=events_by_month`)
    const september = page.getByRole('row').filter({ hasText: '2021-09' })
    const before = await september.textContent()

    // Late rows, as they happen: the file of a month has grown.
    const file = join(portal.home, 'samples', 'events', '2021', '09', 'events.csv')
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.startsWith('a'))
    const whole = lines.filter((line) => line.split('"').length === 3).slice(0, 25)
    await appendFile(file, `${whole.join('\n')}\n`)

    await page.getByRole('link', { name: 'Partitions', exact: true }).click()
    const matrix = page.getByRole('application')
    await matrix.focus()
    for (const key of ['ArrowDown', 'End', ' ']) await page.keyboard.press(key)
    await page.getByText(/1 part of 1 dataset$/).waitFor()
    await page
      .getByRole('button', { name: /^Rerun 1 part/ })
      .first()
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'These and what follows' }).click()
    await dialog.getByText('an input may change').first().waitFor()
    await dialog.getByRole('button', { name: /^Run \d+ parts/ }).click()
    const strip = page.getByRole('region', { name: 'Open the run' })
    await strip.getByText('Done', { exact: true }).waitFor({ timeout: 60_000 })
    await check()

    await page.goto(`${portal.url}/t/demo/explore?dataset=events_by_month`)
    await september.waitFor()
    assert.notEqual(await september.textContent(), before)
  })

  test('of a customer: invitation, password, chart, export, link', async () => {
    const operator = await portal.signIn(OPERATOR.email, OPERATOR.password)
    const { link } = await portal
      .client('demo', operator)
      .invitations.create({ email: 'carla@customer.example', role: 'analyst' })
    const { page, check } = await portal.visit(pathOf(link ?? ''), { width: 390, height: 844 })
    await page.getByLabel('Your name').fill('Carla')
    await page.getByLabel('Password', { exact: true }).fill(OPERATOR.password)
    await page.getByRole('button', { name: 'Join' }).click()
    await page.waitForURL(`${portal.url}/t/demo/home`)

    await page.goto(`${portal.url}/t/demo/explore?dataset=events_by_day`)
    await page.locator('canvas').first().waitFor()
    await check()
    await page.goto(`${portal.url}/t/demo/explore?dataset=events`)
    await page.getByRole('button', { name: 'Export' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Begin delivery' }).click()
    await dialog.getByText('ready', { exact: true }).waitFor({ timeout: 60_000 })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Download the file' }).click(),
    ])
    const text = await readFile(await download.path(), 'utf8')
    assert.equal(text.slice(0, 23), 'partition,id,timestamp,')
    await check()
  })
})
