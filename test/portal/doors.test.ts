import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'

import { oneTimeCode } from '../support/one-time-code.ts'
import {
  openPortal,
  skipWithoutChromium,
  type Portal,
  type Session,
  type Visit,
} from '../support/portal.ts'

const PASSWORD = 'graue Katze 17 Meter'
const EMAIL = 'olga@example.org'

let portal: Portal & { readonly setupLink: string }
let operator: Session

before(
  async () => {
    if (skipWithoutChromium) return
    portal = await openPortal({ setUp: false })
  },
  { timeout: 180_000 },
)
after(() => portal?.close())

const pathOf = (link: string) => link.slice(portal.url.length)
const button = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name }).filter({ visible: true }).first()

async function sessionOf({ context }: Visit): Promise<Session> {
  const [cookie] = await context.cookies()
  assert.ok(cookie, 'there is a session')
  return { cookie: `${cookie.name}=${cookie.value}` }
}

/** Whoever visits, as nobody: a door. */
const knock = (path: string, more = {}) => portal.visit(path, { as: null, ...more })

test('the set-up link makes an operator, who sees the demo; it works once', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  const visit = await knock(pathOf(portal.setupLink))
  const { page } = visit
  await page.getByLabel('Your name').fill('Olga Operator')
  assert.equal(page.url(), `${portal.url}/setup`, 'the token has left the address bar')
  await page.getByLabel('E-mail address').fill(EMAIL)
  const password = page.getByLabel('Password', { exact: true })
  await password.fill('password12')
  await visit.check()
  await button(page, 'Begin').click()
  await page
    .getByRole('alert')
    .getByText(/password/i)
    .first()
    .waitFor()
  await password.fill(PASSWORD)
  await button(page, 'Begin').click()
  await page.waitForURL(`${portal.url}/t/demo/home`)
  operator = await sessionOf(visit)

  const second = await knock(pathOf(portal.setupLink))
  await second.page.getByLabel('Your name').fill('Second')
  await second.page.getByLabel('E-mail address').fill('second@example.org')
  await second.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await button(second.page, 'Begin').click()
  await second.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
  await second.check()
})

test('whoever is nobody signs in, with a code where the account asks, and goes on to where they wanted to', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  const account = await portal.visit('/account', { as: operator })
  const { page } = account
  await button(page, 'Set one up').click()
  await page.getByLabel('Your password').fill(PASSWORD)
  await button(page, 'Go on').click()
  await page.getByRole('img', { name: 'QR code of the key' }).waitFor()
  const secret = (
    await page.locator('code').filter({ visible: true }).last().innerText()
  ).replaceAll(' ', '')
  await account.check()
  await page.getByLabel('The code that it shows').fill(oneTimeCode(secret))
  await button(page, 'Switch on').click()
  const codes = page.getByRole('dialog').getByRole('listitem')
  await codes.first().waitFor()
  assert.equal(await codes.count(), 10)
  const recovery = await codes.first().innerText()
  await button(page, 'I have kept them').click()
  await page.getByText('10 recovery codes left').waitFor()
  await account.check()

  const visit = await knock('/t/demo/people?tab=roles')
  const door = visit.page
  await door.getByLabel('E-mail address').fill(EMAIL)
  await door.getByLabel('Password', { exact: true }).fill('not the password')
  await button(door, 'Sign in').click()
  await door.getByRole('alert').waitFor()
  await door.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await button(door, 'Sign in').click()
  await door.getByLabel('One-time code').fill(recovery)
  await visit.check()
  await button(door, 'Sign in').click()
  await door.waitForURL(`${portal.url}/t/demo/people?tab=roles`)
  await door.getByText('viewer', { exact: true }).first().waitFor()
  await visit.check()

  await button(page, 'Switch it off').click()
  await page.getByLabel('Your password').fill(PASSWORD)
  await page.getByLabel('A code of it, or a recovery code').fill(oneTimeCode(secret, 1))
  await page.getByRole('dialog').getByRole('button', { name: 'Switch it off' }).click()
  await button(page, 'Set one up').waitFor()
  // Another way in ends the sessions that there were, and gives this one a new token.
  operator = await sessionOf(account)
})

