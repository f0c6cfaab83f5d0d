import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'

import { systemClock } from '#kernel/clock.ts'
import { embeddingTexts } from '../../portal/src/texts/embedding.ts'
import { embedTexts } from '../../portal/src/texts/embed.ts'
import { auditTexts } from '../../portal/src/texts/audit.ts'
import { settingsTexts } from '../../portal/src/texts/settings.ts'
import { subjectsTexts } from '../../portal/src/texts/subjects.ts'
import {
  launchChromium,
  openPortal,
  seriousViolations,
  skipWithoutChromium,
  type Portal,
} from '../support/portal.ts'

const options = { skip: skipWithoutChromium }

let portal: Portal
let browser: Browser
/** Pages of another product, each at an origin of its own. */
let friend: Host
let stranger: Host

before(async () => {
  if (skipWithoutChromium !== false) return
  portal = await openPortal()
  browser = await launchChromium()
  friend = await openHost()
  stranger = await openHost()
})
after(async () => {
  await browser?.close()
  friend?.server.close()
  stranger?.server.close()
  await portal?.close()
})

interface Host {
  readonly server: Server
  readonly origin: string
  html: string
}

/** Another product: serves one page, whatever is asked for. */
async function openHost(): Promise<Host> {
  const host = { html: '', origin: '' } as { html: string; origin: string; server: Server }
  host.server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>Product</title>${host.html}`)
  })
  await new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve))
  host.origin = `http://127.0.0.1:${(host.server.address() as AddressInfo).port}`
  return host
}

interface Made {
  readonly id: string
  readonly url: string
  readonly secret: string
}

async function makeView(more: object = {}): Promise<Made> {
  const { embed, url, secret } = await portal.client('demo').embeds.create({
    title: 'Events by day',
    endpoint: 'events_over_time',
    parameters: { from: '2021-04', to: '2021-05', grain: 'month' },
    chart: { kind: 'bar', x: 'starts_on', y: ['events'] },
    origins: [friend.origin],
    ...more,
  })
  // What the server calls itself is not the port that this test has found it at.
  const own = new URL(url ?? portal.url)
  return { id: embed.id, url: `${portal.url}${own.pathname}${own.hash}`, secret }
}

/** A page of a host, with all that it and its frames have asked for. */
async function open(host: Host) {
  const context = await browser.newContext()
  const page = await context.newPage()
  const sent: { url: string; headers: Readonly<Record<string, string>> }[] = []
  page.on('request', async (request) => {
    sent.push({ url: request.url(), headers: await request.allHeaders() })
  })
  await page.goto(host.origin)
  return { page, sent, close: () => context.close() }
}

const frameOf = (page: Page) => page.frameLocator('iframe')

test(
  'a page of another product shows a view, as high as it is, and learns nothing else',
  options,
  async (t) => {
    const view = await makeView()
    friend.html = `<script src="${portal.url}/embed.js"></script><millrace-chart src="${view.url}"></millrace-chart>`
    const { page, sent, close } = await open(friend)
    t.after(close)
    await frameOf(page).getByRole('heading', { name: 'Events by day' }).waitFor()
    await frameOf(page).locator('canvas').first().waitFor()
    await frameOf(page).getByRole('button', { name: embedTexts.asTable }).click()
    await frameOf(page).getByRole('cell', { name: '2021-04-01' }).waitFor()
    const frame = page.locator('iframe')
    const height = () => frame.evaluate((element) => element.getBoundingClientRect().height)
    await until(async () => (await height()) !== 360)
    assert.ok((await height()) > 100 && (await height()) < 600, `${await height()}`)
    for (const { url, headers } of sent) {
      assert.ok(!url.includes(new URL(view.url).hash.slice(1)) || url === view.url, url)
      assert.ok(!(headers['referer'] ?? '').includes('embed'), url)
      assert.equal(headers['cookie'], undefined, url)
      assert.ok([friend.origin, portal.url].includes(new URL(url).origin), url)
    }
    const asked = sent
      .filter(({ url }) => url.includes('/v1/'))
      .map(({ url }) => new URL(url).pathname)
    assert.deepEqual(new Set(asked), new Set([`/v1/embeds/${view.id}/view`]))
  },
)

