import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createKey, listKeys, revokeKey } from '#catalog/keys.ts'
import { allSourceOptions, setSourceOptions } from '#catalog/options.ts'
import { createTenant, listTenants, tenantByKeyHash, tenantBySlug } from '#catalog/tenants.ts'
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
    const found = await tenantByKeyHash(catalog, hash)
    assert.deepEqual(
      [found?.tenant.slug, found?.keyId, found?.permissions],
      ['acme', 'mk_1', ['read']],
    )
    assert.ok(await tenantByKeyHash(catalog, Buffer.alloc(32, 8)))
    await shiftClock(7_200_000)
    assert.equal(await tenantByKeyHash(catalog, Buffer.alloc(32, 8)), null)
    assert.equal(await catalog.asTenant(tenant, (session) => revokeKey(session, 'mk_1')), true)
    assert.equal(await tenantByKeyHash(catalog, hash), null)
    assert.equal(await catalog.asTenant(tenant, (session) => revokeKey(session, 'mk_none')), false)
    const keys = await catalog.asTenant(tenant, listKeys)
    const used = keys.find(({ id }) => id === 'mk_1')
    assert.ok(used?.lastUsedAt && used.revokedAt)
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