test('nobody is led elsewhere after signing in', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  for (const next of ['https://evil.example/', '//evil.example/t', '/\\evil.example']) {
    const visit = await knock(`/sign-in?next=${encodeURIComponent(next)}`)
    const { page } = visit
    await page.getByLabel('E-mail address').fill(EMAIL)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await button(page, 'Sign in').click()
    await page.waitForURL((url) => url.pathname !== '/sign-in')
    assert.ok(page.url().startsWith(`${portal.url}/`), page.url())
    await visit.context.close()
  }
})

test('somebody who is invited chooses a password and is in', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  const visit = await portal.visit('/t/demo/people', { as: operator })
  const { page } = visit
  await button(page, 'Invite somebody').click()
  await page.getByLabel('E-mail address').fill('vera@example.org')
  await page.getByRole('radio', { name: /^viewer/ }).check()
  await visit.check()
  await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click()
  const link = await page.getByRole('dialog').locator('code').innerText()
  assert.match(link, /\/join#token=[\w-]{43}$/)
  await button(page, 'Done').click()

  const guest = await knock(pathOf(link), { width: 390, height: 844, theme: 'dark' })
  await guest.page.getByRole('heading', { name: 'demo invites you' }).waitFor()
  assert.equal(guest.page.url(), `${portal.url}/join`)
  await guest.page.getByLabel('Your name').fill('Vera <img src=x onerror=alert(1)> 👩‍👧')
  await guest.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await guest.check()
  await button(guest.page, 'Join').click()
  await guest.page.waitForURL(`${portal.url}/t/demo/home`)

  const used = await knock(pathOf(link))
  await used.page.getByRole('heading', { name: 'This link does not work' }).waitFor()

  // The same person is asked into a second tenant: by the account that there is.
  const again = await portal
    .client('default', operator)
    .invitations.create({ email: 'vera@example.org', role: 'analyst' })
  const second = await knock(pathOf(again.link ?? ''))
  await second.page.getByText('You have an account already').waitFor()
  await second.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await button(second.page, 'Sign in').click()
  await button(second.page, 'Join').click()
  await second.page.waitForURL(`${portal.url}/t/default/home`)
  const vera = await sessionOf(second)

  await page.goto(`${portal.url}/t/demo/people`)
  await page.getByText('vera@example.org').filter({ visible: true }).first().waitFor()
  await visit.check()

  const narrow = await portal.visit('/t/demo/home', { as: vera })
  await narrow.page.getByRole('link', { name: 'Home' }).waitFor()
  assert.equal(await narrow.page.getByRole('link', { name: 'People' }).count(), 0)
  const account = await portal.visit('/account', { as: vera, width: 390, height: 844 })
  await account.page.getByText('Where you are signed in').waitFor()
  await button(account.page, 'Sign out everywhere else').click()
  await account.page
    .getByText(/Signed out in \d other/)
    .first()
    .waitFor()
  await account.check()
})

