import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { listAudit } from '#catalog/audit.ts'
import { createTenant } from '#catalog/tenants.ts'
import { setDisabled } from '#catalog/users.ts'
import type { Tenant } from '#model/tenant.ts'
import { openPeopleServer, PASSWORD, type PeopleServer } from '../../test/support/people-server.ts'

let server: PeopleServer
let acme: Tenant
let zeta: Tenant

before(async () => {
  server = await openPeopleServer()
  acme = await createTenant(server.parts.catalog, 'acme')
  zeta = await createTenant(server.parts.catalog, 'zeta')
})
after(() => server.close())

const byText = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : 1)
const audited = async (tenant: Tenant) =>
  server.parts.catalog.asTenant(tenant, (session) => listAudit(session, 0, 1000))

test('a session is a random token in a cookie that scripts do not see; a planted one is replaced', async () => {
  await server.addUser('anna@x.org', { tenant: acme, role: 'viewer' })
  const browser = server.browser()
  const planted = `millrace=${'A'.repeat(43)}`
  browser.cookie = planted
  const { status, headers, body } = await browser.signIn('Anna@X.org')
  assert.equal(status, 200)
  const cookie = String(headers['set-cookie'])
  assert.match(
    cookie,
    /^millrace=[A-Za-z0-9_-]{43}; Expires=[^;]+GMT; Path=\/; HttpOnly; SameSite=Lax$/,
  )
  assert.notEqual(browser.cookie, planted)
  assert.ok(!JSON.stringify(body).includes(browser.cookie?.split('=')[1] ?? '?'))
  const other = server.browser()
  other.cookie = planted
  assert.equal((await other.ask('GET', '/v1/account')).status, 401)
  const account = await browser.ask('GET', '/v1/account')
  assert.equal(account.body['email'], 'anna@x.org')
  assert.equal(account.body['tenant'], 'acme')
  assert.deepEqual(account.body['permissions'], ['read', 'export'])
})

test('an unknown address, a wrong password and a disabled account are told apart by nothing', async () => {
  await server.addUser('bo@x.org', { tenant: acme, role: 'viewer' })
  const gone = await server.addUser('gone@x.org', { tenant: acme, role: 'viewer' })
  await server.parts.catalog.asSystem((session) => setDisabled(session, gone, true))
  const answers: unknown[] = []
  for (const [email, password] of [
    ['nobody@x.org', PASSWORD],
    ['bo@x.org', 'not the password'],
    ['gone@x.org', PASSWORD],
    ['no address at all', PASSWORD],
    ["' OR 1=1 --", ''],
  ] as const) {
    const before = server.parts.passwords.runs
    const { status, headers, body } = await server.browser().signIn(email, { password })
    assert.equal(server.parts.passwords.runs - before, 1, `${email}: hashed once`)
    const { requestId: _, ...rest } = body
    const { 'x-request-id': __, date: ___, 'content-length': length, ...others } = headers
    answers.push([status, rest, others, length])
  }
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  assert.equal((answers[0] as number[])[0], 401)
})

test('a role counts in its tenant alone, and a foreign tenant is one that does not exist', async () => {
  await server.addUser('cy@x.org', { tenant: acme, role: 'viewer' })
  const browser = server.browser()
  await browser.signIn('cy@x.org')
  const to = (tenant: string) => ({ 'millrace-tenant': tenant })
  assert.equal((await browser.ask('GET', '/v1/datasets', undefined, to('acme'))).status, 200)
  const foreign = await browser.ask('GET', '/v1/datasets', undefined, to('zeta'))
  const nowhere = await browser.ask('GET', '/v1/datasets', undefined, to('none'))
  assert.deepEqual([foreign.status, nowhere.status], [404, 404])
  assert.equal(String(foreign.body['detail']).replace('zeta', 'none'), nowhere.body['detail'])
  const forbidden = await browser.ask('GET', '/v1/keys')
  assert.deepEqual([forbidden.status, forbidden.body['code']], [403, 'forbidden'])
})

