import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import {
  addDeploymentProvider,
  listDeploymentProviders,
  listProviders,
  removeProvider,
  setSignOnRequired,
} from '#catalog/identity-providers.ts'
import { acceptInvitation, invitationByToken } from '#catalog/invitations.ts'
import { pageMembers, removeMember } from '#catalog/members.ts'
import { addMember } from '#catalog/memberships.ts'
import { beginSession, sessionOwner } from '#catalog/sessions.ts'
import { signOnProvider } from '#catalog/sign-on.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createUser, setDisabled, userByEmail, userById } from '#catalog/users.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  ISSUER,
  buildInvitation,
  buildProvider,
  enter,
} from '../../test/support/member-builders.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('two answers for one new person at the same time make one account', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'mine')
    const provider = await buildProvider(catalog, tenant)
    const answers = await Promise.all([
      enter(catalog, provider, 'anna', { newUserId: 'usr_1' }),
      enter(catalog, provider, 'anna', { newUserId: 'usr_2' }),
    ])
    assert.equal(answers[0]?.userId, answers[1]?.userId)
    assert.equal((await admin('SELECT id FROM user_account')).length, 1)
    assert.deepEqual(await roles(catalog, tenant), [['anna@example.com', 'viewer']])
  })

  test('a subject stays who it is, whatever address it has; another issuer is somebody else', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    const provider = await buildProvider(catalog, tenant)
    const first = await enter(catalog, provider, 'anna')
    const renamed = await enter(catalog, provider, 'anna', {
      email: 'anna.b@example.com',
      name: 'B',
      newUserId: 'usr_2',
    })
    assert.deepEqual(renamed, { userId: first?.userId, isNew: false })
    assert.deepEqual(await roles(catalog, tenant), [['anna.b@example.com', 'viewer']])
    // The address is free again, and gives nobody the account of who had it.
    const other = await enter(catalog, provider, 'impostor', { email: 'anna@example.com' })
    assert.notEqual(other?.userId, first?.userId)
    assert.equal(
      await enter(catalog, provider, 'anna', { issuer: 'https://evil.example.com' }),
      null,
    )
  })

  test('a tenant’s provider neither finds an account by its address nor is found by it', async () => {
    const { catalog } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    const user = { id: 'usr_chef', email: 'chef@example.com', name: 'Chef', password: 'phc' }
    await catalog.asSystem((session) => createUser(session, user))
    await catalog.asTenant(theirs, (session) =>
      addMember(session, { userId: user.id, role: 'owner', invitedBy: null }),
    )
    const entered = await enter(catalog, await buildProvider(catalog, mine), 'chef')
    assert.notEqual(entered?.userId, user.id)
    const found = await catalog.asSystem((session) => userByEmail(session, user.email))
    assert.equal(found?.id, user.id)
    const begun = { id: 'ses_1', hash: Buffer.from('1'), userId: entered?.userId ?? '' }
    const life = { lifeMs: 60_000, idleMs: 60_000, address: null, agent: null, onlyTenant: mine }
    await catalog.asSystem((session) => beginSession(session, { ...begun, ...life }))
    const placed = async (slug: string) =>
      (await catalog.asSystem((session) => sessionOwner(session, begun.hash, slug)))?.place?.tenant
        .slug ?? null
    assert.deepEqual([await placed('mine'), await placed('theirs')], ['mine', null])
  })

  test('an invitation is taken up by its address, but never makes an owner so', async () => {
    const { catalog } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    const provider = await buildProvider(catalog, mine, { defaultRole: null })
    assert.equal(await enter(catalog, provider, 'anna'), null)
    await buildInvitation(catalog, theirs, 'anna@example.com', 'admin')
    assert.equal(await enter(catalog, provider, 'anna'), null, 'of another tenant')
    await buildInvitation(catalog, mine, 'olga@example.com', 'owner')
    assert.equal(await enter(catalog, provider, 'olga'), null, 'of an owner')
    await buildInvitation(catalog, mine, 'anna@example.com', 'analyst')
    assert.equal((await enter(catalog, provider, 'anna'))?.isNew, true)
    assert.deepEqual(await roles(catalog, mine), [['anna@example.com', 'analyst']])
  })

  test('whoever was removed comes back by invitation only', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    const provider = await buildProvider(catalog, tenant)
    const anna = await enter(catalog, provider, 'anna')
    await catalog.asTenant(tenant, (session) => removeMember(session, anna?.userId ?? ''))
    assert.equal(await enter(catalog, provider, 'anna'), null)
    await buildInvitation(catalog, tenant, 'anna@example.com', 'analyst')
    assert.equal((await enter(catalog, provider, 'anna'))?.userId, anna?.userId)
    assert.deepEqual(await roles(catalog, tenant), [['anna@example.com', 'analyst']])
  })

  test('an account that was disabled stays out', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    const provider = await buildProvider(catalog, tenant)
    const anna = await enter(catalog, provider, 'anna')
    await catalog.asSystem((session) => setDisabled(session, anna?.userId ?? '', true))
    assert.equal(await enter(catalog, provider, 'anna'), null)
  })

  test('a provider of the deployment finds accounts of the deployment, and makes none', async () => {
    const { catalog } = open()
    const mine = await createTenant(catalog, 'mine')
    const own = { name: 'Staff', issuer: ISSUER, clientId: 'c', clientSecret: null }
    const more = { domains: ['example.com'], revision: '1', createdBy: 'test' }
    await catalog.asSystem((session) =>
      addDeploymentProvider(session, { id: 'idp_all', ...own, ...more }),
    )
    assert.equal(await enter(catalog, 'idp_all', 'anna'), null)
    await enter(catalog, await buildProvider(catalog, mine), 'anna')
    assert.equal(await enter(catalog, 'idp_all', 'anna'), null, 'an account of a tenant')
    const user = { id: 'usr_9', email: 'anna@example.com', name: 'A', password: 'phc' }
    await catalog.asSystem((session) => createUser(session, user))
    assert.deepEqual(await enter(catalog, 'idp_all', 'anna'), { userId: 'usr_9', isNew: false })
    assert.equal((await catalog.asSystem(listDeploymentProviders)).length, 1)
    const seen = await catalog.asTenant(mine, listProviders)
    assert.deepEqual(
      seen.map(({ id }) => id),
      ['idp_mine'],
    )
    const foreign = await catalog.asSystem((session) => removeProvider(session, mine.id, 'idp_all'))
    assert.equal(foreign, 'unknown')
    const removed = await catalog.asSystem((session) => removeProvider(session, null, 'idp_all'))
    assert.equal(removed, 'removed')
    assert.ok(await catalog.asSystem((session) => userById(session, 'usr_9')), 'the account stays')
  })

  test('a provider goes with its people, but not with the last owner', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    const provider = await buildProvider(catalog, tenant, { defaultRole: 'owner' })
    const anna = await enter(catalog, provider, 'anna')
    const remove = () => catalog.asSystem((session) => removeProvider(session, tenant.id, provider))
    assert.equal(await remove(), 'last-owner')
    const user = { id: 'usr_9', email: 'o@example.com', name: 'O', password: 'phc' }
    await catalog.asSystem((session) => createUser(session, user))
    await catalog.asTenant(tenant, (session) =>
      addMember(session, { userId: user.id, role: 'owner', invitedBy: null }),
    )
    assert.equal(await remove(), 'removed')
    assert.deepEqual(await roles(catalog, tenant), [['o@example.com', 'owner']])
    assert.equal(await catalog.asSystem((session) => userById(session, anna?.userId ?? '')), null)
    assert.equal(await catalog.asSystem((session) => signOnProvider(session, provider)), null)
  })

  test('the rule of a tenant holds for invitations and sessions of passwords, except those of owners', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    await buildProvider(catalog, tenant)
    await catalog.asTenant(tenant, (session) => setSignOnRequired(session, true, 'test'))
    for (const [role, needs, placed] of [
      ['admin', true, null],
      ['owner', false, 'mine'],
    ] as const) {
      const email = `${role}@example.com`
      const hash = await buildInvitation(catalog, tenant, email, role)
      const found = await catalog.asSystem((session) => invitationByToken(session, hash))
      assert.equal(found?.needsSignOn, needs, role)
      const user = { id: `usr_${role}`, email, name: role, password: 'phc' }
      await catalog.asSystem((session) => createUser(session, user))
      const stranger = await catalog.asSystem((session) => acceptInvitation(session, hash, 'usr_x'))
      assert.equal(stranger, false)
      assert.ok(await catalog.asSystem((session) => acceptInvitation(session, hash, user.id)))
      const begun = { id: `ses_${role}`, hash, userId: user.id, lifeMs: 60_000, idleMs: 60_000 }
      await catalog.asSystem((session) =>
        beginSession(session, { ...begun, address: null, agent: null }),
      )
      const owner = await catalog.asSystem((session) => sessionOwner(session, hash, 'mine'))
      assert.equal(owner?.place?.tenant.slug ?? null, placed, role)
    }
  })
})

async function roles(catalog: Catalog, tenant: Tenant): Promise<[string, string][]> {
  const members = await catalog.asTenant(tenant, (session) => pageMembers(session, '', 100))
  return members.map(({ email, role }) => [email, role])
}
