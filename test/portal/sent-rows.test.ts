import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { writeMeters } from '../support/build-meters.ts'
import { openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

const pictures = process.env['MILLRACE_TEST_PICTURES']

describe('rows that were sent', { skip: skipWithoutChromium, timeout: 300_000 }, () => {
  let portal: Portal
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-portal-meters-'))
    const pack = await writeMeters(folder)
    portal = await openPortal({ settings: { MILLRACE_PACKS: pack } })
  })
  after(async () => {
    await portal.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function send(body: string, type: 'application/x-ndjson' | 'text/csv'): Promise<void> {
    const client = portal.client('default')
    const headers = {
      cookie: portal.operator.cookie,
      origin: new URL(portal.url).origin,
      'content-type': type,
      'millrace-tenant': 'default',
    }
    const sent = await fetch(`${portal.url}/v1/datasets/ticks/rows`, {
      method: 'POST',
      headers,
      body,
    })
    assert.ok(sent.ok, await sent.clone().text())
    const { acknowledgement } = (await sent.json()) as { acknowledgement: string }
    while (!(await client.acknowledgements.show({ acknowledgement })).visible) {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  test('are mended by their cells, previewed, replayed, and tell of it', async () => {
    await send(
      [
        '{"at":"2026-11-20","meter":"a","value":1}',
        '{"at":"2026-11-20","meter":"b","value":"many"}',
      ].join('\n'),
      'application/x-ndjson',
    )
    await send('meter,value,at\nc,5,yesterday\nd,6,2026-11-21\n', 'text/csv')
    const { page, check, context } = await portal.visit('/t/default/quarantine/ticks')
    const picture = async (name: string) => {
      if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
    }
    const rows = page.getByRole('table', { name: 'Rejected rows', exact: true })
    const mend = async (text: string, column: string, value: string) => {
      await rows.getByText(text).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('textbox', { name: column, exact: true }).fill(value)
      await check()
      await picture(`fix-${column}`)
      await dialog.getByRole('button', { name: 'Keep this fix' }).click()
      await page.getByText(`set ${column} = ${value}`).waitFor()
    }
    await mend('many', 'value', '100')
    await mend('yesterday', 'at', '2026-11-21')
    await page.getByRole('button', { name: 'Preview the effect' }).click()
    const effect = page.getByRole('dialog')
    await effect.getByRole('row', { name: '2026-11-20 · repaired 0 1 +1' }).waitFor()
    await effect.getByRole('row', { name: '2026-11-21 · repaired 0 1 +1' }).waitFor()
    await effect.getByText('meter_days').first().waitFor()
    await check()
    await picture('preview')
    await effect.getByRole('button', { name: 'Replay' }).click()
    await page.getByText('2 mended and in the data, 0 still held back').waitFor()
    await page.getByText('0 of 4 rows rejected').waitFor()
    await check()
    await picture('replayed')
    await context.close()
    const { received, accepted, repaired, quarantined } = await totals()
    assert.deepEqual([received, accepted, repaired, quarantined], [4, 2, 2, 0])
    const options = { width: 390, height: 800, theme: 'dark' } as const
    const phone = await portal.visit(new URL(page.url()).href.slice(portal.url.length), options)
    await phone.page.getByText('2 mended and in the data, 0 still held back').waitFor()
    assert.ok(await phone.page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
    await phone.check()
    if (pictures) await phone.page.screenshot({ path: join(pictures, 'phone.png') })
    await phone.context.close()
  })

  test('that do not get in are told of on the page of their source', async () => {
    const options = { width: 390, height: 800, theme: 'dark' } as const
    const { page, check, context } = await portal.visit('/t/default/home', options)
    const at = '2026-11-22T10:00:00.000Z'
    const error = 'the lake cannot be written: no space left'
    const waiting = { requests: 2, rows: 1500, since: at, failures: 7, failingSince: at, error }
    await page.route('**/v1/sources/ticks', async (route) => {
      const response = await route.fetch()
      const shown = (await response.json()) as object
      await route.fulfill({ response, body: JSON.stringify({ ...shown, waiting }) })
    })
    await page.goto(`${portal.url}/t/default/sources/ticks`)
    await page.getByText('Rows that were sent do not get in').waitFor()
    await page.getByText(error).waitFor()
    await page.getByText('1,500 rows of 2 requests').waitFor()
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
    await check()
    if (pictures) await page.screenshot({ path: join(pictures, 'stuck-phone.png') })
    await page.setViewportSize({ width: 1440, height: 900 })
    if (pictures) await page.screenshot({ path: join(pictures, 'stuck.png') })
    await context.close()
  })

  async function totals() {
    const { sources } = await portal.client('default').sources.list({})
    const ticks = sources.find(({ source }) => source === 'ticks')
    assert.ok(ticks)
    return ticks
  }
})