test('signing in and failing to leave rows in the log of each tenant of the user', async () => {
  const id = await server.addUser('di@x.org', { tenant: acme, role: 'viewer' })
  const [before, beforeZeta] = [await audited(acme), await audited(zeta)]
  await server.browser('203.0.113.7').signIn('di@x.org', { password: 'not the password' })
  const browser = server.browser('203.0.113.8')
  await browser.signIn('di@x.org')
  await browser.ask('POST', '/v1/sessions/current/end')
  const rows = (await audited(acme)).slice(before.length)
  assert.deepEqual(
    rows.map(({ actor, action }) => [actor, action]),
    [
      [`user ${id} di@x.org`, 'sessions.refused'],
      [`user ${id} di@x.org`, 'sessions.create'],
      [`user ${id} di@x.org`, 'sessions.end'],
    ],
  )
  assert.equal(JSON.parse(rows[0]?.detail ?? '').address, '203.0.113.7')
  assert.ok(!JSON.stringify(rows).includes('zeta'))
  assert.equal((await audited(zeta)).length, beforeZeta.length)
})

test('what another site has a browser send changes nothing', async () => {
  await server.addUser('ed@x.org', { tenant: acme, role: 'owner' })
  const browser = server.browser()
  await browser.signIn('ed@x.org')
  const attempts: Readonly<Record<string, string>>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:8080' },
    { origin: 'https://localhost:80' },
    { origin: 'http://localhost.evil.example' },
  ]
  for (const headers of attempts) {
    const refused = await browser.ask('POST', '/v1/sessions/end-others', {}, headers)
    assert.deepEqual(
      [refused.status, refused.body['code']],
      [403, 'origin-foreign'],
      headers['origin'],
    )
  }
  const bare = { method: 'POST', url: '/v1/sessions/end-others' } as const
  for (const site of ['cross-site', 'same-site', undefined]) {
    const headers = { cookie: browser.cookie ?? '', ...(site && { 'sec-fetch-site': site }) }
    const response = await server.app.inject({ ...bare, headers })
    assert.deepEqual([response.statusCode, response.json().code], [403, 'origin-foreign'], site)
  }
  const own = { cookie: browser.cookie ?? '', 'sec-fetch-site': 'same-origin' }
  assert.equal((await server.app.inject({ ...bare, headers: own })).statusCode, 200)
  const form = await server.app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: { 'content-type': 'text/plain', origin: 'https://evil.example' },
    payload: JSON.stringify({ email: 'ed@x.org', password: PASSWORD }),
  })
  assert.equal(form.statusCode, 415, 'no form of another site can sign somebody in')
})

test('under https the cookie is bound to the host and to TLS', async (t) => {
  const secure = await openPeopleServer({ publicUrl: 'https://data.example/millrace' })
  t.after(() => secure.close())
  await secure.addUser('anna@x.org')
  const browser = secure.browser()
  const { headers } = await browser.signIn('anna@x.org')
  assert.match(
    String(headers['set-cookie']),
    /^__Host-millrace=[^;]{43}; Expires=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
  )
  assert.equal((await browser.ask('POST', '/v1/sessions/end-others')).status, 200)
  const signedOut = await browser.ask('POST', '/v1/sessions/current/end')
  assert.match(String(signedOut.headers['set-cookie']), /^__Host-millrace=; Max-Age=0; Path=\/;/)
  const proxied = await browser
    .signIn('anna@x.org')
    .then(() => browser.ask('POST', '/v1/sessions/end-others', {}, { origin: 'http://localhost' }))
  assert.equal(proxied.status, 403, 'the origin is that of the public address')
})

