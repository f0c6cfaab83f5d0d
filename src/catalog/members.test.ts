import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import {
  hasOtherOwner,
  isMemberAddress,
  lockMember,
  pageMembers,
  removeMember,
  setMemberRole,
} from '#catalog/members.ts'
import { addMember, membershipsOf } from '#catalog/memberships.ts'
import { listOperators, setOperator } from '#catalog/operators.ts'
import { beginSession, sessionOwner } from '#catalog/sessions.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createUser } from '#catalog/users.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('members are paged with what the tenant may know of them', async () => {
    const { catalog } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    await join(catalog, mine, 'usr_1', 'owner')
    await join(catalog, mine, 'usr_2', 'viewer')
    await join(catalog, theirs, 'usr_3', 'owner')
    // One who is at work for the other tenant has not been seen here.
    await catalog.asTenant(theirs, (session) =>
      addMember(session, { userId: 'usr_2', role: 'admin', invitedBy: 'user usr_3' }),
    )
    await signIn(catalog, 'usr_1', 'mine')
    await signIn(catalog, 'usr_2', 'theirs')
    const members = await catalog.asTenant(mine, (session) => pageMembers(session, '', 100))
    const shown = members.map(({ userId, email, role, seenAt }) => [userId, email, role, !!seenAt])
    assert.deepEqual(shown, [
      ['usr_1', 'usr_1@example.com', 'owner', true],
      ['usr_2', 'usr_2@example.com', 'viewer', false],
    ])
    const rest = await catalog.asTenant(mine, (session) => pageMembers(session, 'usr_1', 1))
    assert.deepEqual(
      rest.map(({ userId }) => userId),
      ['usr_2'],
    )
    const known = await catalog.asTenant(mine, async (session) => [
      await isMemberAddress(session, 'usr_2@example.com'),
      await isMemberAddress(session, 'usr_3@example.com'),
    ])
    assert.deepEqual(known, [true, false])
  })

  test('of accounts a tenant sees its members, and of no one the password', async () => {
    const { catalog } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    await join(catalog, mine, 'usr_1', 'owner')
    await join(catalog, theirs, 'usr_2', 'owner')
    await signIn(catalog, 'usr_2', 'theirs')
    await catalog.asTenant(mine, async (session) => {
      const seen = await session.query('SELECT id FROM user_account')
      assert.deepEqual(seen, [{ id: 'usr_1' }])
      assert.deepEqual(await session.query('SELECT user_id FROM user_session'), [])
    })
    for (const statement of [
      'SELECT password FROM user_account',
      'SELECT totp FROM user_account',
      'SELECT hash FROM user_session',
      `UPDATE user_account SET name = 'x'`,
      'DELETE FROM user_session',
    ]) {
      await assert.rejects(
        catalog.asTenant(mine, (session) => session.query(statement)),
        /permission denied/,
        statement,
      )
    }
  })

  test('of two owners who lower each other at the same time one stays', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    await join(catalog, tenant, 'usr_1', 'owner')
    await join(catalog, tenant, 'usr_2', 'owner')
    const lower = (userId: string) =>
      catalog.asTenant(tenant, async (session) => {
        const role = await lockMember(session, userId)
        if (role !== 'owner' || !(await hasOtherOwner(session, userId))) return false
        await setMemberRole(session, userId, 'viewer')
        return true
      })
    for (let round = 0; round < 5; round++) {
      const done = await Promise.all([lower('usr_1'), lower('usr_2')])
      assert.equal(done.filter(Boolean).length, 1, `round ${round}: ${done.join()}`)
      const members = await catalog.asTenant(tenant, (session) => pageMembers(session, '', 10))
      assert.equal(members.filter(({ role }) => role === 'owner').length, 1)
      await catalog.asTenant(tenant, async (session) => {
        for (const { userId } of members) await setMemberRole(session, userId, 'owner')
      })
    }
  })

  test('an owner who cannot sign in does not count as another owner', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'mine')
    await join(catalog, tenant, 'usr_1', 'owner')
    await join(catalog, tenant, 'usr_2', 'owner')
    await admin(`UPDATE user_account SET disabled_at = now() WHERE id = 'usr_2'`)
    const other = await catalog.asTenant(tenant, (session) => hasOtherOwner(session, 'usr_1'))
    assert.equal(other, false)
  })

  test('whoever was removed is at work for the tenant no more', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    await join(catalog, tenant, 'usr_1', 'viewer')
    const hash = await signIn(catalog, 'usr_1', 'mine')
    await catalog.asTenant(tenant, (session) => removeMember(session, 'usr_1'))
    const owner = await catalog.asSystem((session) => sessionOwner(session, hash, 'mine'))
    assert.deepEqual([owner?.userId, owner?.place], ['usr_1', null])
    assert.deepEqual(await catalog.asSystem((session) => membershipsOf(session, 'usr_1')), [])
  })

  test('an account that belongs to a tenant can be a member of no other', async () => {
    const { catalog, admin } = open()
    const [mine, theirs] = [
      await createTenant(catalog, 'mine'),
      await createTenant(catalog, 'theirs'),
    ]
    await admin(
      `INSERT INTO user_account (id, email, name, home_tenant) VALUES ('usr_1', 'a@b.co', 'A', $1)`,
      [theirs.id],
    )
    const member = { userId: 'usr_1', role: 'viewer', invitedBy: null }
    await assert.rejects(
      catalog.asTenant(mine, (session) => addMember(session, member)),
      /belongs to another tenant/,
    )
    assert.ok(await catalog.asTenant(theirs, (session) => addMember(session, member)))
  })

  test('operators are named by address; the last one stays', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'mine')
    await join(catalog, tenant, 'usr_1', 'viewer')
    await join(catalog, tenant, 'usr_2', 'viewer')
    const set = (email: string, is: boolean) =>
      catalog.asSystem((session) => setOperator(session, email, is))
    assert.equal(await set('nobody@example.com', true), 'unknown')
    assert.equal(await set('usr_1@example.com', false), 'unknown')
    assert.equal(await set('usr_1@example.com', true), 'set')
    assert.equal(await set('usr_1@example.com', false), 'last')
    assert.equal(await set('usr_2@example.com', true), 'set')
    const both = await Promise.all([
      set('usr_1@example.com', false),
      set('usr_2@example.com', false),
    ])
    assert.deepEqual(both.toSorted(), ['last', 'set'])
    assert.equal((await catalog.asSystem(listOperators)).length, 1)
  })
})

async function join(catalog: Catalog, tenant: Tenant, userId: string, role: string): Promise<void> {
  const user = { id: userId, email: `${userId}@example.com`, name: userId, password: 'phc' }
  await catalog.asSystem((session) => createUser(session, user))
  await catalog.asTenant(tenant, (session) => addMember(session, { userId, role, invitedBy: null }))
}

async function signIn(catalog: Catalog, userId: string, slug: string): Promise<Uint8Array> {
  const hash = Buffer.from(`${userId} in ${slug}`)
  const life = { lifeMs: 60_000, idleMs: 60_000, address: null, agent: null }
  await catalog.asSystem((session) =>
    beginSession(session, { id: `ses_${userId}`, hash, userId, ...life }),
  )
  await catalog.asSystem((session) => sessionOwner(session, hash, slug))
  return hash
}
