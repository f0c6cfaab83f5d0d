import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'

import {
  applyFixes,
  fixesOf,
  listFixes,
  pendingPartitions,
  putFixes,
  withdrawFixes,
} from '#catalog/fixes.ts'
import {
  applyRepairs,
  createRepair,
  endRepair,
  listRepairs,
  loadMendNames,
  loadMends,
} from '#catalog/repairs.ts'
import type { TenantSession } from '#catalog/session.ts'
import { createTenant } from '#catalog/tenants.ts'
import { keyedHash } from '#kernel/keyed-hash.ts'
import { mendsOf, type FixAction } from '#model/mend.ts'
import type { Tenant } from '#model/tenant.ts'
import { forgetFixesOf } from '#subjects/forget-fixes.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const [one = '', two = '', three = ''] = ['1', '2', '3'].map((digit) => digit.repeat(32))
const place = { dataset: 'events', partition: '2021-04', by: 'test' }

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  let tenant: Tenant
  const inTenant = <T>(work: (session: TenantSession) => Promise<T>) =>
    open().catalog.asTenant(tenant, work)
  const put = (record: string, action: FixAction) =>
    inTenant((session) =>
      putFixes(session, place, [{ record, line: 2, reason: 'field-count', action }]),
    )
  const identity = async () =>
    mendsOf(await inTenant((session) => loadMendNames(session, 'events')), '2021-04')
  const apply = () => inTenant((session) => applyFixes(session, 'events', ['2021-04']))
  const applied = () => inTenant((session) => fixesOf(session, 'events', '2021-04', false))

  beforeEach(async () => {
    tenant = await createTenant(open().catalog, 'acme')
  })

  test('a fix works from when it is applied, and another takes its place from when that is', async () => {
    const [drop, set] = [
      { kind: 'drop', reason: 'cut' },
      { kind: 'set', values: { at: '2021-04-01', n: null } },
    ] as const
    await put(one, drop)
    await put(two, set)
    assert.deepEqual(await applied(), [])
    assert.equal(await identity(), null)
    const pending = await inTenant((session) => fixesOf(session, 'events', '2021-04', true))
    assert.deepEqual(pending, [
      { record: one, action: drop },
      { record: two, action: set },
    ])
    assert.deepEqual(await inTenant((session) => pendingPartitions(session, 'events')), [
      { partition: '2021-04', fixes: 2 },
    ])
    assert.equal(await apply(), 2)
    assert.deepEqual(await applied(), pending)
    const first = await identity()
    assert.match(first ?? '', /^[0-9a-f]{32}$/)

    await put(one, { kind: 'replace', record: 'a,b' })
    assert.deepEqual(await applied(), pending, 'not before it is applied')
    assert.equal(await identity(), first)
    assert.equal(await apply(), 1)
    assert.deepEqual((await applied())[0], {
      record: one,
      action: { kind: 'replace', record: 'a,b' },
    })
    assert.notEqual(await identity(), first)
    await put(one, drop)
    await apply()
    assert.equal(await identity(), first, 'equal mends have one name')
  })

  test('a fix that waits is taken back at once, one that is applied when that is', async () => {
    await put(one, { kind: 'drop', reason: 'a' })
    await put(two, { kind: 'drop', reason: 'b' })
    await apply()
    await put(three, { kind: 'drop', reason: 'c' })
    const withdraw = (records: string[]) =>
      inTenant((session) => withdrawFixes(session, place, records))
    assert.deepEqual(await withdraw([three]), [three])
    assert.deepEqual(await withdraw([three]), [])
    assert.deepEqual(await withdraw([two]), [two])
    assert.equal((await applied()).length, 2)
    const waits = await inTenant((session) => fixesOf(session, 'events', '2021-04', true))
    assert.deepEqual(
      waits.map(({ record }) => record),
      [one],
    )
    await apply()
    assert.deepEqual(
      (await applied()).map(({ record }) => record),
      [one],
    )
    const asked = { dataset: null, state: null, after: null, limit: 10 }
    assert.equal((await inTenant((session) => listFixes(session, asked))).length, 1)
  })

  test('repairs work in the order in which they were made, from when they are applied to when their end is', async () => {
    for (const [id, name, kind] of [
      ['rep_1', 'first', 'trim'],
      ['rep_2', 'second', 'decimal-comma'],
    ] as const) {
      // prettier-ignore
      const repair = { id, name, dataset: 'events', column: 'n', rule: { kind }, createdBy: 'test' }
      await inTenant((session) => createRepair(session, repair))
      await assert.rejects(
        inTenant((session) => createRepair(session, repair)),
        /exists already/,
      )
    }
    const kinds = async (pending: boolean) => {
      const mends = await inTenant((session) =>
        loadMends(session, 'events', '2021-05', { pending }),
      )
      return mends?.repairs.map(({ rule }) => rule.kind) ?? null
    }
    assert.equal(await kinds(false), null)
    assert.deepEqual(await kinds(true), ['trim', 'decimal-comma'])
    assert.equal(await inTenant((session) => applyRepairs(session, 'events')), 2)
    await inTenant((session) => endRepair(session, 'first'))
    assert.deepEqual(await kinds(false), ['trim', 'decimal-comma'])
    assert.deepEqual(await kinds(true), ['decimal-comma'])
    assert.equal(await inTenant((session) => applyRepairs(session, 'events')), 1)
    assert.deepEqual(await kinds(false), ['decimal-comma'])
    const asked = { dataset: 'events', after: '', limit: 10 }
    assert.equal((await inTenant((session) => listRepairs(session, asked))).length, 1)
  })

  test('the words of fixes about somebody who is erased go, and nothing becomes stale by that', async () => {
    await put(one, { kind: 'drop', reason: 'of nobody' })
    await put(two, { kind: 'replace', record: '{"id":"zo\\u00eb","at":"2021-04-01"}' })
    await put(three, { kind: 'set', values: { id: 'zoë', at: null } })
    await apply()
    const former = await identity()
    const key = '0'.repeat(64)
    const hash = keyedHash(Buffer.from(key, 'hex'), 'user', 'zoë')
    const rules = { key, rules: [{ kind: 'user', hash, state: 'erased' as const, bytes: 4 }] }
    const parts = { catalog: open().catalog }
    assert.equal(await forgetFixesOf(parts, tenant, 'events', rules), 2)
    assert.equal(await forgetFixesOf(parts, tenant, 'events', rules), 0)
    assert.deepEqual(
      (await applied()).map(({ record }) => record),
      [one],
    )
    assert.equal(await identity(), former)
    const rows = await open().admin<{ words: string }>('SELECT fix::text AS words FROM fix')
    assert.ok(
      rows.every(({ words }) => !words.includes('zo')),
      JSON.stringify(rows),
    )
  })
})