test('guessing is slowed: of one account, and of many from one address', async () => {
  await server.addUser('fay@x.org', { tenant: acme, role: 'viewer' })
  const guess = (email: string, address?: string) =>
    server.browser(address).signIn(email, { password: 'not the password' })
  /** Guesses wrongly until the account is closed for so many seconds. */
  const closeFor = async (email: string, seconds: number): Promise<void> => {
    for (let heard = 0; heard < 12; heard++) {
      const before = server.parts.passwords.runs
      const { status, headers, body } = await guess(email)
      if (status === 401) continue
      assert.deepEqual([status, body['code']], [429, 'sign-in-throttled'])
      assert.equal(server.parts.passwords.runs, before, 'what is refused costs nothing')
      assert.ok(heard >= 6, `${email}: closed after ${heard} guesses`)
      const left = Number(headers['retry-after'])
      if (left >= seconds) return
      await server.parts.clock.sleep(left * 1000)
    }
    assert.fail(`${email} is not closed for ${seconds} s`)
  }
  await closeFor('unknown@x.org', 1)
  await closeFor('fay@x.org', 4)
  const owner = await server.browser().signIn('fay@x.org')
  assert.equal(owner.status, 429, 'the owner waits, too')
  await server.parts.clock.sleep(Number(owner.headers['retry-after']) * 1000)
  assert.equal((await server.browser().signIn('fay@x.org')).status, 200)
  const again = await Promise.all(Array.from({ length: 5 }, () => guess('fay@x.org')))
  assert.ok(
    again.every(({ status }) => status === 401),
    'a success begins anew',
  )

  const many = Array.from({ length: 60 }, (_, at) => guess(`u${at}@x.org`, '2001:db8:1:2::' + at))
  const statuses = (await Promise.all(many)).map(({ status }) => status)
  // One more each time until the address is closed for longer than a slow machine takes.
  for (let at = 0; at < 5; at++) {
    statuses.push((await guess(`v${at}@x.org`, '2001:db8:1:2:ffff::1')).status)
  }
  assert.ok(statuses.every((status) => status === 401 || status === 429))
  assert.ok(statuses.slice(50).includes(429), 'one /64')
  assert.equal((await guess('other@x.org', '2001:db8:1:3::1')).status, 401, 'another one')
})

test('sessions are listed with where they come from, and ended one by one or all others', async () => {
  await server.addUser('gil@x.org', { tenant: acme, role: 'viewer' })
  await server.addUser('hu@x.org', { tenant: acme, role: 'viewer' })
  const [one, two, three] = [
    server.browser('192.0.2.1'),
    server.browser('192.0.2.2'),
    server.browser('192.0.2.3'),
  ]
  for (const browser of [one, two, three]) await browser.signIn('gil@x.org')
  const listed = (await one.ask('GET', '/v1/sessions')).body['sessions'] as {
    id: string
    current: boolean
    address: string
    agent: string
  }[]
  assert.deepEqual(
    listed.map(({ current, address, agent }) => [current, address, agent]).toSorted(byText),
    [
      [false, '192.0.2.2', 'Browser of a test'],
      [false, '192.0.2.3', 'Browser of a test'],
      [true, '192.0.2.1', 'Browser of a test'],
    ],
  )
  const theirs = server.browser()
  const { body } = await theirs.signIn('hu@x.org')
  const foreign = await one.ask('POST', `/v1/sessions/${String(body['sessionId'])}/end`)
  const unknown = await one.ask('POST', '/v1/sessions/ses_0000000000000000/end')
  assert.deepEqual([foreign.status, unknown.status], [404, 404])
  const second = listed.find(({ address }) => address === '192.0.2.2')?.id
  assert.equal((await one.ask('POST', `/v1/sessions/${second}/end`)).status, 200)
  assert.deepEqual((await one.ask('POST', '/v1/sessions/end-others')).body, { ended: 1 })
  await server.parts.clock.sleep(1_050)
  const statuses = [one, two, three, theirs].map((browser) => browser.ask('GET', '/v1/account'))
  assert.deepEqual(
    (await Promise.all(statuses)).map(({ status }) => status),
    [200, 401, 401, 200],
  )
  const out = await one.ask('POST', '/v1/sessions/current/end')
  assert.equal(out.status, 200)
  assert.equal(one.cookie, null)
})