test('a key is made, works, says how it is used, and is refused once revoked', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  const visit = await portal.visit('/t/demo/keys', { as: operator })
  const { page } = visit
  await button(page, 'New key').click()
  await page.getByLabel('What the key is for').fill('warehouse <b>sync</b>')
  await page.getByLabel('Only what is chosen here').check()
  await page.getByRole('checkbox', { name: /^monthly_overview/ }).check()
  await button(page, 'Narrow monthly_overview down').click()
  await page.getByRole('dialog').locator('table').waitFor()
  await visit.check()
  await button(page, 'Make the key').click()
  await page.getByRole('heading', { name: 'Keep this key' }).waitFor()
  const [key = '', curl = ''] = await page.getByRole('dialog').locator('code').allInnerTexts()
  assert.match(key, /^mk_/)
  const [, address = ''] = /'(http[^']+)'$/.exec(curl) ?? []
  assert.equal(
    curl,
    `curl -H 'Authorization: Bearer ${key}' '${portal.url}/v1/endpoints/monthly_overview/rows?limit=10'`,
  )
  const ask = (url = address) => fetch(url, { headers: { authorization: `Bearer ${key}` } })
  assert.equal((await ask()).status, 200)
  assert.equal((await ask(`${portal.url}/v1/datasets/events/rows`)).status, 404, 'it sees no more')
  await button(page, 'I have kept it').click()

  const row = page.getByRole('row', { name: /warehouse <b>sync/ })
  await row.getByText(/^1 of \d+ datasets$/).waitFor()
  await row.click()
  await page.getByRole('heading', { name: 'What it sees' }).waitFor()
  await page.getByRole('dialog').locator('table').waitFor()
  await visit.check()
  await button(page, 'Revoke').click()
  await page.getByText('It stops working within a second').waitFor()
  await page.getByRole('dialog').last().getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('is revoked.').first().waitFor()
  const untilMs = performance.now() + 2_000
  let { status } = await ask()
  while (status === 200 && performance.now() < untilMs) ({ status } = await ask())
  assert.equal(status, 401)
  await button(page, 'All').click()
  await page.getByText('revoked', { exact: true }).filter({ visible: true }).first().waitFor()
})

test('a role of its own is made with a limit, and given to somebody', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  const visit = await portal.visit('/t/demo/people?tab=roles', { as: operator })
  const { page } = visit
  await button(page, 'New role').click()
  await page.getByLabel('Name of the role').fill('Swiss desk')
  await page.getByLabel('Only what is chosen here').check()
  await page.getByRole('checkbox', { name: /^events dataset/ }).check()
  await button(page, 'Narrow events down').click()
  await button(page, 'Add a condition').click()
  await page.getByLabel('Column', { exact: true }).selectOption('country')
  await page.getByLabel('Value').fill('CH')
  await visit.check()
  await button(page, 'Save the role').click()
  await page.getByText('Swiss desk').filter({ visible: true }).first().waitFor()
  const { roles } = await portal.client('demo', operator).roles.list({})
  assert.deepEqual(
    roles.map(({ name, access }) => [name, access.endpoints, access.rows]),
    [['Swiss desk', ['events'], { events: [{ column: 'country', op: 'eq', value: 'CH' }] }]],
  )
  await page.getByRole('tab', { name: /Members/ }).click()
  await button(page, /^Actions for Vera/).click()
  await page.getByRole('menuitem', { name: 'Change the role' }).click()
  await page.getByRole('radio', { name: /^Swiss desk/ }).check()
  await page.getByRole('dialog').getByRole('button', { name: 'Change the role' }).click()
  await page
    .getByText(/^1 of \d+ datasets$/)
    .filter({ visible: true })
    .first()
    .waitFor()
  await visit.check()
})

test('a link to another password is used once, and one signs in with it', async (t) => {
  if (skipWithoutChromium) return t.skip(skipWithoutChromium)
  const { link } = await portal
    .client('demo', operator)
    .passwords.link({ email: 'vera@example.org' })
  const visit = await knock(pathOf(link))
  const { page } = visit
  await page.getByLabel('New password').fill('ein Boot auf 3 Rädern')
  assert.equal(page.url(), `${portal.url}/reset`)
  await button(page, 'Set the password').click()
  await page.getByText('Your new password is set.').waitFor()
  await page.getByLabel('E-mail address').fill('vera@example.org')
  await page.getByLabel('Password', { exact: true }).fill('ein Boot auf 3 Rädern')
  await visit.check()
  await button(page, 'Sign in').click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
  const used = await knock(pathOf(link))
  await used.page.getByLabel('New password').fill('ein Boot auf 4 Rädern')
  await button(used.page, 'Set the password').click()
  await used.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
})