test(
  'no other page can frame it, and none that greets is told how high it is',
  options,
  async (t) => {
    const view = await makeView()
    stranger.html = `<iframe src="${view.url}" width="600" height="400"></iframe>
    <script>
      addEventListener('message', (event) => { document.title = 'told ' + JSON.stringify(event.data) })
      setInterval(() => frames[0].postMessage({ type: 'millrace-hello' }, '*'), 50)
    </script>`
    const { page, sent, close } = await open(stranger)
    t.after(close)
    await until(async () => sent.some(({ url }) => url.includes('/embed/')))
    await systemClock.sleep(1500)
    assert.equal(await frameOf(page).getByRole('heading').count(), 0)
    assert.equal(sent.filter(({ url }) => url.includes('/v1/')).length, 0)
    assert.equal(await page.title(), 'Product')
  },
)

test(
  'what was revoked is told in words, on pages that show it, and by itself soon',
  options,
  async (t) => {
    const view = await makeView({ chart: undefined })
    friend.html = `<millrace-chart src="${view.url}"></millrace-chart><script src="${portal.url}/embed.js"></script>`
    const { page, close } = await open(friend)
    t.after(close)
    await frameOf(page).getByRole('cell', { name: '2021-05-01' }).waitFor()
    await portal.client('demo').embeds.revoke({ embed: view.id })
    await systemClock.sleep(600)
    await page.reload()
    await frameOf(page).getByText(embedTexts.ended).waitFor()
    const nothing = await fetch(`${portal.url}/v1/embeds/${view.id}/view`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: 'x'.repeat(43) }),
    })
    assert.equal(nothing.status, 404)
  },
)

test('a view is made, shown once with its link, and ended', options, async (t) => {
  const visit = await portal.visit('/t/demo/settings?tab=embedding')
  t.after(() => visit.context.close())
  const { page } = visit
  const { form, made } = embeddingTexts
  await page.getByRole('button', { name: embeddingTexts.make }).first().click()
  await page.getByLabel(form.name, { exact: true }).fill('Companies <img src=x onerror=alert(1)>')
  await page.getByLabel(form.endpoint, { exact: true }).selectOption('top_companies_by_month')
  await page.getByRole('button', { name: form.make }).isDisabled()
  await page.getByLabel(form.drawn).selectOption('bar')
  await page.getByRole('img', { name: form.picture }).waitFor()
  await page.getByLabel(form.origins).fill('nonsense')
  await page.getByRole('button', { name: form.make }).click()
  await page.getByText('is no origin of pages').waitFor()
  await page.getByLabel(form.origins).fill(`${friend.origin}\nhttps://app.example.com`)
  await page.getByRole('button', { name: form.make }).click()
  await page.getByRole('heading', { name: made.title }).waitFor()
  const snippet = await page.getByLabel(made.element, { exact: true }).innerText()
  assert.match(snippet, /<millrace-chart src="[^"]+\/embed\/emb_\w+#[\w-]{43}">/)
  await visit.check()
  await page.getByRole('button', { name: made.done }).click()
  await page.getByRole('button', { name: /^Actions: Companies/ }).click()
  await page.getByRole('menuitem', { name: embeddingTexts.revoke }).click()
  await page.getByRole('button', { name: embeddingTexts.revoke }).click()
  await page.getByText(embeddingTexts.revoked).waitFor()
  await page.getByText('Companies <img').waitFor({ state: 'detached' })
  await visit.check()
})

