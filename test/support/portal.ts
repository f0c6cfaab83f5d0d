import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

import { createClient, type Client } from '../../sdk/src/index.ts'
import { commandLineOn } from './command-line.ts'
import { freePort } from './prefix-proxy.ts'

export const OPERATOR = { email: 'olga@example.org', password: 'graue Katze 17 Meter' } as const

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Null: there is no browser, and tests that need one say so and are skipped. */
export function findChromium(): string | null {
  return places.find((place) => existsSync(place)) ?? null
}

const required = (process.env['MILLRACE_TEST_REQUIRE'] ?? '').split(',').includes('chromium')
export const skipWithoutChromium =
  findChromium() === null && !required ? 'Chromium is needed' : false

export interface VisitOptions {
  /** Default: the operator. `null`: nobody. */
  readonly as?: Session | null
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
}

/** Cookie of somebody who has signed in. */
export interface Session {
  readonly cookie: string
}

/** One window, with what it should never have: see {@link Visit.check}. */
export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console, uncaught ones, and requests to anywhere else. */
  readonly faults: string[]
  /** No faults, and axe finds nothing serious. */
  check(): Promise<void>
}

/** A server with the demo tenant as a process, and a browser before it. */
export interface Portal {
  readonly url: string
  readonly home: string
  readonly operator: Session
  /** Signs somebody in. */
  signIn(email: string, password: string): Promise<Session>
  /** Accepts an invitation by its link, with an account that this makes. */
  join(link: string, name: string, password: string): Promise<Session>
  /** The typed client of the operator (or another session) for a tenant. */
  client(tenant: string | null, as?: Session): Client
  visit(path: string, options?: VisitOptions): Promise<Visit>
  close(): Promise<void>
}

interface PortalOptions {
  readonly setUp?: boolean
  /** Further words of the command line. */
  readonly args?: string
  readonly publicUrl?: string | null
  /** Further settings, by the names of their variables. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * `npm start` on an empty folder: sample data, results, and a first operator by the set-up link. With
 * `setUp: false` the link is left for the test: `setupLink`.
 */
export async function openPortal({
  setUp = true,
  args = '',
  publicUrl = null,
  settings = {},
}: PortalOptions = {}): Promise<Portal & { readonly setupLink: string }> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-portal-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const env = { ...settings, ...(publicUrl !== null && { MILLRACE_PUBLIC_URL: publicUrl }) }
  const server = commandLineOn(home, env).start(`serve --demo --port ${port} ${args}`)
  const [setupLink = '', token = ''] = await server.says(/http:\S+\/setup#token=([\w-]+)/)
  const origin = new URL(publicUrl ?? url).origin
  await server.says(/Try/)
  const browser = await launchChromium()

  async function begin(path: string, body: object): Promise<Session> {
    const response = await fetch(`${url}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify(body),
    })
    assert.ok(response.ok, await response.clone().text())
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    return { cookie }
  }
  const operator = setUp
    ? await begin('setup', { token, name: 'Olga Operator', ...OPERATOR })
    : { cookie: '' }

  return {
    url,
    home,
    setupLink,
    operator,
    join: (link, name, password) =>
      begin('invitations/accept', { token: link.split('#token=')[1], name, password }),
    signIn: (email, password) => begin('sessions', { email, password }),
    client: (tenant, as = operator) =>
      createClient({
        url,
        headers: { cookie: as.cookie, origin },
        ...(tenant !== null && { tenant }),
      }),
    visit: (path, options = {}) =>
      visit(browser, url, path, { as: setUp ? operator : null, ...options }),
    async close() {
      await browser.close()
      server.child.kill('SIGTERM')
      await server.ended
      await rm(home, { recursive: true, force: true })
    },
  }
}

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  assert.ok(executablePath !== null, 'Chromium is needed: apt-get install chromium')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

async function visit(
  browser: Browser,
  url: string,
  path: string,
  { as = null, width = 1440, height = 900, theme = 'light' }: VisitOptions,
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  if (as !== null) {
    const [name = '', value = ''] = as.cookie.split('=')
    await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Lax' }])
  }
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    // Answers that are problems are the screens' to show; Chromium writes each of them down.
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isAnswer) faults.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const address = request.url()
    if (!/^(data|blob):/.test(address) && !address.startsWith(`${url}/`)) {
      faults.push(`outside: ${address}`)
    }
  })
  await page.goto(`${url}${path}`)
  return {
    page,
    context,
    faults,
    async check() {
      assert.deepEqual(await seriousViolations(page), [])
      assert.deepEqual(faults, [])
    },
  }
}

/** Until nothing is on its way any more; a stream of events always is, so the network does not tell. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  const waiting = { state: 'detached', timeout: 10_000 } as const
  await page.waitForSelector('main .animate-pulse', waiting).catch(() => {})
}

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)

/** What axe calls serious or critical, a line each. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // Evaluated by the debugger's protocol: the page's own policy does not concern it.
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { target: string[]; html: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 160)}`),
      )
  })
}
