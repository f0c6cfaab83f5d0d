import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { listAudit } from '#catalog/audit.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Cleanup } from '../../test/support/database.ts'
import { startOpenId, type OpenIdServer } from '../../test/support/openid.ts'
import {
  openPeopleServer,
  type Answered,
  type Browser,
  type PeopleServer,
} from '../../test/support/people-server.ts'
import { openSignOnBrowser, type SignOnBrowser } from '../../test/support/sign-on-browser.ts'

const HOME = 'http://localhost'
const closers: (() => Promise<void>)[] = []
const cleanup: Cleanup = { after: (close) => void closers.unshift(close) }

let server: PeopleServer
let openid: OpenIdServer
let acme: Tenant
let zeta: Tenant
let owner: Browser
let provider: string

before(async () => {
  server = await openPeopleServer({ mail: false })
  closers.push(() => server.close())
  acme = await createTenant(server.parts.catalog, 'acme')
  zeta = await createTenant(server.parts.catalog, 'zeta')
  openid = await startOpenId(cleanup, {
    anna: { email: 'Anna@Example.com', email_verified: true, name: 'Anna' },
    bert: { email: 'bert@example.com', email_verified: false },
    cleo: { email: 'cleo@elsewhere.org', email_verified: true },
    dora: { email: 'dora@example.com', email_verified: true, name: 'Dora 🐘' },
    chef: { email: 'chef@zeta.org', email_verified: true },
  })
  owner = await ownerOf(acme)
  provider = await addProvider(owner, {
    domains: ['EXAMPLE.com', 'zeta.org'],
    defaultRole: 'viewer',
  })
  openid.comeBackTo([`${HOME}/v1/sign-on/${provider}/callback`])
})
after(async () => {
  for (const close of closers) await close()
})

async function ownerOf(tenant: Tenant): Promise<Browser> {
  const email = `owner@${tenant.slug}.org`
  await server.addUser(email, { tenant, role: 'owner' })
  const browser = server.browser()
  assert.equal((await browser.signIn(email)).status, 200)
  return browser
}

