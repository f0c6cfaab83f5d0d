import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { inviteMember } from '#auth/invite-member.ts'
import { listAudit } from '#catalog/audit.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createMailer } from '#mail/mailer.ts'
import type { Tenant } from '#model/tenant.ts'
import {
  openPeopleServer,
  PASSWORD,
  type Browser,
  type PeopleServer,
} from '../../test/support/people-server.ts'

let server: PeopleServer
let acme: Tenant
let zeta: Tenant
let owner: Browser
let stranger: Browser

before(async () => {
  server = await openPeopleServer({ mail: false })
  acme = await createTenant(server.parts.catalog, 'acme')
  zeta = await createTenant(server.parts.catalog, 'zeta')
  owner = (await join('owner@acme.org', 'owner')).browser
  stranger = (await join('owner@zeta.org', 'owner', zeta)).browser
})
after(() => server.close())

interface Somebody {
  readonly id: string
  readonly browser: Browser
}

async function join(email: string, role: string, tenant = acme): Promise<Somebody> {
  const id = await server.addUser(email, { tenant, role })
  const browser = server.browser()
  assert.equal((await browser.signIn(email)).status, 200)
  return { id, browser }
}

const code = async (answer: Promise<{ body: Readonly<Record<string, unknown>> }>) =>
  (await answer).body['code'] ?? 'done'
const setRole = (by: Browser, id: string, role: string) =>
  by.ask('POST', `/v1/members/${id}/role`, { role })
/** Roles and memberships are remembered for a second at most. */
const aSecond = () => server.parts.clock.sleep(1_050)

async function invite(email: string, role = 'viewer', by = owner): Promise<string> {
  const answer = await by.ask('POST', '/v1/invitations', { email, role })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return tokenOf(answer.body['link'])
}

function tokenOf(link: unknown): string {
  const [, token] = /\/join#token=([\w-]{43})$/.exec(String(link)) ?? []
  assert.ok(token !== undefined, `${String(link)} is a link`)
  return token
}

describe('members', () => {
  test('a role counts within a second, and so does its end', async () => {
    const { id, browser } = await join('pia@acme.org', 'viewer')
    assert.equal((await browser.ask('GET', '/v1/members')).status, 403)
    assert.equal(await code(setRole(owner, id, 'admin')), 'done')
    await aSecond()
    assert.equal((await browser.ask('GET', '/v1/members')).status, 200)
    assert.equal((await owner.ask('DELETE', `/v1/members/${id}`)).status, 200)
    await aSecond()
    assert.notEqual((await browser.ask('GET', '/v1/members')).status, 200)
    assert.notEqual((await browser.ask('GET', '/v1/status')).status, 200)
  })

  test('nobody gives, takes or keeps more than he has', async () => {
    const admin = await join('adam@acme.org', 'admin')
    const viewer = await join('vera@acme.org', 'viewer')
    const second = await join('olga@acme.org', 'owner')
    assert.equal(await code(setRole(admin.browser, viewer.id, 'owner')), 'grant-beyond')
    assert.equal(await code(setRole(admin.browser, admin.id, 'owner')), 'grant-beyond')
    assert.equal(await code(setRole(admin.browser, second.id, 'viewer')), 'member-beyond')
    const remove = admin.browser.ask('DELETE', `/v1/members/${second.id}`)
    assert.equal(await code(remove), 'member-beyond')
    const invitation = { email: 'x@acme.org', role: 'owner' }
    assert.equal(
      await code(admin.browser.ask('POST', '/v1/invitations', invitation)),
      'grant-beyond',
    )
    assert.equal(await code(setRole(viewer.browser, viewer.id, 'admin')), 'forbidden')
    assert.equal(await code(setRole(owner, viewer.id, 'tsar')), 'role-unknown')
    assert.equal(await code(owner.ask('DELETE', `/v1/members/${second.id}`)), 'done')
  })

  test('the last owner can neither leave nor be lowered; two who lower each other are one short', async () => {
    const tenant = await createTenant(server.parts.catalog, 'duo')
    const [a, b] = [
      await join('a@duo.org', 'owner', tenant),
      await join('b@duo.org', 'owner', tenant),
    ]
    const both = await Promise.all([
      code(setRole(a.browser, b.id, 'viewer')),
      code(setRole(b.browser, a.id, 'viewer')),
    ])
    assert.ok(both.includes('done'), JSON.stringify(both))
    const { members } = (await whoever(a, b)).body as { members: { id: string; role: string }[] }
    const owners = members.filter(({ role }) => role === 'owner')
    assert.equal(owners.length, 1, JSON.stringify(both))
    const last = owners[0]?.id === a.id ? a : b
    assert.equal(await code(setRole(last.browser, last.id, 'admin')), 'last-owner')
    const leave = last.browser.ask('POST', '/v1/account/memberships/duo/leave', {})
    assert.equal(await code(leave), 'last-owner')
    const other = last === a ? b : a
    assert.equal(
      await code(other.browser.ask('POST', '/v1/account/memberships/duo/leave', {})),
      'done',
    )
    const unknown = other.browser.ask('POST', '/v1/account/memberships/zeta/leave', {})
    assert.equal(await code(unknown), 'tenant-unknown')
  })

  async function whoever(a: Somebody, b: Somebody) {
    await aSecond()
    const seen = await a.browser.ask('GET', '/v1/members')
    return seen.status === 200 ? seen : b.browser.ask('GET', '/v1/members')
  }

  test('foreign members, roles and invitations answer like those that are not there', async () => {
    const { id } = await join('finn@acme.org', 'viewer')
    await owner.ask('POST', '/v1/roles', { name: 'ours', permissions: ['read'] })
    const made = await owner.ask('POST', '/v1/invitations', { email: 'n@acme.org', role: 'ours' })
    const pairs: [string, 'POST' | 'DELETE', string, string][] = [
      ['member', 'DELETE', `/v1/members/${id}`, '/v1/members/usr_0000000000000000'],
      ['role', 'DELETE', '/v1/roles/ours', '/v1/roles/oars'],
      [
        'invitation',
        'DELETE',
        `/v1/invitations/${String(made.body['id'])}`,
        '/v1/invitations/inv_0000000000000000',
      ],
      [
        'resend',
        'POST',
        `/v1/invitations/${String(made.body['id'])}/resend`,
        '/v1/invitations/inv_0000000000000000/resend',
      ],
    ]
    for (const [kind, method, theirs, nobodys] of pairs) {
      const [foreign, unknown] = [
        await stranger.ask(method, theirs),
        await stranger.ask(method, nobodys),
      ]
      assert.equal(foreign.status, 404, kind)
      assert.deepEqual(shape(foreign.body), shape(unknown.body), kind)
    }
    const role = { email: 'z@zeta.org', role: 'ours' }
    assert.equal(await code(stranger.ask('POST', '/v1/invitations', role)), 'role-unknown')
    const lists = ['/v1/members', '/v1/roles', '/v1/invitations']
    for (const list of lists) {
      const shown = JSON.stringify((await stranger.ask('GET', list)).body)
      assert.ok(!/acme|ours/.test(shown), shown)
    }
  })

  /** What is left of a problem without the ids that were sent. */
  function shape(body: Readonly<Record<string, unknown>>): unknown {
    const { code: problem, status, remedy } = body
    return { problem, status, remedy }
  }
})