test('looks are seen before they are saved, and colour the portal then', options, async (t) => {
  const visit = await portal.visit('/t/demo/settings?tab=looks')
  t.after(async () => {
    await portal.client('demo').tenants.configure({ slug: 'demo', colour: null, logo: null })
    await visit.context.close()
  })
  const { page } = visit
  const { looks } = settingsTexts
  await page.getByLabel(looks.hex).fill('#ffee00')
  await page.getByText(/Shown as #[0-9a-f]{6}, so that it can be read/).waitFor()
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
  const file = (name: string, text: string) => ({
    name,
    mimeType: 'image/svg+xml',
    buffer: Buffer.from(text),
  })
  await page
    .getByLabel(looks.logo)
    .setInputFiles(file('bad.svg', svg.replace('<path', '<script/><path')))
  await page.getByRole('button', { name: 'Save' }).click()
  await page
    .getByText(/has an element script/)
    .first()
    .waitFor()
  await page.locator('input[type=file]').setInputFiles(file('good.svg', svg))
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText(settingsTexts.saved, { exact: true }).waitFor()
  const accent = () =>
    page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent'))
  await until(async () => (await accent()).trim() !== '#1d4fd8')
  await visit.check()
})

test(
  'the log is searched, a change is told with what was there before, the chain is followed',
  options,
  async (t) => {
    const client = portal.client('demo')
    await client.tenants.configure({ slug: 'demo', timeZone: 'Europe/Vienna' })
    await client.tenants.configure({ slug: 'demo', timeZone: 'Europe/Berlin' })
    const visit = await portal.visit('/t/demo/audit?action=tenants')
    t.after(() => visit.context.close())
    const { page } = visit
    await page.getByRole('row').filter({ hasText: 'tenants.configure' }).first().click()
    await page.getByRole('deletion').filter({ hasText: 'Europe/Vienna' }).waitFor()
    await page.getByRole('insertion').filter({ hasText: 'Europe/Berlin' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: auditTexts.verify }).click()
    await page.getByText(/The chain is unbroken: [\d,]+ rows/).waitFor()
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: auditTexts.export }).click()
    assert.equal((await saving).suggestedFilename(), 'audit-demo.ndjson')
    await page.getByLabel(auditTexts.who, { exact: true }).fill('nobody-of-this-name')
    await page.getByText(auditTexts.none).waitFor()
    await visit.check()
  },
)

test(
  'a subject is found, and erased when its name was typed, with the proof of it',
  options,
  async (t) => {
    const visit = await portal.visit('/t/demo/subjects')
    t.after(() => visit.context.close())
    const { page } = visit
    await page.getByLabel(subjectsTexts.search).fill('adafontana@')
    const row = page.getByRole('row').filter({ hasText: 'adafontana@acorn.info' })
    await row.click()
    await page.getByRole('button', { name: subjectsTexts.erase }).click()
    const erase = page.getByRole('button', { name: subjectsTexts.eraseDo })
    assert.ok(await erase.isDisabled())
    await page.getByLabel(subjectsTexts.eraseConfirm).fill('adafontana@acorn.info')
    await visit.check()
    await erase.click()
    await page.getByRole('heading', { name: subjectsTexts.proof }).waitFor()
    await page.getByRole('heading', { name: subjectsTexts.remains }).waitFor()
    await page.getByText(/^✓ Removing former versions/).waitFor({ timeout: 90_000 })
    const { erasures } = await portal.client('demo').erasures.list({})
    assert.deepEqual([erasures[0]?.state, (erasures[0]?.filesPurged ?? 0) > 0], ['done', true])
    await visit.check()
  },
)

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 390]) {
    test(`the screens are whole in the ${theme} theme, ${width} pixels wide`, options, async () => {
      for (const path of [
        'usage',
        'usage?days=table',
        'audit',
        'subjects',
        'settings',
        'settings?tab=looks',
        'settings?tab=keeping',
        'settings?tab=mail',
        'settings?tab=end',
      ]) {
        const visit = await portal.visit(`/t/demo/${path}`, { theme, width })
        await visit.page.locator('main h2, main [role=table]').first().waitFor()
        await visit.check()
        const beyond = await visit.page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        assert.equal(beyond, 0, `${path} is wider than the window`)
        await visit.context.close()
      }
    })
  }
}

test('a view is whole in both themes and on a phone', options, async (t) => {
  for (const theme of ['light', 'dark'] as const) {
    const view = await makeView({ theme, title: '‮ 👩‍👩‍👧 '.padEnd(190, 'x') })
    const context = await browser.newContext({ viewport: { width: 390, height: 700 } })
    t.after(() => context.close())
    const page = await context.newPage()
    await page.goto(view.url)
    await page.locator('canvas').first().waitFor()
    assert.equal(await page.locator('html').getAttribute('data-theme'), theme)
    assert.deepEqual(await seriousViolations(page), [])
  }
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  const untilMs = systemClock.monotonicMs() + 15_000
  while (!(await holds())) {
    assert.ok(systemClock.monotonicMs() < untilMs, holds.toString())
    await systemClock.sleep(50)
  }
}
