import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listAudit } from '#catalog/audit.ts'
import { makeLink, useLink } from '#catalog/account-links.ts'
import { addMember, appendAuditOfUser, membershipsOf } from '#catalog/memberships.ts'
import type { SystemSession } from '#catalog/session.ts'
import {
  beginSession,
  endSession,
  endSessions,
  listSessions,
  sessionOwner,
  type NewSession,
} from '#catalog/sessions.ts'
import {
  clearFailures,
  countFailure,
  throttleWait,
  undoFailure,
} from '#catalog/sign-in-throttle.ts'
import { createTenant } from '#catalog/tenants.ts'
import {
  beginTotp,
  confirmTotp,
  createUser,
  removeTotp,
  setDisabled,
  setPassword,
  userByEmail,
  userById,
  useRecoveryCode,
  useTotpStep,
} from '#catalog/users.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const hash = (byte: number) => Buffer.alloc(32, byte)
const addAnna = (session: SystemSession) =>
  createUser(session, { id: 'usr_1', email: 'anna@x.org', name: 'Anna', password: 'phc' })
const begun = (byte: number, more: Partial<NewSession> = {}): NewSession => ({
  id: `ses_${byte}`,
  hash: hash(byte),
  userId: 'usr_1',
  lifeMs: 24 * HOUR,
  idleMs: HOUR,
  address: '192.0.2.1',
  agent: 'Browser',
  ...more,
})

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('an address has one account, whose password is replaced where it is still the former', async () => {
    const { catalog } = open()
    await catalog.asSystem(async (session) => {
      assert.equal(await addAnna(session), true)
      const again = { id: 'usr_2', email: 'anna@x.org', name: 'Other', password: null }
      assert.equal(await createUser(session, again), false)
      assert.equal(await setPassword(session, 'usr_1', 'other', 'new'), false)
      assert.equal(await setPassword(session, 'usr_1', 'phc', 'new'), true)
      const anna = await userByEmail(session, 'anna@x.org')
      assert.deepEqual([anna?.id, anna?.password, anna?.isOperator], ['usr_1', 'new', false])
      assert.deepEqual(await userById(session, 'usr_1'), anna)
      assert.equal(await userById(session, 'usr_2'), null)
    })
  })

  test('one-time codes count once confirmed, and a step or a recovery code works once', async () => {
    const { catalog } = open()
    await catalog.asSystem(async (session) => {
      await addAnna(session)
      assert.equal(await beginTotp(session, 'usr_1', 'one'), true)
      assert.equal(await beginTotp(session, 'usr_1', 'two'), true)
      const confirmed = { step: 100, recoveryHashes: ['a', 'b'] }
      assert.equal(await confirmTotp(session, 'usr_1', { sealed: 'one', ...confirmed }), false)
      assert.equal(await confirmTotp(session, 'usr_1', { sealed: 'two', ...confirmed }), true)
      assert.equal(await beginTotp(session, 'usr_1', 'three'), false)
      assert.equal(await useTotpStep(session, 'usr_1', 100), false)
      assert.equal(await useTotpStep(session, 'usr_1', 101), true)
      assert.equal(await useTotpStep(session, 'usr_1', 101), false)
      assert.equal(await useRecoveryCode(session, 'usr_1', 'a'), true)
      assert.equal(await useRecoveryCode(session, 'usr_1', 'a'), false)
      const anna = await userById(session, 'usr_1')
      assert.deepEqual([anna?.totp, anna?.recoveryLeft], ['two', 1])
      assert.equal(await removeTotp(session, 'usr_1'), true)
      assert.equal((await userById(session, 'usr_1'))?.totpAt, null)
    })
  })

  test('a session leads to the tenant asked for, else to the last one; operators to any', async () => {
    const { catalog, admin } = open()
    const [acme, zeta] = [await createTenant(catalog, 'acme'), await createTenant(catalog, 'zeta')]
    await createTenant(catalog, 'other')
    await catalog.asSystem(async (session) => {
      await addAnna(session)
      await beginSession(session, begun(1))
    })
    const at = async (byte: number, slug?: string) => {
      const owner = await catalog.asSystem((session) => sessionOwner(session, hash(byte), slug))
      return owner?.place?.tenant.slug ?? null
    }
    assert.equal(await at(1), null)
    assert.equal(await at(9), null)
    await catalog.asTenant(zeta, async (session) => {
      await session.query(
        `INSERT INTO role (tenant_id, name, permissions, access, created_by)
         VALUES ($1, 'looker', '{read}', '{"endpoints":["a"],"columns":{},"rows":{}}', 'me')`,
        [zeta.id],
      )
      await addMember(session, { userId: 'usr_1', role: 'looker', invitedBy: null })
    })
    await catalog.asTenant(acme, async (session) => {
      const member = { userId: 'usr_1', role: 'admin', invitedBy: null }
      assert.equal(await addMember(session, member), true)
      assert.equal(await addMember(session, { ...member, role: 'owner' }), false)
    })
    assert.deepEqual([await at(1), await at(1, 'zeta'), await at(1)], ['acme', 'zeta', 'zeta'])
    assert.equal(await at(1, 'other'), null)
    assert.equal(await at(1, 'nowhere'), null)
    const found = await catalog.asSystem((session) => sessionOwner(session, hash(1), 'zeta'))
    assert.deepEqual(found?.place?.permissions, ['read'])
    assert.deepEqual(found?.place?.access.endpoints, ['a'])
    const held = await catalog.asSystem((session) => membershipsOf(session, 'usr_1'))
    assert.deepEqual(
      held.map(({ tenant, role }) => [tenant.slug, role]),
      [
        ['acme', 'admin'],
        ['zeta', 'looker'],
      ],
    )
    await catalog.asSystem((session) => beginSession(session, begun(2, { onlyTenant: acme })))
    await admin('UPDATE user_account SET is_operator = true')
    assert.equal(await at(1, 'other'), 'other')
    assert.deepEqual([await at(2), await at(2, 'zeta'), await at(2, 'other')], ['acme', null, null])
    const bound = await catalog.asSystem((session) => sessionOwner(session, hash(2), undefined))
    assert.equal(bound?.isOperator, false, 'a session of one tenant is no operator')
  })

  test('sessions end when they are idle, old, ended, or their account is disabled', async () => {
    const { catalog, shiftClock } = open()
    const is = async (byte: number) =>
      (await catalog.asSystem((session) => sessionOwner(session, hash(byte), undefined))) !== null
    await catalog.asSystem(async (session) => {
      await addAnna(session)
      for (const byte of [1, 2, 3]) await beginSession(session, begun(byte))
      assert.equal(await endSession(session, 'usr_2', 'ses_1'), false)
      assert.equal(await endSession(session, 'usr_1', 'ses_1'), true)
      assert.equal(await endSession(session, 'usr_1', 'ses_1'), false)
      const left = await listSessions(session, 'usr_1')
      assert.deepEqual(left.map(({ id }) => id).sort(), ['ses_2', 'ses_3'])
    })
    assert.deepEqual([await is(1), await is(2)], [false, true])
    await shiftClock(50 * MINUTE)
    assert.equal(await is(2), true)
    await shiftClock(100 * MINUTE)
    assert.deepEqual([await is(2), await is(3)], [true, false], 'used and unused')
    for (let minutes = 150; minutes < 24 * 60; minutes += 50) {
      await shiftClock(minutes * MINUTE)
      assert.equal(await is(2), true, `${minutes} minutes`)
    }
    await shiftClock(24 * HOUR)
    assert.equal(await is(2), false)
    await catalog.asSystem(async (session) => {
      for (const byte of [4, 5, 6]) await beginSession(session, begun(byte))
      assert.equal(await endSessions(session, 'usr_1', 'ses_5'), 4)
    })
    assert.deepEqual([await is(4), await is(5)], [false, true])
    await catalog.asSystem((session) => setDisabled(session, 'usr_1', true))
    assert.equal(await is(5), false)
    assert.equal(await catalog.asSystem((session) => beginSession(session, begun(7))), null)
    await catalog.asSystem((session) => setDisabled(session, 'usr_1', false))
    assert.equal(await is(5), false, 'what has ended stays so')
  })

  test('a link works once, until it expires or another replaces it', async () => {
    const { catalog, shiftClock } = open()
    await catalog.asSystem(async (session) => {
      await addAnna(session)
      const make = (byte: number) =>
        makeLink(session, { purpose: 'reset', userId: 'usr_1', hash: hash(byte), lifeMs: HOUR })
      await make(1)
      await make(2)
      assert.equal(await useLink(session, 'reset', hash(1)), null)
      assert.equal(await useLink(session, 'setup', hash(2)), null)
      assert.deepEqual(await useLink(session, 'reset', hash(2)), { userId: 'usr_1' })
      assert.equal(await useLink(session, 'reset', hash(2)), null)
      await make(3)
      await makeLink(session, { purpose: 'setup', userId: null, hash: hash(4), lifeMs: 2 * HOUR })
    })
    await shiftClock(61 * MINUTE)
    await catalog.asSystem(async (session) => {
      assert.equal(await useLink(session, 'reset', hash(3)), null)
      assert.deepEqual(await useLink(session, 'setup', hash(4)), { userId: null })
    })
  })

  test('failures close a subject for longer and longer, and are forgotten', async () => {
    const { catalog, setClock } = open()
    const rule = { free: 2, delayMs: 1000, longestMs: 5000, forgetMs: 10 * MINUTE }
    let now = 1_800_000_000_000
    const count = async (passedMs: number) => {
      await setClock((now += passedMs))
      return Math.round(await catalog.asSystem((session) => countFailure(session, 'a', rule)))
    }
    const waits: number[] = []
    for (const passed of [0, 0, 0]) waits.push(await count(passed))
    assert.deepEqual(waits, [0, 0, 0])
    assert.equal(await count(100), 900, 'closed: a second after the first that was too many')
    assert.equal(await count(900), 0)
    assert.equal(await count(0), 2000)
    assert.equal(await count(2000), 0)
    assert.equal(await count(0), 4000)
    assert.equal(await count(4000), 0)
    assert.equal(await count(0), 5000, 'never longer than the longest')
    assert.equal(await catalog.asSystem((session) => throttleWait(session, 'b')), 0)
    assert.equal(await count(60 * MINUTE), 0)
    assert.equal(await count(0), 0, 'after an hour six of them are forgotten')
    await catalog.asSystem(async (session) => {
      await undoFailure(session, 'a')
      await undoFailure(session, 'a')
      assert.equal(await throttleWait(session, 'a'), 0)
      await clearFailures(session, 'a')
    })
    for (const passed of [0, 0, 0]) assert.equal(await count(passed), 0)
  })

  test('what a user does stands in the log of each of their tenants', async () => {
    const { catalog } = open()
    const tenants = [await createTenant(catalog, 'acme'), await createTenant(catalog, 'zeta')]
    const other = await createTenant(catalog, 'other')
    await catalog.asSystem(addAnna)
    for (const tenant of tenants) {
      await catalog.asTenant(tenant, (session) =>
        addMember(session, { userId: 'usr_1', role: 'viewer', invitedBy: 'local' }),
      )
    }
    const event = { actor: 'user usr_1', action: 'sessions.create', detail: '{}', requestId: null }
    await catalog.asSystem((session) => appendAuditOfUser(session, 'usr_1', event))
    const logged = (tenant: typeof other) =>
      catalog.asTenant(tenant, (session) => listAudit(session, 0, 10))
    for (const tenant of tenants) {
      assert.deepEqual(
        (await logged(tenant)).map(({ actor, action }) => [actor, action]),
        [['user usr_1', 'sessions.create']],
      )
    }
    assert.deepEqual(await logged(other), [])
  })

  test('no role reads accounts, sessions, links or failures', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    for (const table of ['user_account', 'user_session', 'account_link', 'sign_in_throttle']) {
      const query = `SELECT * FROM ${table}`
      await assert.rejects(
        catalog.asTenant(tenant, (session) => session.query(query)),
        /permission denied/,
      )
      await assert.rejects(
        catalog.asSystem((session) => session.query(query)),
        /permission denied/,
      )
    }
  })
})
