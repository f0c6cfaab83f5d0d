import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { OPERATOR, openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

describe('the portal’s ground', { skip: skipWithoutChromium, timeout: 300_000 }, () => {
  let portal: Portal
  before(async () => {
    portal = await openPortal()
  })
  after(() => portal.close())

  test('its shell allows nothing inline and nothing from elsewhere, and files are kept for ever', async () => {
    const response = await fetch(`${portal.url}/t/demo/runs`)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe|https?:|\*/)
    const html = await response.text()
    assert.doesNotMatch(html, /https?:|style=|<script(?![^>]* src=)|\son\w+=/)
    const [, script = ''] = /src="\.\/(assets\/[^"]+\.js)"/.exec(html) ?? []
    const asset = await fetch(`${portal.url}/${script}`, {
      headers: { 'accept-encoding': 'br' },
    })
    assert.equal(asset.headers.get('content-encoding'), 'br')
    assert.match(asset.headers.get('cache-control') ?? '', /immutable/)
    assert.equal((await fetch(`${portal.url}/assets/..%2f..%2fpackage.json`)).status, 404)
    assert.equal((await fetch(`${portal.url}/nothing-here`)).status, 404)
  })

  test('whoever is nobody signs in first, and arrives where they wanted to go', async () => {
    const { page, check, context } = await portal.visit('/t/demo/runs?state=done', { as: null })
    await page.waitForURL(/\/sign-in\?next=/)
    await page.locator('input[type=email]').fill(OPERATOR.email)
    await check()
    await page.locator('input[type=password]').fill(OPERATOR.password)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/t\/demo\/runs\?state=done/)
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
    await context.close()
  })

  test('every screen is two keys away, and the choice of a theme stays', async () => {
    const { page, check, context } = await portal.visit('/t/demo/runs')
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('schedules')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/t\/demo\/schedules/)
    await page.getByRole('button', { name: 'Light or dark' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Light or dark' }).waitFor()
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark')
    await check()
    await context.close()
  })

  test('a run that somebody else starts appears by itself', async () => {
    const { page, context } = await portal.visit('/t/demo/runs')
    await page.getByRole('table').waitFor()
    const before = await page.getByRole('row').count()
    const client = portal.client('demo')
    const { datasets } = await client.datasets.list({})
    const analysis = datasets.find(({ kind }) => kind === 'analysis')
    await client.runs.start({ datasets: [analysis?.dataset ?? ''], mode: 'rerun' })
    await page.getByRole('row').nth(before).waitFor()
    await context.close()
  })

  test('an address without anything behind it says so, and a server that is away, too', async () => {
    const { page, context } = await portal.visit('/t/demo/nothing')
    await page.getByText('There is nothing at this address').waitFor()
    await page.route('**/v1/runs**', (route) => route.abort())
    await page.goto(`${portal.url}/t/demo/runs`)
    await page
      .getByRole('alert')
      .getByText('The server does not answer')
      .waitFor({ timeout: 15_000 })
    await context.close()
  })

  test('the view is to be had elsewhere: as curl and as GraphQL', async () => {
    const { page, context } = await portal.visit('/t/demo/runs?state=done')
    for (const [name, pattern] of [
      ['curl', /^curl '.*\/v1\/runs\?limit=\d+&state=done'.*Millrace-Tenant: demo/s],
      ['GraphQL', /^query runs\(.*\$state: RunState = DONE/s],
    ] as const) {
      await page.getByRole('button', { name: 'Copy as' }).click()
      await page.getByRole('menuitem', { name, exact: true }).click()
      await page.getByText('Copied').last().waitFor()
      assert.match(String(await page.evaluate('navigator.clipboard.readText()')), pattern)
    }
    await context.close()
  })
})
