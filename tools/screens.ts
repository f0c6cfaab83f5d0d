// npm run screens: every screen × state × theme as a picture in build/screens, with a page that shows all.
//
//   npm run screens                          all (some minutes)
//   npm run screens -- home explore          screens whose name contains one of the words
//   npm run screens -- --states full,failing --themes dark --widths 390
//
// The server is a real one with the demo tenant; `loading` and `failing` are made between it and the
// browser, and so are `hostile` texts: in every answer, in place of every text that people have written.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page, Route } from 'playwright-core'

import { addressesOf, fillDemo, isDoor } from '../test/support/portal-screens.ts'
import { openPortal, settled, type Portal } from '../test/support/portal.ts'

const states = ['full', 'empty', 'loading', 'failing', 'hostile'] as const
type State = (typeof states)[number]

const target = join(dirname(import.meta.dirname), 'build', 'screens')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    states: { type: 'string', default: states.join(',') },
    themes: { type: 'string', default: 'light,dark' },
    widths: { type: 'string', default: '1440,390' },
  },
})

/** Markup, length, direction, letters that few fonts have, and a word without an end. */
const hostile = [
  '<img src=x onerror=alert(1)><script>alert(2)</script>',
  '‮emordnilap‬ مرحبا بالعالم 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👩‍👩‍👧‍👦 Ω≈ç√∫',
  `${'Donaudampfschifffahrtsgesellschaft'.repeat(12)}`,
  '=HYPERLINK("http://example.org";"x") {{constructor}} ${7*7} "quoted" \'single\'',
]

/** Fields of answers that hold what people have written. */
const written =
  /^(title|name|description|note|message|reason|label|text|email|subject|summary|detail|remedy|raw|comment|caller|by|column)$/

const kept = /\/v1\/(access|account|events\/stream|sessions)(\?|$)/

async function disturb(page: Page, state: State): Promise<void> {
  if (state === 'full' || state === 'empty') return
  await page.route('**/v1/**', async (route: Route) => {
    if (kept.test(route.request().url())) return route.continue()
    // Never answered: what is drawn while nobody knows.
    if (state === 'loading') return
    if (state === 'failing') return route.fulfill(problem)
    const response = await route.fetch().catch(() => null)
    if (response === null) return route.abort()
    const body = await response.text()
    try {
      return await route.fulfill({ response, body: JSON.stringify(poisoned(JSON.parse(body))) })
    } catch {
      return route.fulfill({ response, body })
    }
  })
}

const problem = {
  status: 503,
  contentType: 'application/problem+json',
  headers: { 'retry-after': '0' },
  body: JSON.stringify({
    code: 'catalog-unreachable',
    status: 503,
    detail: 'the catalog does not answer: connection refused',
    remedy: 'Look whether PostgreSQL runs, and at `millrace doctor`.',
    retryable: false,
    details: {},
    requestId: 'req_0123456789',
  }),
}

let turn = 0

function poisoned(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => poisoned(one, field))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, poisoned(one, name)]),
    )
  }
  return typeof value === 'string' && written.test(field) ? hostile[turn++ % hostile.length] : value
}

async function shoot(portal: Portal, names: Record<string, string>): Promise<string[]> {
  const files: string[] = []
  const wanted = values.states.split(',') as State[]
  const shown = Object.entries(names).filter(
    ([name]) => positionals.length === 0 || positionals.some((word) => name.includes(word)),
  )
  for (const [name, address] of shown) {
    for (const state of wanted) {
      if (isDoor(address) && state === 'empty') continue
      for (const theme of values.themes.split(',') as ('light' | 'dark')[]) {
        for (const width of values.widths.split(',').map(Number)) {
          // The states of a phone are those of a desk; two of them show whether the layout holds.
          if (width < 500 && state !== 'full' && state !== 'hostile') continue
          const file = `${name}.${state}.${theme}.${width}.png`
          const tenant = state === 'empty' ? 'empty' : 'demo'
          const isNobody = isDoor(address) && name !== 'account'
          const visit = await portal.visit('/livez', {
            theme,
            width,
            ...(isNobody && { as: null }),
          })
          await disturb(visit.page, state)
          await visit.page.goto(portal.url + address.replace('{tenant}', tenant))
          await settle(visit.page, state)
          await visit.page.screenshot({ path: join(target, file), fullPage: width < 500 })
          const faults = visit.faults.filter((fault) => !fault.includes('livez'))
          for (const fault of faults) console.log(`${file}: ${fault}`)
          files.push(file)
          await visit.context.close()
        }
      }
    }
    console.log(`${name}: ${files.length} pictures so far`)
  }
  return files
}

async function settle(page: Page, state: State): Promise<void> {
  if (state !== 'loading') await settled(page).catch(() => {})
  await page.waitForTimeout(state === 'loading' ? 1_500 : 400)
}

function contactSheet(files: readonly string[]): string {
  const byName = Map.groupBy(files, (file) => file.split('.')[0] ?? '')
  const rows = [...byName].map(
    ([name, of]) =>
      `<h2>${name}</h2><div>${of
        .map((file) => `<a href="${file}"><img src="${file}" loading="lazy" title="${file}"></a>`)
        .join('')}</div>`,
  )
  return `<!doctype html><meta charset="utf-8"><title>Screens</title><style>
body { font: 14px system-ui; background: #888 } div { display: flex; flex-wrap: wrap; gap: 8px }
img { height: 260px; border: 1px solid #444 }</style>${rows.join('\n')}`
}

mkdirSync(target, { recursive: true })
const portal = await openPortal()
try {
  await portal.client(null).tenants.create({ slug: 'empty', name: 'Empty and new' })
  await fillDemo(portal, console.log)
  const files = await shoot(portal, await addressesOf(portal))
  writeFileSync(join(target, 'index.html'), contactSheet(files))
  console.log(`${files.length} pictures in build/screens, all of them in build/screens/index.html`)
} finally {
  await portal.close()
}