describe('roles', () => {
  test('a role of the tenant limits and allows its members, and changes within a second', async () => {
    const create = { name: 'readers', permissions: ['read'], endpoints: ['events'] }
    assert.equal(await code(owner.ask('POST', '/v1/roles', create)), 'done')
    assert.equal(await code(owner.ask('POST', '/v1/roles', create)), 'role-exists')
    const { browser } = await join('rita@acme.org', 'readers')
    const names = async () => {
      const { body } = await browser.ask('GET', '/v1/datasets')
      return (
        (body['datasets'] as { dataset: string }[] | undefined)?.map(({ dataset }) => dataset) ??
        body
      )
    }
    assert.deepEqual(await names(), ['events'])
    assert.equal((await browser.ask('GET', '/v1/members')).status, 403)
    const set = { permissions: ['read', 'admin'] }
    assert.equal(await code(owner.ask('POST', '/v1/roles/readers', set)), 'done')
    await aSecond()
    assert.equal((await browser.ask('GET', '/v1/members')).status, 200)
    assert.equal(await code(owner.ask('DELETE', '/v1/roles/readers')), 'role-in-use')
  })

  test('a role is refused that would limit nothing, take the place of a built-in one or give too much', async () => {
    const create = (role: object, by = owner) => code(by.ask('POST', '/v1/roles', role))
    const role = { name: 'r', permissions: ['read'] }
    assert.equal(await create({ ...role, endpoints: ['evnets'] }), 'access-invalid')
    assert.equal(await create({ ...role, columns: { events: ['no such'] } }), 'access-invalid')
    assert.equal(await create({ ...role, name: 'Owner' }), 'input-invalid')
    assert.equal(await create({ ...role, permissions: ['owner'] }), 'input-invalid')
    assert.equal(await create({ ...role, permissions: ['operator'] }), 'input-invalid')
    assert.equal(await create({ ...role, permissions: [] }), 'input-invalid')
    await owner.ask('POST', '/v1/roles', { name: 'clerks', permissions: ['admin'] })
    const clerk = (await join('karl@acme.org', 'clerks')).browser
    assert.equal(await create(role, clerk), 'grant-beyond')
    await owner.ask('POST', '/v1/roles', { name: 'writers', permissions: ['write'] })
    assert.equal(await code(clerk.ask('DELETE', '/v1/roles/writers')), 'grant-beyond')
    const more = { permissions: ['admin', 'run'] }
    assert.equal(await code(clerk.ask('POST', '/v1/roles/clerks', more)), 'grant-beyond')
  })
})