async function addProvider(by: Browser, more: Readonly<Record<string, unknown>>): Promise<string> {
  const { issuer, clientId, clientSecret } = openid
  const body = { name: 'Company', issuer, clientId, clientSecret, ...more }
  const answer = await by.ask('POST', '/v1/identity-providers', body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return String(answer.body['id'])
}

const browse = (): SignOnBrowser => openSignOnBrowser(server.app, HOME)
const path = (of = provider) => `/v1/sign-on/${of}`

/** The code of the problem with which a way ends. */
async function refusedAs(person: string | null): Promise<unknown> {
  openid.person = person
  const seen = await browse().signOn(path())
  return seen.body['code'] ?? `in, to ${seen.location}`
}

describe('the way in', () => {
  test('whoever the provider vouches for comes in, as a member with the default role', async () => {
    openid.person = 'anna'
    const browser = browse()
    const seen = await browser.signOn(`${path()}?returnTo=${encodeURIComponent('/runs?x=1')}`)
    assert.equal(seen.location, `${HOME}/runs?x=1`)
    assert.equal(seen.setCookies.length, 2, 'one cookie begins, one ends')
    const account = await browser.ask('/v1/account')
    assert.equal(account.body['email'], 'anna@example.com')
    assert.deepEqual(account.body['permissions'], ['read', 'export'])
    const { members } = (await owner.ask('GET', '/v1/members')).body as {
      members: { email: string; name: string; role: string; provider: string | null }[]
    }
    const anna = members.find(({ email }) => email === 'anna@example.com')
    assert.deepEqual([anna?.name, anna?.role, anna?.provider], ['Anna', 'viewer', provider])
    // A second time the same account.
    assert.equal((await browse().signOn(path())).status, 303)
    const again = (await owner.ask('GET', '/v1/members')).body as { members: unknown[] }
    assert.equal(again.members.length, members.length)
    const audit = await server.parts.catalog.asTenant(acme, (session) => listAudit(session, 0, 100))
    const actions = audit.map(({ action }) => action)
    assert.deepEqual(
      ['identity-providers.create', 'sign-on.join', 'sign-on.callback'].filter(
        (action) => !actions.includes(action),
      ),
      [],
    )
    assert.ok(!JSON.stringify(audit).includes(openid.clientSecret))
  })

  test('an address that is not verified, or of another domain, stays out; so does who declines', async () => {
    assert.equal(await refusedAs('bert'), 'sign-on-address')
    assert.equal(await refusedAs('cleo'), 'sign-on-address')
    assert.equal(await refusedAs(null), 'sign-on-declined')
  })

  test('without a default role only the invited come in, with the role that they were invited to', async () => {
    const own = await addProvider(owner, { domains: ['example.com'] })
    openid.comeBackTo([`${HOME}/v1/sign-on/${own}/callback`])
    try {
      openid.person = 'dora'
      assert.equal((await browse().signOn(path(own))).body['code'], 'sign-on-stranger')
      const invited = { email: 'dora@example.com', role: 'analyst' }
      assert.equal((await owner.ask('POST', '/v1/invitations', invited)).status, 200)
      const browser = browse()
      assert.equal((await browser.signOn(path(own))).location, `${HOME}/`)
      assert.deepEqual((await browser.ask('/v1/account')).body['permissions'], [
        'read',
        'export',
        'write',
        'run',
      ])
      const { invitations } = (await owner.ask('GET', '/v1/invitations')).body as {
        invitations: unknown[]
      }
      assert.deepEqual(invitations, [])
    } finally {
      openid.comeBackTo([`${HOME}/v1/sign-on/${provider}/callback`])
    }
  })

  test('whoever was removed stays out within a second, and is not made a member anew', async () => {
    openid.person = 'anna'
    const browser = browse()
    assert.equal((await browser.signOn(path())).status, 303)
    const account = (await browser.ask('/v1/account')).body as { id?: string; userId?: string }
    const id = account.userId ?? account.id
    assert.equal((await owner.ask('DELETE', `/v1/members/${id}`)).status, 200)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    assert.notEqual((await browser.ask('/v1/status')).status, 200)
    assert.equal((await browse().signOn(path())).body['code'], 'sign-on-stranger')
  })
})

describe('attacks', () => {
  test('a provider that claims an address of another tenant reaches no account and no tenant of it', async () => {
    const chef = await server.addUser('chef@zeta.org', { tenant: zeta, role: 'owner' })
    await server.parts.catalog.asTenant(acme, (session) =>
      session.query(`INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, $2, 'owner')`, [
        acme.id,
        chef,
      ]),
    )
    openid.person = 'chef'
    const browser = browse()
    assert.equal((await browser.signOn(path())).status, 303)
    const account = (await browser.ask('/v1/account')).body
    assert.equal(account['email'], 'chef@zeta.org')
    assert.ok(!JSON.stringify(account).includes(chef), 'another account')
    assert.ok(!JSON.stringify(account).includes('zeta"'), 'and no other membership')
    assert.deepEqual(account['permissions'], ['read', 'export'], 'and not the role of that account')
    assert.equal((await browser.ask('/v1/status', 'zeta')).status, 404)
    assert.equal((await browser.ask('/v1/status', 'acme')).status, 200)
    assert.equal(
      (await server.browser().signIn('chef@zeta.org')).status,
      200,
      'the other is as it was',
    )
  })

  test('an answer counts in the browser that asked, once, and for that question only', async () => {
    openid.person = 'anna'
    const browser = browse()
    const begun = await browser.visit(HOME + path())
    const back = await browser.throughProvider(begun.location ?? '')
    const code = async (seen: Promise<{ body: Readonly<Record<string, unknown>> }>) =>
      (await seen).body['code']
    assert.equal(await code(browse().visit(back)), 'sign-on-lost', 'another browser')
    const other = browse()
    await other.visit(HOME + path())
    assert.equal(await code(other.visit(back)), 'sign-on-lost', 'a browser with another question')
    const changed = new URL(back)
    changed.searchParams.set('state', 'x'.repeat(43))
    assert.equal(await code(browser.visit(changed.href)), 'sign-on-lost', 'another state')
    assert.equal(await code(browser.visit(back)), 'sign-on-lost', 'a failure ends it, too')
  })

  test('a code that was used is refused by the provider, even where the browser kept its cookie', async () => {
    openid.person = 'dora'
    const browser = browse()
    const begun = await browser.visit(HOME + path())
    const kept = new Map(browser.cookies)
    const back = await browser.throughProvider(begun.location ?? '')
    assert.equal((await browser.visit(back)).status, 303)
    for (const [name, value] of kept) browser.cookies.set(name, value)
    const again = await browser.visit(back)
    assert.equal(again.body['code'], 'sign-on-doubted')
    assert.match(String(again.body['detail']), /invalid_grant/)
  })

  test('an answer of another issuer, and one on the way of another provider, is not believed', async () => {
    openid.person = 'dora'
    const browser = browse()
    const begun = await browser.visit(HOME + path())
    const kept = new Map(browser.cookies)
    const back = new URL(await browser.throughProvider(begun.location ?? ''))
    back.searchParams.set('iss', 'https://evil.example.com')
    assert.equal((await browser.visit(back.href)).body['code'], 'sign-on-doubted')
    for (const [name, value] of kept) browser.cookies.set(name, value)
    back.searchParams.delete('iss')
    assert.equal((await browser.visit(back.href)).body['code'], 'sign-on-doubted')
    for (const [name, value] of kept) browser.cookies.set(name, value)
    const another = back.href.replace(provider, 'idp_0000000000000000')
    assert.equal((await browser.visit(another)).body['code'], 'sign-on-lost')
  })

  test('the way leads back to pages of ours only', async () => {
    openid.person = 'dora'
    const hostile = [
      'https://evil.example.com/',
      '//evil.example.com/',
      '/\\evil.example.com/',
      '/\t/evil.example.com/',
      '\\\\evil.example.com',
      'javascript:alert(1)',
      '/..//evil.example.com/',
      ' //evil.example.com',
      '/\r\nset-cookie: a=b',
    ]
    for (const returnTo of hostile) {
      const seen = await browse().signOn(`${path()}?returnTo=${encodeURIComponent(returnTo)}`)
      const place = new URL(seen.location ?? 'none:')
      assert.equal(place.origin, HOME, JSON.stringify([returnTo, seen]))
      assert.ok(!place.pathname.startsWith('//'), returnTo)
    }
  })

  test('a sign-on that was begun longer ago, or with a provider that has changed since, is lost', async (t) => {
    openid.person = 'dora'
    const browser = browse()
    const begun = await browser.visit(HOME + path())
    const back = await browser.throughProvider(begun.location ?? '')
    const now = server.parts.clock.now()
    t.mock.method(server.parts.clock, 'now', () => new Date(now.getTime() + 601_000))
    assert.equal((await browser.visit(back)).body['code'], 'sign-on-lost')
    t.mock.restoreAll()
    const other = browse()
    const second = await other.visit(HOME + path())
    const way = await other.throughProvider(second.location ?? '')
    const set = await owner.ask('POST', `/v1/identity-providers/${provider}`, { name: 'Other' })
    assert.equal(set.status, 200, JSON.stringify(set.body))
    assert.equal((await other.visit(way)).body['code'], 'sign-on-lost')
  })
})

test('a browser gets a page that says what went wrong, with nothing of the address as markup', async () => {
  const begun = await server.app.inject({ method: 'GET', url: path() })
  const state = new URL(String(begun.headers.location)).searchParams.get('state') ?? ''
  const cookie = String(begun.headers['set-cookie']).split(';')[0] ?? ''
  const error = encodeURIComponent('<script>alert(1)</script>\r\nx: y')
  const response = await server.app.inject({
    method: 'GET',
    url: `${path()}/callback?error=${error}&state=${state}`,
    headers: { accept: 'text/html,application/xhtml+xml', cookie },
  })
  assert.equal(response.statusCode, 403)
  assert.match(String(response.headers['content-type']), /^text\/html/)
  assert.match(String(response.headers['content-security-policy']), /default-src 'none'/)
  assert.match(response.body, /did not sign you in: &lt;script&gt;alert\(1\)/)
  assert.ok(!response.body.includes('<script'))
  assert.match(response.body, /href="http:\/\/localhost\/sign-in"/)
})

describe('the rule of a tenant', () => {
  test('a tenant that requires its sign-on lets passwords of owners in only, within a second', async () => {
    await server.addUser('pat@acme.org', { tenant: acme, role: 'admin' })
    const invitation = { email: 'newcomer@acme.org', role: 'viewer' }
    const { link } = (await owner.ask('POST', '/v1/invitations', invitation)).body
    const token = String(link).split('#token=')[1]
    const pat = server.browser()
    await pat.signIn('pat@acme.org')
    const mayAsk = async (browser: Browser) => (await browser.ask('GET', '/v1/status')).status
    assert.equal(await mayAsk(pat), 200)
    const require = (required: boolean) => owner.ask('POST', '/v1/sign-on', { required })
    assert.equal((await require(true)).status, 200)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    assert.notEqual(await mayAsk(pat), 200)
    assert.equal(await mayAsk(owner), 200)
    const looked = await server.browser().ask('POST', '/v1/invitations/look', { token })
    assert.equal(looked.body['needsSignOn'], true)
    assert.ok(JSON.stringify(looked.body['providers']).includes(path()), 'where to go instead')
    const accept = { token, name: 'N', password: 'a long enough one 17' }
    const refused = await server.browser().ask('POST', '/v1/invitations/accept', accept)
    assert.equal(refused.body['code'], 'sign-on-needed')
    openid.person = 'dora'
    const browser = browse()
    await browser.signOn(path())
    assert.equal((await browser.ask('/v1/status')).status, 200)
    assert.equal((await require(false)).status, 200)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    assert.equal(await mayAsk(pat), 200)
  })

  test('only owners choose who says who everybody is; a secret does not go to another issuer', async () => {
    await server.addUser('adam@acme.org', { tenant: acme, role: 'admin' })
    const admin = server.browser()
    await admin.signIn('adam@acme.org')
    const { issuer, clientId } = openid
    const body = { name: 'x', issuer, clientId, domains: ['example.com'] }
    const tries: Promise<Answered>[] = [
      admin.ask('POST', '/v1/identity-providers', body),
      admin.ask('POST', `/v1/identity-providers/${provider}`, { name: 'x' }),
      admin.ask('DELETE', `/v1/identity-providers/${provider}`),
      admin.ask('POST', '/v1/sign-on', { required: true }),
    ]
    for (const { status } of await Promise.all(tries)) assert.equal(status, 403)
    const elsewhere = { issuer: 'http://127.0.0.1:9/' }
    const moved = await owner.ask('POST', `/v1/identity-providers/${provider}`, elsewhere)
    assert.equal(moved.body['code'], 'input-invalid')
    const shown = JSON.stringify((await admin.ask('GET', '/v1/identity-providers')).body)
    assert.ok(shown.includes(clientId) && !shown.includes(openid.clientSecret), shown)
    const foreign = await ownerOf(zeta)
    const unknown = await foreign.ask('DELETE', '/v1/identity-providers/idp_0000000000000000')
    const theirs = await foreign.ask('DELETE', `/v1/identity-providers/${provider}`)
    assert.deepEqual([theirs.status, theirs.body['code']], [unknown.status, unknown.body['code']])
    assert.equal(theirs.status, 404)
  })

  test('an issuer is called by the one way out, and must be encrypted', async () => {
    const { clientId } = openid
    const codeFor = async (issuer: string) => {
      const body = { name: 'x', issuer, clientId, domains: ['example.com'] }
      return (await owner.ask('POST', '/v1/identity-providers', body)).body['code']
    }
    assert.equal(await codeFor('https://10.1.2.3/'), 'egress-denied')
    assert.equal(await codeFor('https://169.254.169.254/latest'), 'egress-denied')
    assert.equal(await codeFor('http://issuer.example.com'), 'issuer-unusable')
    assert.equal(await codeFor('ftp://issuer.example.com'), 'issuer-unusable')
  })

  test('whoever begins to sign in learns nothing of a provider that cannot be asked', async () => {
    const dead = await addProvider(owner, { domains: ['example.com'] })
    await server.parts.catalog.asTenant(acme, (session) =>
      session.query(`UPDATE identity_provider SET issuer = 'https://10.9.8.7/' WHERE id = $1`, [
        dead,
      ]),
    )
    const seen = await browse().signOn(path(dead))
    assert.deepEqual([seen.status, seen.body['code']], [502, 'sign-on-unready'])
    assert.ok(!JSON.stringify(seen).includes('10.9.8.7'), JSON.stringify(seen))
  })

  test('with a provider its people leave', async () => {
    const own = await addProvider(owner, { domains: ['example.com'], defaultRole: 'viewer' })
    openid.comeBackTo([`${HOME}/v1/sign-on/${own}/callback`])
    openid.person = 'anna'
    const browser = browse()
    assert.equal((await browser.signOn(path(own))).status, 303)
    assert.equal((await owner.ask('DELETE', `/v1/identity-providers/${own}`)).status, 200)
    await new Promise((resolve) => setTimeout(resolve, 1_050))
    assert.equal((await browser.ask('/v1/account')).status, 401)
    assert.equal((await browse().signOn(path(own))).body['code'], 'sign-on-unknown')
  })
})
