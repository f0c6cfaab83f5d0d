import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createTenant } from '#catalog/tenants.ts'
import { ownDatabase } from '../../test/support/own-database.ts'
import { openPeopleServer, type Browser } from '../../test/support/people-server.ts'

/** Memberships and roles are remembered for a second at most. */
const WITHIN_MS = 1_050

test('what a member may do changes and ends within a second on every server', async (t) => {
  const databaseUrl = await ownDatabase(t)
  if (databaseUrl === null) return t.skip('PostgreSQL is not installed')
  const one = await openPeopleServer({ databaseUrl, mail: false })
  t.after(() => one.close())
  const two = await openPeopleServer({ databaseUrl, mail: false })
  t.after(() => two.close())
  const tenant = await createTenant(one.parts.catalog, 'acme')
  await one.addUser('owner@acme.org', { tenant, role: 'owner' })
  const owner = one.browser()
  await owner.signIn('owner@acme.org')
  const role = { name: 'clerks', permissions: ['admin'] }
  assert.equal((await owner.ask('POST', '/v1/roles', role)).status, 200)
  const id = await one.addUser('carl@acme.org', { tenant, role: 'viewer' })
  const carl = two.browser()
  await carl.signIn('carl@acme.org')

  const mayList = async (browser: Browser) =>
    (await browser.ask('GET', '/v1/members')).status === 200
  const mayAsk = async () => {
    const { status } = await carl.ask('GET', '/v1/status', undefined, { 'millrace-tenant': 'acme' })
    return status === 200
  }
  assert.deepEqual([await mayList(carl), await mayAsk()], [false, true])
  await owner.ask('POST', `/v1/members/${id}/role`, { role: 'clerks' })
  await one.parts.clock.sleep(WITHIN_MS)
  assert.deepEqual([await mayList(carl), await mayAsk()], [true, false])
  await owner.ask('POST', '/v1/roles/clerks', { permissions: ['read'] })
  await one.parts.clock.sleep(WITHIN_MS)
  assert.deepEqual([await mayList(carl), await mayAsk()], [false, true])
  assert.equal((await owner.ask('DELETE', `/v1/members/${id}`)).status, 200)
  await one.parts.clock.sleep(WITHIN_MS)
  assert.equal(await mayAsk(), false)
})

test('of two owners on two servers who lower each other at the same moment one stays', async (t) => {
  const databaseUrl = await ownDatabase(t)
  if (databaseUrl === null) return t.skip('PostgreSQL is not installed')
  const one = await openPeopleServer({ databaseUrl })
  t.after(() => one.close())
  const two = await openPeopleServer({ databaseUrl })
  t.after(() => two.close())
  const tenant = await createTenant(one.parts.catalog, 'acme')
  const ids: string[] = []
  const browsers: Browser[] = []
  for (const [server, email] of [
    [one, 'a@acme.org'],
    [two, 'b@acme.org'],
  ] as const) {
    ids.push(await server.addUser(email, { tenant, role: 'owner' }))
    const browser = server.browser()
    await browser.signIn(email)
    browsers.push(browser)
  }
  for (let round = 0; round < 5; round++) {
    await one.parts.clock.sleep(WITHIN_MS)
    const answers = await Promise.all(
      browsers.map((browser, place) =>
        browser.ask('POST', `/v1/members/${ids[1 - place]}/role`, { role: 'viewer' }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses))
    const owners = await one.parts.catalog.asTenant(tenant, (session) =>
      session.query(`SELECT user_id FROM membership WHERE role = 'owner'`),
    )
    assert.equal(owners.length, 1)
    await one.parts.catalog.asTenant(tenant, (session) =>
      session.query(`UPDATE membership SET role = 'owner'`),
    )
  }
})