test('a role is called what somebody wrote, byte for byte, or refused', async () => {
  const names = [
    'Ω≈ç√∫˜µ≤≥÷',
    '田中さんにあげて下さい',
    'הָיְתָהtestالصفحات',
    "'; DROP TABLE role; --",
    '<img src=x onerror=alert(1)>',
    '../../etc/passwd%00',
    '{{7*7}} ${7*7} #{7*7}',
    'constructor',
    '__proto__',
    'null',
    '👩‍👩‍👧‍👧 𝒯𝑒𝓈𝓉 Ṱ̺̺̕o͞',
    '\u202eowner',
    'a\u0000b',
    '\ud800',
    ' admin',
    'OWNER',
    '\n',
  ]
  const kept: string[] = []
  for (const name of names) {
    const { status } = await owner.ask('POST', '/v1/roles', { name, permissions: ['read'] })
    assert.ok(status === 200 || status === 400, `${JSON.stringify(name)}: ${status}`)
    if (status === 200) kept.push(name)
  }
  const { roles } = (await owner.ask('GET', '/v1/roles?limit=1000')).body as {
    roles: { name: string }[]
  }
  assert.ok(kept.length >= 10, `${kept.length} are kept`)
  for (const name of kept)
    assert.ok(
      roles.some((role) => role.name === name),
      name,
    )
  for (const name of kept) {
    const removed = await owner.ask('DELETE', `/v1/roles/${encodeURIComponent(name)}`)
    assert.equal(removed.status, 200, `${name}: ${JSON.stringify(removed.body)}`)
  }
})

