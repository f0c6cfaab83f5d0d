import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createKey, getKey, listKeys, ownerOfKey, revokeKey, rotateKey } from '#catalog/keys.ts'
import { allSourceOptions, setSourceOptions } from '#catalog/options.ts'
import { createTenant, listTenants, tenantBySlug } from '#catalog/tenants.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a key leads to its tenant until it is revoked or has expired', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const hash = Buffer.alloc(32, 7)
    const expiresAt = new Date(Date.now() + 3_600_000)
    await catalog.asTenant(tenant, async (session) => {
      await createKey(session, { id: 'mk_1', name: 'ci', hash, permissions: ['read'] })
      await createKey(session, {
        id: 'mk_2',
        name: 'short',
        hash: Buffer.alloc(32, 8),
        permissions: [],
        expiresAt,
      })
    })
    const found = await ownerOfKey(catalog, hash)
    assert.deepEqual(
      [found?.tenant.slug, found?.keyId, found?.permissions],
      ['acme', 'mk_1', ['read']],
    )
    assert.ok(await ownerOfKey(catalog, Buffer.alloc(32, 8)))
    await shiftClock(7_200_000)
    assert.equal(await ownerOfKey(catalog, Buffer.alloc(32, 8)), null)
    assert.equal(await catalog.asTenant(tenant, (session) => revokeKey(session, 'mk_1')), true)
    assert.equal(await ownerOfKey(catalog, hash), null)
    assert.equal(await catalog.asTenant(tenant, (session) => revokeKey(session, 'mk_none')), false)
    const keys = await catalog.asTenant(tenant, (session) => listKeys(session, { limit: 10 }))
    const used = keys.find(({ id }) => id === 'mk_1')
    assert.ok(used?.lastUsedAt && used.revokedAt)
  })

  test('a rotated key has two secrets for a while, and never three', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'turning')
    const works = async (byte: number) => (await ownerOfKey(catalog, hashOf(byte)))?.keyId ?? null
    const rotate = (byte: number, overlapMs: number) =>
      catalog.asTenant(tenant, (session) => rotateKey(session, 'mk_1', hashOf(byte), overlapMs))
    await catalog.asTenant(tenant, (session) =>
      createKey(session, { id: 'mk_1', name: 'ci', hash: hashOf(21), permissions: ['read'] }),
    )
    const rotated = await rotate(22, 60_000)
    assert.ok(rotated?.formerUntil)
    assert.deepEqual([await works(21), await works(22)], ['mk_1', 'mk_1'])
    await rotate(23, 60_000)
    assert.deepEqual([await works(21), await works(22), await works(23)], [null, 'mk_1', 'mk_1'])
    await shiftClock(61_000)
    assert.deepEqual([await works(22), await works(23)], [null, 'mk_1'])
    assert.deepEqual(await rotate(24, 0), { formerUntil: null })
    assert.deepEqual([await works(23), await works(24)], [null, 'mk_1'])
    await rotate(25, 60_000)
    await catalog.asTenant(tenant, (session) => revokeKey(session, 'mk_1'))
    assert.deepEqual([await works(24), await works(25)], [null, null])
    assert.equal(await rotate(26, 0), null)
  })

  test('keys come newest first, page by page, with what they may see and who made them', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'listing')
    const access = {
      endpoints: ['events'],
      columns: { events: ['id'] },
      rows: { events: [{ column: 'country', op: 'eq' as const, value: 'CH' }] },
    }
    await catalog.asTenant(tenant, async (session) => {
      for (const at of [1, 2, 3, 4, 5]) {
        const key = { id: `mk_${at}`, name: 'n', hash: hashOf(30 + at), permissions: [] }
        await createKey(
          session,
          at === 5 ? { ...key, access, madeBy: 'user usr_1 a@b.c', madeByUser: 'usr_1' } : key,
        )
      }
      await revokeKey(session, 'mk_4')
      const ids = async (after?: string, onlyWorking?: boolean) =>
        (await listKeys(session, { after, limit: 2, onlyWorking: onlyWorking ?? false })).map(
          ({ id }) => id,
        )
      assert.deepEqual(await ids(), ['mk_5', 'mk_4'])
      assert.deepEqual(await ids('mk_4'), ['mk_3', 'mk_2'])
      assert.deepEqual(await ids(undefined, true), ['mk_5', 'mk_3'])
      const key = await getKey(session, 'mk_5')
      assert.deepEqual(key?.access, access)
      assert.deepEqual([key?.madeBy, key?.makerLeft], ['user usr_1 a@b.c', true])
    })
    assert.deepEqual((await ownerOfKey(catalog, hashOf(35)))?.access, access)
  })

  test('tenants are found by their names, which are never given twice', async () => {
    const { catalog } = open()
    await createTenant(catalog, 'b-2')
    await createTenant(catalog, 'a')
    assert.deepEqual(
      (await listTenants(catalog)).map(({ slug }) => slug),
      ['a', 'b-2'],
    )
    assert.equal((await tenantBySlug(catalog, 'a'))?.slug, 'a')
    assert.equal(await tenantBySlug(catalog, 'c'), null)
    await assert.rejects(createTenant(catalog, 'a'), { code: 'tenant-exists' })
    for (const slug of ['', 'A', '-a', 'a-', '../a', 'a b', 'a'.repeat(41)]) {
      await assert.rejects(createTenant(catalog, slug), { code: 'tenant-slug-invalid' }, slug)
    }
  })

  test('options of a source are replaced as a whole', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await catalog.asTenant(tenant, async (session) => {
      await setSourceOptions(session, 'events', { region: 'x', anonymous: true })
      await setSourceOptions(session, 'events', { region: 'y' })
      assert.deepEqual(await allSourceOptions(session), new Map([['events', { region: 'y' }]]))
    })
  })
})

const hashOf = (byte: number) => Buffer.alloc(32, byte)
