import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listAudit } from '#catalog/audit.ts'
import { createTenant } from '#catalog/tenants.ts'
import { openPeopleServer, PASSWORD, type Browser } from '../../../test/support/people-server.ts'

/** The time for which a process believes what a session was. */
const REMEMBERED_MS = 1_100

test('an operator looks as a viewer does: reads, changes nothing, and the tenant can read that he did', async (t) => {
  const server = await openPeopleServer()
  t.after(() => server.close())
  const { catalog, clock } = server.open
  const acme = await createTenant(catalog, 'acme')
  const operator = server.browser()
  const setup = { token: await server.setupToken(), email: 'op@example.com', password: PASSWORD }
  assert.equal((await operator.ask('POST', '/v1/setup', { name: 'Op', ...setup })).status, 200)
  const member = server.browser()
  await server.addUser('anna@example.com', { tenant: acme, role: 'admin' })
  await member.signIn('anna@example.com')

  const inAcme = { 'millrace-tenant': 'acme' }
  const get = async (who: Browser, url: string) =>
    (await who.ask('GET', url, undefined, inAcme)).status
  const view = (who: Browser, role: string) =>
    who.ask('POST', '/v1/tenants/acme/view-as', { role }, inAcme)

  assert.equal((await view(member, 'viewer')).status, 403)
  assert.equal((await view(operator, 'tsar')).body['code'], 'role-unknown')
  assert.equal(await get(operator, '/v1/keys'), 200)

  assert.equal((await view(operator, 'viewer')).status, 200)
  await clock.sleep(REMEMBERED_MS)
  assert.equal(await get(operator, '/v1/datasets'), 200)
  assert.equal(await get(operator, '/v1/keys'), 403)
  const shown = await operator.ask('GET', '/v1/account', undefined, inAcme)
  const { role } = shown.body['viewing'] as { role: string }
  assert.deepEqual([role, shown.body['permissions']], ['viewer', ['read', 'export']])
  const change = await operator.ask('POST', '/v1/deliveries', { dataset: 'x' }, inAcme)
  assert.deepEqual([change.status, change.body['code']], [403, 'view-only'])

  const ended = await operator.ask('POST', '/v1/sessions/end-view', {}, inAcme)
  assert.deepEqual([ended.status, ended.body], [200, { ended: true }])
  await clock.sleep(REMEMBERED_MS)
  assert.equal(await get(operator, '/v1/keys'), 200)

  const rows = await catalog.asTenant(acme, (session) => listAudit(session, 0, 100))
  const noted = rows.map(({ action, actor }) => `${action} ${/ as viewer /.test(actor)}`)
  assert.deepEqual(
    noted.filter((row) => /view|datasets/.test(row)),
    ['tenants.view-as false', 'datasets.list true', 'sessions.end-view true'],
  )
})