describe('invitations', () => {
  test('a link makes an account and a member, once; its token is in no list and no log', async () => {
    const token = await invite('Nora@Example.org', 'analyst')
    const looked = await server.browser().ask('POST', '/v1/invitations/look', { token })
    assert.deepEqual(
      [looked.body['email'], looked.body['role'], looked.body['hasAccount']],
      ['nora@example.org', 'analyst', false],
    )
    const accept = (browser: Browser) =>
      browser.ask('POST', '/v1/invitations/accept', { token, name: 'Nora', password: PASSWORD })
    const [one, two] = [server.browser(), server.browser()]
    const codes = await Promise.all([code(accept(one)), code(accept(two))])
    assert.equal(codes.filter((each) => each === 'done').length, 1, JSON.stringify(codes))
    const { body } = await (codes[0] === 'done' ? one : two).ask('GET', '/v1/account')
    assert.deepEqual([body['email'], body['tenant']], ['nora@example.org', 'acme'])
    assert.equal(await code(accept(server.browser())), 'invitation-over')
    const audit = await server.parts.catalog.asTenant(acme, (session) => listAudit(session, 0, 500))
    const shown = JSON.stringify([audit, (await owner.ask('GET', '/v1/invitations')).body])
    assert.ok(shown.includes('invitations.accept') && !shown.includes(token))
    const rows = await server.parts.catalog.asTenant(acme, (session) =>
      session.query('SELECT * FROM invitation'),
    )
    assert.ok(!JSON.stringify(rows).includes(token))
  })

  test('whoever has an account joins with it, and by nobody else’s invitation', async () => {
    await server.addUser('mia@x.org')
    await server.addUser('eve@x.org')
    const token = await invite('mia@x.org', 'admin')
    const [mia, eve] = [server.browser(), server.browser()]
    await mia.signIn('mia@x.org')
    await eve.signIn('eve@x.org')
    const join_ = (browser: Browser) => code(browser.ask('POST', '/v1/invitations/join', { token }))
    assert.equal(await join_(eve), 'invitation-of-another')
    const anew = { token, name: 'Eve', password: PASSWORD }
    assert.equal(await code(eve.ask('POST', '/v1/invitations/accept', anew)), 'account-exists')
    assert.equal(await join_(server.browser()), 'unauthenticated')
    assert.equal(await join_(mia), 'done')
    assert.equal(await join_(mia), 'invitation-over')
    assert.equal(
      (await mia.ask('GET', '/v1/members', undefined, { 'millrace-tenant': 'acme' })).status,
      200,
    )
    assert.equal(
      await code(owner.ask('POST', '/v1/invitations', { email: 'MIA@x.org', role: 'viewer' })),
      'member-exists',
    )
  })

  test('a link dies with a newer one, with its withdrawal and after a week', async () => {
    const token = await invite('late@x.org')
    const again = { email: 'late@x.org', role: 'viewer' }
    assert.equal(await code(owner.ask('POST', '/v1/invitations', again)), 'invitation-exists')
    const { invitations } = (await owner.ask('GET', '/v1/invitations')).body as {
      invitations: { id: string; email: string }[]
    }
    const id = invitations.find(({ email }) => email === 'late@x.org')?.id
    const renewed = await owner.ask('POST', `/v1/invitations/${id}/resend`, {})
    const look = (of: string) =>
      code(server.browser().ask('POST', '/v1/invitations/look', { token: of }))
    assert.equal(await look(token), 'invitation-over')
    const second = tokenOf(renewed.body['link'])
    assert.equal(await look(second), 'done')
    assert.equal((await owner.ask('DELETE', `/v1/invitations/${id}`)).status, 200)
    assert.equal(await look(second), 'invitation-over')
    const third = await invite('late@x.org')
    await server.parts.catalog.asTenant(acme, (session) =>
      session.query(`UPDATE invitation SET expires_at = millrace_now() WHERE email = 'late@x.org'`),
    )
    assert.equal(await look(third), 'invitation-over')
    await invite('late@x.org')
  })

  test('where mail is on the link goes there, and is shown to nobody', async () => {
    const { random, ids, secrets } = server.open
    const parts = {
      random,
      ids,
      publicUrl: () => 'https://x.org',
      mailer: createMailer({ isOn: true, secrets, ids }),
    }
    const invited = await server.parts.catalog.asTenant(acme, async (session) => {
      const made = await inviteMember(parts, session, {
        email: 'post@x.org',
        role: 'viewer',
        invitedBy: 'test',
      })
      const mails = await session.query(
        `SELECT recipient, data FROM mail WHERE template = 'invitation'`,
      )
      return { link: made.link, mails: JSON.stringify(mails) }
    })
    assert.equal(invited.link, null)
    assert.ok(invited.mails.includes('post@x.org') && !invited.mails.includes('token='))
  })

  test('fields that nobody offered are refused, and names stay as they were written', async () => {
    const token = await invite('naughty@x.org')
    const fields = { token, name: 'N', password: PASSWORD }
    for (const extra of [
      { role: 'owner' },
      { tenantId: 1 },
      { userId: 'usr_1' },
      { is_operator: true },
      { email: 'other@x.org' },
    ]) {
      const answer = server.browser().ask('POST', '/v1/invitations/accept', { ...fields, ...extra })
      assert.equal(await code(answer), 'input-invalid', JSON.stringify(extra))
    }
    const planted = `{"token":"${token}","name":"N","password":"${PASSWORD}","__proto__":{"role":"owner"}}`
    const response = await server.app.inject({
      method: 'POST',
      url: '/v1/invitations/accept',
      headers: { 'content-type': 'application/json' },
      payload: planted,
    })
    assert.ok(response.statusCode >= 400, response.body)
    const name = `Robert'); DROP TABLE membership;-- ‮<script>alert(1)</script> ⁦ 👩‍👩‍👧 ﷽`
    const joined = server.browser().ask('POST', '/v1/invitations/accept', { ...fields, name })
    assert.equal(await code(joined), 'done')
    const { members } = (await owner.ask('GET', '/v1/members?limit=1000')).body as {
      members: { email: string; name: string; role: string }[]
    }
    const found = members.find(({ email }) => email === 'naughty@x.org')
    assert.deepEqual([found?.name, found?.role], [name, 'viewer'])
  })
})

describe('operators', () => {
  test('only operators name operators, and one stays', async () => {
    const { browser } = await join('staff@acme.org', 'owner')
    const email = { email: 'staff@acme.org' }
    assert.equal(await code(browser.ask('POST', '/v1/operators', email)), 'forbidden')
    const operator = server.browser()
    const token = await server.setupToken()
    const setup = { token, email: 'root@x.org', name: 'Root', password: PASSWORD }
    assert.equal(await code(operator.ask('POST', '/v1/setup', setup)), 'done')
    assert.equal(await code(operator.ask('DELETE', '/v1/operators/root%40x.org')), 'operator-last')
    assert.equal(
      await code(operator.ask('POST', '/v1/operators', { email: 'no@x.org' })),
      'account-unknown',
    )
    assert.equal(await code(operator.ask('POST', '/v1/operators', email)), 'done')
    await aSecond()
    assert.equal((await browser.ask('GET', '/v1/operators')).status, 200)
    assert.equal(await code(operator.ask('DELETE', '/v1/operators/staff%40acme.org')), 'done')
    await aSecond()
    assert.equal((await browser.ask('GET', '/v1/operators')).status, 403)
  })
})
