import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'

import { openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

let portal: Portal

before(
  async () => {
    if (!skipWithoutChromium) portal = await openPortal()
  },
  { timeout: 180_000 },
)
after(() => portal?.close())

const skip = skipWithoutChromium
const SELECTED = 'users_by_day@2021-06-04..2021-06-06;top_users@2021-06'

const matrixOf = (page: Page) => page.getByRole('application')
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first()

async function squaresOf(places: readonly string[]) {
  const { squares } = await portal.client('demo').matrix.squares({ places: [...places] })
  return squares
}

test(
  'squares are found, described and selected by keyboard; the address keeps view and selection',
  { skip },
  async () => {
    const visit = await portal.visit('/t/demo/matrix')
    const { page } = visit
    await matrixOf(page).waitFor()
    await matrixOf(page).focus()
    for (const key of ['ArrowDown', 'End', ' ']) await page.keyboard.press(key)
    await page.getByText(/1 part of 1 dataset$/).waitFor()
    const said = await page.locator('[aria-live=polite]', { hasText: /:/ }).first().textContent()
    assert.match(said ?? '', /^events, September 2021: fresh$/)
    assert.match(page.url(), /sel=events%402021-09/)
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.searchParams.has('sel'))
    const count = page.getByText(/\d parts? of \d+ datasets?$/)
    await count.waitFor({ state: 'detached' })
    const box = await matrixOf(page).boundingBox()
    assert.ok(box)
    await page.mouse.move(box.x + box.width / 2, box.y + 120)
    for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, -400)
    await page.waitForURL(/from=2021/)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 + 150, box.y + 240, { steps: 4 })
    await page.mouse.up()
    await count.waitFor()
    const kept = page.url()
    const words = await count.textContent()
    await visit.check()
    const again = await portal.visit(kept.slice(portal.url.length), { theme: 'dark' })
    await again.page.getByText(words ?? '').waitFor()
    await again.check()
    await again.context.close()
    await visit.context.close()
  },
)

test('what is selected is planned, run, watched and undone', { skip }, async () => {
  const places = SELECTED.split(';')
  const before = await squaresOf(places)
  assert.deepEqual(
    before.map(({ state }) => state),
    ['fresh', 'fresh', 'fresh', 'fresh'],
  )
  const visit = await portal.visit(`/t/demo/matrix?sel=${encodeURIComponent(SELECTED)}`)
  const { page } = visit
  await button(page, 'Rerun 4 parts…').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('asked for').first().waitFor()
  await dialog.getByRole('button', { name: 'Missing or stale' }).click()
  await dialog.getByText('There is nothing to do').waitFor()
  await dialog.getByRole('button', { name: 'These and what follows' }).click()
  await dialog.getByText('an input may change').first().waitFor()
  await visit.check()
  await dialog.getByRole('button', { name: 'Exactly these' }).click()
  await dialog.getByRole('button', { name: 'Run 4 parts' }).click()
  const strip = page.getByRole('region', { name: 'Open the run' })
  await strip.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
  await strip.getByText('4 of 4 parts').waitFor()
  await visit.check()
  const rerun = await squaresOf(places)
  assert.ok(rerun.every(({ version }, at) => (version ?? 0) > (before[at]?.version ?? 0)))
  const run = new URL(page.url()).searchParams.get('run')
  assert.ok(rerun.every((square) => square.run === run))
  await strip.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'Put back' }).click()
  await page.getByText('4 parts put back').first().waitFor()
  await page.getByRole('button', { name: /^undone 4/ }).waitFor()
  assert.deepEqual(
    (await squaresOf(places)).map(({ state }) => state),
    ['undone', 'undone', 'undone', 'undone'],
  )
  await visit.check()
  await visit.context.close()
  await portal.client('demo').runs.start({ places, mode: 'rerun' })
})

test(
  'a plan that the world has left behind starts nothing, and the new one is shown',
  { skip },
  async () => {
    const place = 'events_by_day@2021-07-01..2021-07-02'
    const visit = await portal.visit(`/t/demo/matrix?sel=${encodeURIComponent(place)}`)
    const { page } = visit
    await button(page, 'Rerun 2 parts…').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('asked for').first().waitFor()
    const client = portal.client('demo')
    const { run } = await client.runs.start({ places: [place], mode: 'rerun' })
    assert.ok(run)
    while ((await client.runs.get({ run: run.id, waitMs: 5_000 })).run.state === 'running');
    const { runs: known } = await client.runs.list({ limit: 100 })
    await dialog.getByRole('button', { name: 'Run 2 parts' }).click()
    await dialog.getByRole('alert').getByText(`published by run ${run.id}`).first().waitFor()
    assert.equal((await client.runs.list({ limit: 100 })).runs.length, known.length)
    await visit.check()
    await dialog.getByRole('button', { name: 'Run 2 parts' }).click()
    await page.getByRole('region', { name: 'Open the run' }).waitFor()
    await visit.context.close()
  },
)

test(
  'the same rows are a table; on a phone the picture fits and is moved by a finger',
  { skip },
  async () => {
    const table = await portal.visit('/t/demo/matrix?view=table&q=events')
    await table.page.getByRole('table').waitFor()
    await table.page.getByRole('button', { name: 'Select' }).first().click()
    await table.page.getByText('6 parts of 1 dataset').waitFor()
    await table.check()
    await table.context.close()
    const phone = await portal.visit('/t/demo/matrix', { width: 390, height: 844, theme: 'dark' })
    await matrixOf(phone.page).waitFor()
    const width = await phone.page.evaluate(() => document.documentElement.scrollWidth)
    assert.ok(width <= 390, `${width} pixels wide`)
    await phone.check()
    await phone.context.close()
  },
)

test('operators see a dataset of all tenants, and fill what they select', { skip }, async () => {
  const visit = await portal.visit('/operate/matrix?dataset=events_by_month')
  const { page } = visit
  await matrixOf(page).waitFor()
  await page.getByText('nothing yet').waitFor()
  await matrixOf(page).focus()
  for (const key of ['ArrowDown', 'ArrowDown', ' ']) await page.keyboard.press(key)
  await button(page, 'Backfill…').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Exactly these' }).click()
  await dialog.getByRole('button', { name: 'Fill 1 part' }).click()
  const strip = page.getByRole('region', { name: 'Backfill' })
  await strip.getByText('Done', { exact: true }).waitFor({ timeout: 30_000 })
  await strip.getByText('1 of 1 part').waitFor()
  await visit.check()
  await visit.context.close()
})
