import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'

import {
  openPortal,
  skipWithoutChromium,
  type Portal,
  type Session,
  type Visit,
} from '../support/portal.ts'

const HOSTILE = `<img src=x onerror=alert(1)> ${'long '.repeat(300)}\u202Eevil 🦉`
const PASSWORD = 'graue Katze 17 Meter'

describe(
  'deliveries, reports, endpoints and queries',
  { skip: skipWithoutChromium, timeout: 500_000 },
  () => {
    let portal: Portal
    let ada: Session
    let vera: Session

    async function join(email: string, role: string): Promise<Session> {
      const { link } = (await portal.client('demo').invitations.create({ email, role })) as {
        link: string
      }
      const token = new URLSearchParams(new URL(link).hash.slice(1)).get('token')
      const reply = await fetch(`${portal.url}/v1/invitations/accept`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: portal.url },
        body: JSON.stringify({ token, name: email, password: PASSWORD }),
      })
      assert.equal(reply.status, 200, await reply.clone().text())
      return { cookie: reply.headers.get('set-cookie')?.split(';')[0] ?? '' }
    }

    before(async () => {
      portal = await openPortal()
      ada = await join('ada@example.com', 'owner')
      vera = await join('vera@example.com', 'viewer')
    })
    after(() => portal.close())

    const visit = (path: string, more = {}) => portal.visit(`/t/demo/${path}`, { as: ada, ...more })

    async function fits({ page, check, context }: Visit): Promise<void> {
      await check()
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
      assert.ok(wide <= 0, `${wide} pixels too wide`)
      await context.close()
    }

    test('an endpoint is tried without a key, and says what cannot be before it is sent', async () => {
      const { page, check, context } = await visit('endpoints')
      await page.getByRole('link', { name: 'top_companies_by_month' }).click()
      await page.getByLabel('top integer').fill('many')
      await page.getByText('is no whole number').waitFor()
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByText('The answer stands here').waitFor()
      await page.getByLabel('top integer').fill('3')
      await page.getByRole('button', { name: 'Send' }).click()
      const rows = page.getByRole('table', { name: 'Rows of top_companies_by_month' })
      await rows.waitFor()
      assert.ok(Number(await rows.getAttribute('aria-rowcount')) >= 4)
      await page.getByRole('link', { name: /^rcp_/ }).waitFor()
      await check()
      await page.getByRole('button', { name: 'Chart', exact: true }).click()
      await page
        .getByRole('img', { name: /rows; the table has the same/ })
        .locator('canvas')
        .waitFor()
      await page.getByRole('button', { name: 'Raw' }).click()
      await page.getByText('"receipt"').waitFor()
      await page.getByRole('button', { name: 'Headers' }).click()
      await page.getByText('millrace-receipt', { exact: true }).waitFor()
      await page.getByLabel('Format').selectOption('csv')
      await page.getByRole('button', { name: 'Send' }).click()
      await page.getByRole('button', { name: 'Raw' }).click()
      await page.getByText('rank,company,events,users,tied').waitFor()
      await check()
      await context.close()
    })

    test('its docs speak five languages, and its traffic is seen and taken away as a file', async () => {
      const client = portal.client('demo', ada)
      for (const top of ['1', '2', '3']) {
        const rows = await client.endpoints.rows('top_users_by_month', { parameters: { top } })
        await rows.text()
      }
      await client.endpoints
        .rows('top_users_by_month', { parameters: { none: '1' } })
        .catch(() => {})
      const { page, check, context } = await visit('endpoints/top_users_by_month?tab=docs')
      await page.getByRole('button', { name: 'Python' }).click()
      await page.getByText('urllib.request.Request(').waitFor()
      await page.getByText('input-invalid').waitFor()
      await check()
      // Counts are written a few seconds later.
      const counted = async () =>
        (await client.endpoints.trafficByHour({ endpoint: 'top_users_by_month' })).hours.length > 0
      while (!(await counted())) await new Promise((done) => setTimeout(done, 200))
      await page.getByRole('tab', { name: 'Traffic' }).click()
      await page.getByText(/^\d+ refused$/).waitFor()
      const map = page.getByRole('application', { name: /^How long they took/ })
      await map.focus()
      await page.keyboard.press('ArrowUp')
      await page.getByText(/: \d+ requests took ≤ /).waitFor()
      await page.keyboard.press('Enter')
      await page.waitForURL(/at=\d+/)
      await check()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export as CSV' }).click(),
      ])
      assert.match(await readFile(await download.path(), 'utf8'), /^hour,endpoint,version,caller/)
      await page.getByRole('tab', { name: 'Versions' }).click()
      await page.getByRole('button', { name: 'Pin' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Pin' }).click()
      await page.getByRole('button', { name: 'Follow the current one' }).click()
      await page.getByRole('button', { name: 'Pin' }).waitFor()
      await page.getByRole('tab', { name: 'Limits' }).click()
      await page.getByText('95 of 100 requests take').waitFor()
      await check()
      await context.close()
    })

    test('a delivery shows its file, its mails and its question, and becomes a report', async () => {
      const client = portal.client('demo', ada)
      const { rows } = await client.rows.estimate({ dataset: 'users_by_day' })
      const { id } = await client.deliveries.create({ dataset: 'users_by_day', title: 'users' })
      const { page, check, context } = await visit('deliveries')
      await page.getByRole('button', { name: 'users.csv' }).click()
      const drawer = page.getByRole('dialog')
      await drawer.getByText('ready', { exact: true }).waitFor({ timeout: 60_000 })
      await drawer
        .getByText(`${rows.toLocaleString('en')} rows`)
        .first()
        .waitFor()
      // Mail is not set up on this server.
      await drawer.getByText('Nobody is told by mail.').waitFor()
      await check()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        drawer.getByRole('link', { name: 'Download' }).click(),
      ])
      const text = await readFile(await download.path(), 'utf8')
      assert.equal(text.trim().split('\n').length, rows + 1)
      await drawer.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Send me the next one too' }).click()
      await page.waitForURL(/\/reports\?from=/)
      const form = page.getByRole('dialog')
      await form.getByRole('button', { name: 'Make it' }).waitFor()
      assert.equal(await form.getByLabel('Name').inputValue(), 'users')
      assert.equal(await form.getByLabel('Dataset').inputValue(), 'users_by_day')
      await form.getByRole('button', { name: 'Make it' }).click()
      await page.getByRole('button', { name: 'users', exact: true }).waitFor()
      const { asked, onArrival } = await client.reports.show('users')
      assert.deepEqual([asked['dataset'], onArrival], ['users_by_day', true])

      await page.goto(`${portal.url}/t/demo/deliveries?delivery=${id}`)
      await drawer.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Forget' }).click()
      await page.getByRole('button', { name: 'Forget' }).click()
      await page.getByText('It is forgotten').waitFor()
      await context.close()
    })

    test('a report is made in words, looked at before it is sent, sent, and put to rest', async () => {
      const { page, check, context } = await visit('reports')
      await page.getByRole('button', { name: 'New report' }).first().click()
      const form = page.getByRole('dialog')
      await form.getByLabel('Name').fill('monday')
      await form.getByLabel('Endpoint', { exact: true }).selectOption('top_companies_by_month')
      await form.getByLabel('top integer').fill('5')
      await form.getByLabel('Time zone').selectOption('Europe/Berlin')
      await form.getByText('every Monday at 07:00 in Europe/Berlin').waitFor()
      await check()
      await form.getByRole('button', { name: 'Make it' }).click()
      await page.getByRole('img', { name: /^monday: due 4 times/ }).waitFor()
      await page.getByRole('button', { name: 'monday', exact: true }).click()
      const drawer = page.getByRole('dialog')
      await drawer.getByText('It would be sent now').waitFor()
      await drawer.getByRole('table', { name: 'First rows' }).waitFor()
      await check()
      await drawer.getByRole('button', { name: 'Send now' }).click()
      await drawer.getByRole('tab', { name: 'History' }).click()
      await drawer.getByText('sent', { exact: true }).waitFor({ timeout: 60_000 })
      await drawer.getByRole('tab', { name: 'Preview' }).click()
      await drawer.getByText('It would not be sent now: these rows were sent last').waitFor()
      await drawer.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Pause' }).click()
      await page.keyboard.press('Escape')
      await page.getByText('paused', { exact: true }).waitFor()
      await page
        .getByRole('img', { name: /^sent, / })
        .first()
        .waitFor()
      await check()
      await context.close()
    })

    test('SQL is written with a parameter, explained, run, saved, and run by its name', async () => {
      const { page, check, context } = await visit('queries')
      await page.getByRole('button', { name: 'users_by_day', exact: true }).click()
      const editor = page.getByLabel('SQL', { exact: true })
      assert.match(await editor.inputValue(), /FROM users_by_day/)
      await editor.fill(
        'SELECT email, sum(events) AS events FROM users_by_day WHERE events >= $least GROUP BY email',
      )
      await page.getByLabel('$least type').selectOption('integer')
      await page.getByLabel('Value').fill('2')
      await page.getByRole('button', { name: 'Explain' }).click()
      await page.getByText('184 partitions').waitFor()
      await check()
      await editor.press('Control+Enter')
      const rows = page.getByRole('table', { name: 'Rows' })
      await rows.waitFor({ timeout: 60_000 })
      await page.getByRole('button', { name: 'Save as…' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Name').fill('busy-users')
      await dialog.getByLabel('What it answers').fill(HOSTILE.slice(0, 1_500))
      await dialog.getByRole('button', { name: 'Save' }).click()
      await page.waitForURL(/query=busy-users/)
      await page.getByLabel('least integer').fill('3')
      await page.getByRole('button', { name: 'Run' }).click()
      await rows.waitFor({ timeout: 60_000 })
      await check()
      await context.close()
      const wrong = await visit('queries?sql=SELEC')
      await wrong.page.getByRole('button', { name: 'Run' }).click()
      await wrong.page.getByRole('alert').waitFor()
      await fits(wrong)
    })

    test('whoever may not change things is shown no way to', async () => {
      const { page, check, context } = await visit('queries', { as: vera })
      await page.getByRole('button', { name: /^busy-users/ }).click()
      await page.getByRole('button', { name: 'Run' }).waitFor()
      assert.equal(await page.getByRole('button', { name: 'Forget' }).count(), 0)
      assert.equal(await page.getByLabel('SQL', { exact: true }).locator('textarea').count(), 0)
      await page.goto(`${portal.url}/t/demo/endpoints/top_users_by_month?tab=versions`)
      await page.getByText('From deployment to end').waitFor()
      assert.equal(await page.getByRole('button', { name: 'Pin' }).count(), 0)
      await check()
      await context.close()
    })

    for (const theme of ['light', 'dark'] as const) {
      test(`every screen fits a phone, in the ${theme} theme`, async () => {
        const screens = {
          deliveries: 'From asking to the end of the link',
          reports: 'The coming four weeks',
          'reports?edit=new': 'Next times',
          'reports?report=monday': 'It would not be sent now',
          endpoints: 'top_users_by_month',
          'endpoints/top_users_by_month': 'It asks with your session',
          'endpoints/top_users_by_month?tab=docs': 'input-invalid',
          'endpoints/top_users_by_month?tab=traffic': 'Export as CSV',
          queries: 'Explain',
          'queries?query=busy-users': 'Open in the editor',
        }
        for (const [path, text] of Object.entries(screens)) {
          const seen = await visit(path, { width: 390, height: 844, theme })
          await seen.page.getByText(text).first().waitFor()
          await fits(seen)
        }
      })
    }
  },
)
