import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { listAudit } from '#catalog/audit.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createUser } from '#catalog/users.ts'
import type { Tenant } from '#model/tenant.ts'
import { oneTimeCode } from '../../test/support/one-time-code.ts'
import {
  openPeopleServer,
  PASSWORD,
  type Browser,
  type PeopleServer,
} from '../../test/support/people-server.ts'

let server: PeopleServer
let acme: Tenant

before(async () => {
  server = await openPeopleServer({ publicUrl: 'https://data.example/mill' })
  acme = await createTenant(server.parts.catalog, 'acme')
})
after(() => server.close())

const NEW_PASSWORD = 'ein Boot auf 3 Rädern'
const byText = (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : 1)
const statusOf = async (browser: Browser) => (await browser.ask('GET', '/v1/account')).status

async function signedIn(email: string): Promise<Browser> {
  const browser = server.browser()
  assert.equal((await browser.signIn(email)).status, 200)
  return browser
}

/** Tokens of the links in the outbox for an address, oldest first. */
function mailedTokens(email: string): string[] {
  const links = server.letters.flatMap(({ to, data }) =>
    to === email && data['link'] !== undefined ? [data['link']] : [],
  )
  return links.map((link) => {
    assert.match(link, /^https:\/\/data\.example\/mill\/reset#token=[A-Za-z0-9_-]{43}$/)
    return link.split('#token=')[1] ?? ''
  })
}

test('a changed password ends all sessions, and this one goes on under a new token', async () => {
  await server.addUser('anna@x.org', { tenant: acme, role: 'viewer' })
  const [here, there] = [await signedIn('anna@x.org'), await signedIn('anna@x.org')]
  const change = (password: string, newPassword: string) =>
    here.ask('POST', '/v1/account/password', { password, newPassword })
  assert.equal((await change('not the password', NEW_PASSWORD)).body['code'], 'sign-in-refused')
  assert.equal((await change(PASSWORD, 'password12')).body['code'], 'password-weak')
  const former = here.cookie
  assert.equal((await change(PASSWORD, NEW_PASSWORD)).status, 200)
  assert.notEqual(here.cookie, former)
  assert.equal(await statusOf(here), 200)
  await server.parts.clock.sleep(1_050)
  assert.equal(await statusOf(there), 401)
  there.cookie = former
  assert.equal(await statusOf(there), 401)
  assert.equal((await server.browser().signIn('anna@x.org')).status, 401)
  const again = await server.browser().signIn('anna@x.org', { password: NEW_PASSWORD })
  assert.equal(again.status, 200)
  const log = await server.parts.catalog.asTenant(acme, (session) => listAudit(session, 0, 1000))
  assert.ok(log.some(({ action }) => action === 'account.password'))
  assert.ok(!JSON.stringify(log).includes(NEW_PASSWORD))
})

test('with an authenticator signing in asks for a code that works once, or a recovery code', async () => {
  await server.addUser('bo@x.org', { tenant: acme, role: 'viewer' })
  const browser = await signedIn('bo@x.org')
  const begin = (password: string) => browser.ask('POST', '/v1/account/totp', { password })
  assert.equal((await begin('not the password')).status, 401)
  const { body: begun } = await begin(PASSWORD)
  const secret = String(begun['secret'])
  assert.match(
    String(begun['uri']),
    new RegExp(`^otpauth://totp/Millrace:bo%40x.org\\?secret=${secret}&`),
  )
  assert.equal((await server.browser().signIn('bo@x.org')).status, 200, 'it does not count yet')
  const confirm = (code: string) => browser.ask('POST', '/v1/account/totp/confirm', { code })
  assert.equal((await confirm('000000')).body['code'], 'code-wrong')
  const code = oneTimeCode(secret)
  const { body: confirmed } = await confirm(code)
  const recovery = confirmed['recoveryCodes'] as string[]
  assert.equal(recovery.length, 10)
  assert.equal((await begin(PASSWORD)).body['code'], 'totp-exists')

  const attempt = async (more: object) =>
    (await server.browser().signIn('bo@x.org', { ...more })).body['code'] ?? 'in'
  assert.equal(await attempt({}), 'code-needed')
  assert.equal(
    await attempt({ password: 'not the password', code: recovery[1] }),
    'sign-in-refused',
  )
  assert.equal(await attempt({ code }), 'code-wrong', 'it was used to confirm')
  const next = oneTimeCode(secret, 1)
  const both = await Promise.all([attempt({ code: next }), attempt({ code: next })])
  assert.deepEqual(both.toSorted(byText), ['code-wrong', 'in'], 'of two at once one comes in')
  assert.equal(await attempt({ code: recovery[0]?.toUpperCase() }), 'in')
  assert.equal(await attempt({ code: recovery[0] }), 'code-wrong')
  const inside = server.browser()
  await inside.signIn('bo@x.org', { code: recovery[2] })
  const account = await inside.ask('GET', '/v1/account')
  assert.equal(account.body['recoveryCodesLeft'], 8)
  const remove = (more: object) =>
    inside.ask('POST', '/v1/account/totp/remove', { password: PASSWORD, code: '', ...more })
  assert.equal((await remove({})).body['code'], 'code-needed')
  assert.equal((await remove({ code: recovery[3] })).status, 200)
  assert.equal(await attempt({}), 'in')
})

test('guessing codes is slowed like guessing passwords', async () => {
  await server.addUser('gus@x.org', { tenant: acme, role: 'viewer' })
  const browser = await signedIn('gus@x.org')
  const { body } = await browser.ask('POST', '/v1/account/totp', { password: PASSWORD })
  const code = oneTimeCode(String(body['secret']))
  await browser.ask('POST', '/v1/account/totp/confirm', { code })
  const codes: unknown[] = []
  for (let at = 0; at < 10; at++) {
    codes.push((await server.browser().signIn('gus@x.org', { code: '000000' })).body['code'])
  }
  assert.ok(codes.includes('sign-in-throttled'), codes.join(', '))
  assert.ok(codes.slice(0, 6).every((one) => one === 'code-wrong'))
})

test('a reset link works once, for an hour, and ends all sessions; codes are asked for as before', async () => {
  await server.addUser('cy@x.org', { tenant: acme, role: 'viewer' })
  const other = await signedIn('cy@x.org')
  const forgot = (email: string) => server.browser().ask('POST', '/v1/passwords/forgot', { email })
  const known = await forgot('CY@x.org')
  const unknown = await forgot('nobody@x.org')
  assert.deepEqual([known.status, known.body], [unknown.status, unknown.body])
  const [token = ''] = mailedTokens('cy@x.org')
  assert.deepEqual(mailedTokens('nobody@x.org'), [])
  const reset = (withToken: string, password = NEW_PASSWORD) =>
    server.browser().ask('POST', '/v1/passwords/reset', { token: withToken, password })
  assert.equal(
    (await reset(token, 'password12')).body['code'],
    'password-weak',
    'the link stays good',
  )
  const foreign = ['A'.repeat(43), `${token.slice(0, -1)}_`, '', "' OR 1=1 --", token.toLowerCase()]
  for (const wrong of foreign)
    assert.equal((await reset(wrong)).body['code'], 'link-unknown', wrong)
  const both = await Promise.all([reset(token), reset(token)])
  assert.deepEqual(both.map(({ status }) => status).toSorted(byText), [200, 404])
  assert.equal((await reset(token)).body['code'], 'link-unknown')
  await server.parts.clock.sleep(1_050)
  assert.equal(await statusOf(other), 401)
  assert.equal((await server.browser().signIn('cy@x.org')).status, 401)
  const renewed = await server.browser().signIn('cy@x.org', { password: NEW_PASSWORD })
  assert.equal(renewed.status, 200)

  await forgot('cy@x.org')
  await forgot('cy@x.org')
  const [, former = '', newest = ''] = mailedTokens('cy@x.org')
  assert.equal((await reset(former)).status, 404, 'a newer one has replaced it')
  assert.equal((await reset(newest)).status, 200)
  const flood = []
  for (let at = 0; at < 3; at++) flood.push((await forgot('cy@x.org')).status)
  assert.deepEqual(flood, [200, 429, 429], 'nobody is flooded with mail')
})

test('a set-up link makes the first operator, and is dead then', async (t) => {
  const fresh = await openPeopleServer()
  t.after(() => fresh.close())
  const [former, token] = [await fresh.setupToken(), await fresh.setupToken()]
  const browser = fresh.browser()
  const setUp = (more: object) =>
    browser.ask('POST', '/v1/setup', {
      token,
      email: 'Root@X.org',
      name: 'Root',
      password: PASSWORD,
      ...more,
    })
  assert.equal((await setUp({ token: former })).body['code'], 'link-unknown')
  assert.equal((await setUp({ password: 'password12' })).body['code'], 'password-weak')
  assert.equal((await setUp({ email: 'root' })).body['code'], 'email-invalid')
  const twins = await Promise.all([setUp({}), setUp({ email: 'b@x.org' })])
  assert.deepEqual(twins.map(({ status }) => status).toSorted(byText), [200, 404])
  assert.ok(twins.some(({ body: made }) => made['tenant'] === 'default'))
  const { body } = await browser.ask('GET', '/v1/account')
  assert.equal(body['isOperator'], true)
  assert.deepEqual((body['memberships'] as object[]).length, 1)
  const elsewhere = await createTenant(fresh.parts.catalog, 'elsewhere')
  const entered = await browser.ask('GET', '/v1/datasets', undefined, {
    'millrace-tenant': 'elsewhere',
  })
  assert.equal(entered.status, 200, 'an operator enters any tenant')
  const log = await fresh.parts.catalog.asTenant(elsewhere, (session) => listAudit(session, 0, 10))
  assert.deepEqual(
    log.map(({ actor, action }) => [actor.split(' ')[0], action]),
    [['operator', 'datasets.list']],
    'and that is noted there',
  )
  const link = await browser.ask('POST', '/v1/setup/link')
  assert.match(String(link.body['link']), /^http:\/\/localhost\/setup#token=/)
  const reset = await browser.ask('POST', '/v1/passwords/link', { email: body['email'] })
  assert.match(String(reset.body['link']), /\/reset#token=/)
})

test('operators shut accounts, and help who has lost the codes; nobody else does', async () => {
  await server.addUser('lost@x.org', { tenant: acme, role: 'viewer' })
  await server.addUser('boss@x.org', { tenant: acme, role: 'owner' })
  const lost = await signedIn('lost@x.org')
  const { body } = await lost.ask('POST', '/v1/account/totp', { password: PASSWORD })
  const code = oneTimeCode(String(body['secret']))
  await lost.ask('POST', '/v1/account/totp/confirm', { code })
  const boss = await signedIn('boss@x.org')
  const operator = server.browser()
  const root = { email: 'root@x.org', name: 'Root', password: PASSWORD }
  await operator.ask('POST', '/v1/setup', { token: await server.setupToken(), ...root })
  const email = 'Lost@x.org'
  for (const verb of ['disable', 'enable', 'drop-totp']) {
    assert.equal((await boss.ask('POST', `/v1/users/${verb}`, { email })).status, 403, verb)
  }
  const ask = async (verb: string) =>
    (await operator.ask('POST', `/v1/users/${verb}`, { email })).status
  assert.deepEqual([await ask('drop-totp'), await ask('drop-totp')], [200, 409])
  assert.equal((await server.browser().signIn('lost@x.org')).status, 200)
  assert.equal(await ask('disable'), 200)
  await server.parts.clock.sleep(1_050)
  assert.equal(await statusOf(lost), 401)
  assert.equal((await server.browser().signIn('lost@x.org')).body['code'], 'sign-in-refused')
  assert.equal(await ask('enable'), 200)
  assert.equal((await server.browser().signIn('lost@x.org')).status, 200)
  const log = await server.parts.catalog.asTenant(acme, (session) => listAudit(session, 0, 1000))
  assert.ok(
    log.some(({ action, detail }) => action === 'users.disable' && /operator usr_/.test(detail)),
  )
})

test('names and passwords are kept byte for byte, whatever they are', async () => {
  const { catalog, passwords, ids } = server.parts
  const strings = [
    'null',
    'undefined',
    '__proto__',
    'constructor',
    '<script>alert(1)</script>',
    "Robert'); DROP TABLE user_account;--",
    '{{7*7}} ${7*7} %s %n',
    'Ω≈ç√∫˜µ≤≥÷ ﷽',
    '\u202etest\u202c \u200b\ufeff zero width',
    'e\u0301 é',
    '👩‍👩‍👧‍👦 🏳️‍🌈',
    'a\r\nBcc: b@x.org\t\u0007',
    '1E+02 0x0 -0 NaN',
    '../../../etc/passwd',
  ]
  for (const text of strings) {
    const password = `${text} · plus more`
    const id = ids.next('usr')
    const phc = await passwords.hash(password)
    await catalog.asSystem((session) =>
      createUser(session, {
        id,
        email: `${id}@x.org`.replace('_', '-'),
        name: text,
        password: phc,
      }),
    )
    const browser = server.browser()
    const email = `${id}@x.org`.replace('_', '-')
    assert.equal((await browser.signIn(email, { password })).status, 200, text)
    assert.equal((await browser.ask('GET', '/v1/account')).body['name'], text)
    assert.equal((await server.browser().signIn(email, { password: `${password} ` })).status, 401)
  }
  for (const name of ['', '   ', 'a\0b', '\ud800', 'x'.repeat(201)]) {
    const body = { token: 'A'.repeat(43), email: 'n@x.org', name, password: PASSWORD }
    const { status } = await server.browser().ask('POST', '/v1/setup', body)
    assert.equal(status, 400, JSON.stringify(name))
  }
})

test('no body of these operations takes more than its fields', async () => {
  await server.addUser('eve@x.org', { tenant: acme, role: 'viewer' })
  const browser = await signedIn('eve@x.org')
  const extras = [
    'role',
    'is_operator',
    'isOperator',
    'userId',
    'user_id',
    'tenantId',
    'permissions',
  ]
  for (const [url, body] of bodies) {
    for (const extra of extras) {
      const refused = await browser.ask('POST', url, { ...body, [extra]: 'owner' })
      assert.deepEqual(
        [refused.status, refused.body['code']],
        [400, 'input-invalid'],
        `${url} ${extra}`,
      )
    }
    for (const text of [
      `{"__proto__":{"isOperator":true},${JSON.stringify(body).slice(1)}`,
      `{"constructor":{"prototype":{"isOperator":true}},${JSON.stringify(body).slice(1)}`,
    ]) {
      const payload = text.replace(/,\}$/, '}')
      const headers = { 'content-type': 'application/json' }
      const refused = await browser.ask('POST', url, payload, headers)
      assert.equal(refused.status, 400, `${url} ${payload}`)
    }
  }
  const { body } = await browser.ask('GET', '/v1/account')
  assert.equal(body['isOperator'], false)
  assert.deepEqual(body['permissions'], ['read', 'export'])
})

const bodies: readonly (readonly [string, object])[] = [
  ['/v1/sessions', { email: 'eve@x.org', password: PASSWORD }],
  ['/v1/sessions/current/end', {}],
  ['/v1/sessions/end-others', {}],
  ['/v1/account/password', { password: PASSWORD, newPassword: NEW_PASSWORD }],
  ['/v1/account/totp', { password: PASSWORD }],
  ['/v1/account/totp/confirm', { code: '000000' }],
  ['/v1/account/totp/remove', { password: PASSWORD, code: '000000' }],
  ['/v1/passwords/forgot', { email: 'eve@x.org' }],
  ['/v1/passwords/reset', { token: 'A'.repeat(43), password: NEW_PASSWORD }],
  ['/v1/setup', { token: 'A'.repeat(43), email: 'e@x.org', name: 'E', password: PASSWORD }],
]
