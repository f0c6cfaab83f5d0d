import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  claimErasure,
  getErasure,
  listErasures,
  putOffErasure,
  requestErasure,
  stepErasure,
  takeErasure,
} from '#catalog/erasures.ts'
import type { Publication } from '#catalog/publish.ts'
import { exportSubjectRules, importSubjectRules } from '#catalog/subject-archive.ts'
import {
  assertRules,
  clearRule,
  loadRules,
  rulesOf,
  setRule,
  valuesOff,
} from '#catalog/subject-rules.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemRandom } from '#kernel/random.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const published: Publication = { commitNumber: 1, versionIds: [] }

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const asTenant = <T>(
    tenant: Tenant,
    work: Parameters<ReturnType<typeof open>['catalog']['asTenant']>[1],
  ) => open().catalog.asTenant(tenant, work) as Promise<T>

  const set = (tenant: Tenant, value: string, state: 'off' | 'erased', kind = 'person') =>
    open().catalog.asTenant(tenant, (session) =>
      setRule(session, systemRandom, { kind, value, state }),
    )

  test('an erased subject is kept as a hash with a key of the tenant, and nothing else', async () => {
    const { catalog, admin } = open()
    const acme = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'other')
    const hash = await set(acme, 'alice@example.org', 'off')
    assert.equal(await set(acme, 'alice@example.org', 'erased'), hash)
    assert.notEqual(await set(other, 'alice@example.org', 'erased'), hash)
    const rows = await admin<{ text: string }>(
      'SELECT subject_rule::text AS text FROM subject_rule',
    )
    assert.equal(rows.length, 2)
    for (const { text } of rows) {
      assert.ok(!text.includes('alice') && !text.includes(Buffer.from('alice').toString('hex')))
    }
    await assert.rejects(set(acme, 'alice@example.org', 'off'), { code: 'subject-erased' })
    await assert.rejects(
      catalog.asTenant(acme, (session) => clearRule(session, 'person', 'alice@example.org')),
      { code: 'subject-erased' },
    )
  })

  test('subjects whose collection is off are paged by their bytes, NUL and 10 kB included', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme')
    const values = ['a', 'a\0b', 'a%', "b'", 'Ä', '𝒜', 'z'.repeat(10_000)]
    for (const value of values) await set(acme, value, 'off')
    const page = (after: string | null, prefix = '', limit = 3) =>
      catalog.asTenant(acme, (session) => valuesOff(session, 'person', { prefix, after, limit }))
    const bytewise = values.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const found: string[] = []
    for (let after: string | null = null; ;) {
      const some = await page(after)
      found.push(...some)
      if (some.length < 3) break
      after = some.at(-1) ?? null
    }
    assert.deepEqual(found, bytewise)
    assert.deepEqual(await page(null, 'a'), ['a', 'a\0b', 'a%'])
    assert.deepEqual(await page(null, '%'), [], 'a prefix is no pattern')
    const rules = await catalog.asTenant(acme, (session) =>
      rulesOf(session, 'person', ['a\0b', 'nobody']),
    )
    assert.deepEqual([...rules.keys()], ['a\0b'])
    assert.equal(rules.get('a\0b')?.state, 'off')
    assert.equal(
      await catalog.asTenant(acme, (session) => clearRule(session, 'person', 'a\0b')),
      true,
    )
    assert.deepEqual(await page(null, 'a\0'), [])
  })

  test('what was read under older rules is not published', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme')
    const load = () => catalog.asTenant(acme, (session) => loadRules(session, ['person']))
    const check = (number: number | null) =>
      catalog.asTenant(acme, (session) => assertRules(session, published, number))
    const before = await load()
    assert.equal(before.rules, null)
    await check(before.number)
    await set(acme, 'bob', 'erased')
    await assert.rejects(check(before.number), { code: 'subjects-changed' })
    const after = await load()
    await check(after.number)
    assert.deepEqual(
      after.rules?.rules.map(({ kind, state, bytes }) => [kind, state, bytes]),
      [['person', 'erased', 3]],
    )
    const none = await catalog.asTenant(acme, (session) => loadRules(session, []))
    await check(none.number)
  })

  test('rules travel with an archive, hashes and all', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme')
    const copy = await createTenant(catalog, 'copy')
    await set(acme, 'bob', 'erased')
    await set(acme, 'al\0', 'off')
    const archive = await catalog.asTenant(acme, exportSubjectRules)
    assert.ok(archive && !JSON.stringify(archive).includes('bob'))
    await catalog.asTenant(copy, (session) =>
      importSubjectRules(session, JSON.parse(JSON.stringify(archive)) as typeof archive),
    )
    assert.deepEqual(await catalog.asTenant(copy, exportSubjectRules), archive)
    await assert.rejects(set(copy, 'bob', 'off'), { code: 'subject-erased' })
  })

  test('one process at a time is at work on an erasure; one that has lost its lease writes nothing', async () => {
    const { catalog, shiftClock } = open()
    const acme = await createTenant(catalog, 'acme')
    const request = (id: string) =>
      catalog.asTenant(acme, (session) =>
        requestErasure(session, { id, kind: 'person', hash: 'ab'.repeat(16), by: 'test' }),
      )
    const claim = () => catalog.asSystem((session) => claimErasure(session, 1_000))
    const { id } = await request('era_1')
    assert.equal((await request('era_2')).id, id, 'asked twice it is done once')
    const first = await claim()
    assert.equal(first?.id, id)
    assert.equal(first?.tenant.slug, 'acme')
    assert.equal(await claim(), null)
    assert.ok(first)
    await asTenant(acme, (session) => stepErasure(session, first, { state: 'rewriting' }, 1_000))
    await shiftClock(5_000)
    const second = await claim()
    assert.equal(second?.id, id)
    assert.ok(second)
    const late = asTenant(acme, (session) => stepErasure(session, first, { state: 'done' }, 1_000))
    await assert.rejects(late, { code: 'lease-lost' })
    await asTenant(acme, (session) => putOffErasure(session, first, 0, null))
    assert.equal(await claim(), null, 'the former holder gives nothing back')
    await asTenant(acme, (session) => putOffErasure(session, second, 60_000, null))
    assert.equal(await claim(), null, 'it was put off')
    const third = await asTenant<typeof second>(acme, (session) => takeErasure(session, id, 1_000))
    await asTenant(acme, (session) =>
      stepErasure(session, third, { state: 'done', proof: { filesPurged: 3 } }, 1_000),
    )
    const done = await catalog.asTenant(acme, (session) => getErasure(session, id))
    assert.deepEqual([done.state, done.proof.filesPurged], ['done', 3])
    assert.notEqual((await request('era_3')).id, id, 'a new request after that is a new one')
  })

  test('erasures of another tenant do not exist', async () => {
    const { catalog, admin } = open()
    const acme = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'other')
    await catalog.asTenant(acme, (session) =>
      requestErasure(session, { id: 'era_1', kind: 'person', hash: 'ab'.repeat(16), by: 'test' }),
    )
    await set(acme, 'bob', 'off')
    await assert.rejects(
      catalog.asTenant(other, (session) => getErasure(session, 'era_1')),
      { code: 'erasure-unknown' },
    )
    const page = { after: null, limit: 10 }
    assert.deepEqual(await catalog.asTenant(other, (session) => listErasures(session, page)), [])
    // With the WHERE clause gone, too.
    for (const table of ['erasure', 'subject_rule', 'subject_key', 'erasure_partition']) {
      const seen = await catalog.asTenant(other, (session) => session.query(`SELECT FROM ${table}`))
      assert.deepEqual(seen, [], table)
      const rows = await admin(`SELECT FROM pg_policies WHERE tablename = $1`, [table])
      assert.ok(rows.length >= 2, table)
    }
  })
})
