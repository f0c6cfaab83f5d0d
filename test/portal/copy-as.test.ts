import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'

import { addressesOf, fillDemo, isDoor } from '../support/portal-screens.ts'
import { openPortal, settled, skipWithoutChromium, type Portal } from '../support/portal.ts'

const provenance = 'How fresh, how complete, and where it comes from'

type Row = Readonly<Record<string, unknown>>

/** Every view says as of when it is, and can be had elsewhere: what is copied works where it is pasted. */
describe('copies of every view', { skip: skipWithoutChromium, timeout: 540_000 }, () => {
  let portal: Portal
  let key: string
  let screens: Record<string, string>
  before(async () => {
    portal = await openPortal()
    await fillDemo(portal)
    screens = await addressesOf(portal)
    const permissions = ['read', 'export', 'write', 'run', 'admin', 'operator'] as const
    key = (
      await portal.client('demo').keys.create({ name: 'elsewhere', permissions: [...permissions] })
    ).key
  })
  after(() => portal.close())

  /** As somebody runs it: pasted into a shell that has the key. */
  async function pasteIntoShell(curl: string): Promise<{ status: number; body: string }> {
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', `${curl} -sS -w '\\n%{http_code}'`],
      { env: { PATH: process.env['PATH'], MILLRACE_KEY: key }, maxBuffer: 64 * 1024 * 1024 },
    )
    const at = stdout.lastIndexOf('\n')
    return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) }
  }

  async function postDocument(query: string) {
    const answer = await fetch(`${portal.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return (await answer.json()) as {
      readonly data?: Readonly<Record<string, { readonly rows: readonly Row[] }>>
      readonly errors?: readonly { readonly message: string }[]
    }
  }

  test('the list of screens that are walked is whole', async () => {
    const listed = await readFile(`${import.meta.dirname}/../../portal/src/app/screens.ts`, 'utf8')
    const paths = Array.from(listed.matchAll(/\bpath: '([^']+)'/g), ([, path = '']) => path)
    assert.ok(paths.length > 30)
    const walked = Object.values(screens).map((address) => address.replace('/t/{tenant}/', ''))
    // The embedded view is no screen of the portal: it stands in somebody else's page.
    const missing = paths.filter(
      (path) =>
        !path.startsWith('/embed/') &&
        !walked.some((address) => address.split('/')[0] === path.split('/')[0]) &&
        !walked.some((address) => address.startsWith(path)),
    )
    assert.deepEqual(missing, [])
  })

  test('every screen says as of when it is, and each copy of it answers elsewhere', async () => {
    const { page, context } = await portal.visit('/livez')
    const found: string[] = []
    const tried = new Set<string>()
    for (const [screen, address] of Object.entries(screens)) {
      if ((isDoor(address) && screen !== 'account') || screen === 'operate-tenant-new') continue
      await page.goto(portal.url + address.replace('{tenant}', 'demo'))
      await settled(page)
      const told = page.getByRole('note', { name: provenance }).locator('time').first()
      await told.waitFor({ timeout: 10_000 }).catch(() => found.push(`${screen}: no "as of"`))
      const button = page.getByRole('button', { name: 'Copy as', exact: true })
      if ((await button.count()) !== 1) {
        found.push(`${screen}: ${await button.count()} copy menus`)
        continue
      }
      await button.click()
      const items = await page.getByRole('menuitem').allInnerTexts()
      await page.keyboard.press('Escape')
      for (const wanted of ['curl', 'Link to this view']) {
        if (!items.includes(wanted)) found.push(`${screen}: no copy as ${wanted}`)
      }
      // An account is a person's, and no key has one.
      if (screen === 'account') continue
      for (const item of items) {
        // Calls that stand on several screens are named, and tried once.
        if (item.startsWith('Link') || tried.has(item)) continue
        if (item.includes(' as ')) tried.add(item)
        const text = await copied(page, 'Copy as', item)
        if (tried.has(text)) continue
        tried.add(text)
        if (text.startsWith('curl ')) {
          const { status, body } = await pasteIntoShell(text)
          if (status >= 400) found.push(`${screen}, ${item}: ${status} ${body.slice(0, 300)}`)
        } else {
          const { errors } = await postDocument(text)
          if (errors) found.push(`${screen}, ${item}: ${JSON.stringify(errors).slice(0, 300)}`)
        }
      }
    }
    await context.close()
    assert.deepEqual(found, [])
    assert.ok(tried.size > 60, `${tried.size} copies were tried`)
  })

  test('rows of a dataset are the same as curl, as GraphQL and as SQL', async () => {
    const address = new URLSearchParams({
      dataset: 'users_by_day',
      partition: '2021-04-01..2021-04-03',
      where: JSON.stringify([
        ['events', 'ge', '1'],
        ['events', 'lt', '1000'],
        ['email', 'contains', 'a'],
        ['email_domain', 'is', 'not-null'],
      ]),
      columns: JSON.stringify(['email', 'events']),
      sort: '-events',
    })
    const { page, context } = await portal.visit('/livez')
    const shown = await rowsShown(page, `/t/demo/explore?${address.toString()}`)
    assert.ok(shown.length > 5, `${shown.length} rows`)
    assert.deepEqual(Object.keys(shown[0] ?? {}), ['email', 'events'])

    const { status, body } = await pasteIntoShell(await copied(page, 'Copy as', 'curl'))
    assert.equal(status, 200, body)
    assert.deepEqual(JSON.parse(body), shown)
    const { data, errors } = await postDocument(await copied(page, 'Copy as', 'GraphQL'))
    assert.equal(errors, undefined, JSON.stringify(errors))
    assert.deepEqual(data?.['datasetRows']?.rows, shown)
    const sql = await copied(page, 'Copy as', 'SQL')
    const answer = await portal.client('demo').queries.run({ sql })
    const { rows } = JSON.parse(await answer.text()) as { readonly rows: readonly Row[] }
    // Rows that are equal in what they are ordered by have no order of their own in SQL.
    const inOrder = (some: readonly Row[]) => some.map((row) => JSON.stringify(row)).toSorted()
    assert.deepEqual(inOrder(rows), inOrder(shown))
    await context.close()
  })

  test('rows of an endpoint are the same as curl and as GraphQL, also as they were once', async () => {
    const { commit } = (await portal.client('demo').receipts.list({ limit: 1 })).receipts[0] ?? {}
    const address = new URLSearchParams({
      endpoint: 'top_companies_by_month',
      'p.month': '2021-04',
      'p.top': '5',
      where: JSON.stringify([['company', 'ne', '"quoted", $HOME `id` \\ it\'s']]),
      as_of: String(commit),
    })
    const { page, context } = await portal.visit('/livez')
    const shown = await rowsShown(page, `/t/demo/explore?${address.toString()}`)
    assert.ok(shown.length >= 5, `${shown.length} rows`)
    const receipt = page.getByRole('note', { name: provenance }).getByRole('link')
    const id = (await receipt.first().getAttribute('href'))?.split('/').at(-1)

    const { status, body } = await pasteIntoShell(await copied(page, 'Copy as', 'curl'))
    assert.equal(status, 200, body)
    const whole = JSON.parse(body) as { readonly rows: readonly Row[]; readonly receipt: string }
    assert.deepEqual(whole.rows, shown)
    assert.equal(whole.receipt, id)
    const { data, errors } = await postDocument(await copied(page, 'Copy as', 'GraphQL'))
    assert.equal(errors, undefined, JSON.stringify(errors))
    assert.deepEqual(data?.['endpointRows']?.rows, shown)
    await context.close()
  })

  test('what a drawer shows is copied from it', async () => {
    const { page, context } = await portal.visit('/livez')
    await rowsShown(page, '/t/demo/explore?endpoint=top_companies_by_month&p.month=2021-04')
    const asked = page.waitForResponse((response) => response.url().includes('/drill'))
    await page.getByRole('table', { name: 'Rows' }).getByRole('row').nth(1).click()
    const shown = ((await (await asked).json()) as { readonly rows: readonly Row[] }).rows
    assert.ok(shown.length > 1)
    const drawer = page.getByRole('dialog')
    await drawer.getByRole('note', { name: provenance }).getByText('complete').waitFor()
    const { status, body } = await pasteIntoShell(await copied(page, 'Copy this part as', 'curl'))
    assert.equal(status, 200, body)
    assert.deepEqual((JSON.parse(body) as { readonly rows: readonly Row[] }).rows, shown)
    await context.close()
  })

  /** Goes there, and answers what the screen was given. */
  async function rowsShown(page: Page, address: string): Promise<readonly Row[]> {
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().includes('/v1/rows?')),
      page.goto(portal.url + address),
    ])
    await page.getByRole('table', { name: 'Rows' }).waitFor()
    return ((await answer.json()) as { readonly rows: readonly Row[] }).rows
  }
})

async function copied(page: Page, menu: string, item: string): Promise<string> {
  await page.getByRole('button', { name: menu, exact: true }).click()
  // What was copied before does not count.
  await page.evaluate("navigator.clipboard.writeText('')")
  await page.getByRole('menuitem', { name: item, exact: true }).click()
  const read = async () => String(await page.evaluate('navigator.clipboard.readText()'))
  for (let tries = 0; tries < 50; tries++) {
    const text = await read()
    if (text !== '') return text
    await page.waitForTimeout(50)
  }
  return ''
}
