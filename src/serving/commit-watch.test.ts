import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { nextCommit } from '#catalog/publish.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Tenant } from '#model/tenant.ts'
import { openCommitWatch } from '#serving/commit-watch.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  function watched() {
    const { catalog } = open()
    let nowMs = 0
    let asked = 0
    let isDown = false
    const counting: Catalog = {
      ...catalog,
      asSystem(work) {
        asked++
        if (isDown) throw new Error('the catalog is away')
        return catalog.asSystem(work)
      },
    }
    const clock = { ...systemClock, monotonicMs: () => nowMs }
    return {
      watch: openCommitWatch({ catalog: counting, clock }),
      pass: (ms: number) => void (nowMs += ms),
      asked: () => asked,
      down: (value: boolean) => void (isDown = value),
      /** As a publish of this process does. */
      publish: (tenant: Tenant) => catalog.asTenant(tenant, nextCommit),
      /** As one of another process is seen here: not at all. */
      publishElsewhere: (tenant: Tenant) =>
        catalog.asTenant(tenant, (session) =>
          session.query('UPDATE tenant SET last_commit = last_commit + 1 WHERE id = $1', [
            tenant.id,
          ]),
        ),
    }
  }

  test('a commit of this process is seen as soon as it is acknowledged', async () => {
    const { watch, publish, pass } = watched()
    const tenant = await createTenant(open().catalog, 'here')
    for (let round = 0; round < 5; round++) {
      const before = await watch.newest(tenant)
      pass(10)
      assert.equal(await publish(tenant), before + 1)
      assert.equal(await watch.newest(tenant), before + 1)
    }
    watch.close()
  })

  test('a commit of another process is seen within a second, and many requests ask seldom', async () => {
    const { watch, publishElsewhere, pass, asked } = watched()
    const tenant = await createTenant(open().catalog, 'elsewhere')
    const before = await watch.newest(tenant)
    await publishElsewhere(tenant)
    assert.equal(await watch.newest(tenant), before)
    pass(1000)
    assert.equal(await watch.newest(tenant), before + 1)
    const soFar = asked()
    for (let request = 0; request < 100; request++) await watch.newest(tenant)
    assert.equal(asked(), soFar)
    watch.close()
  })

  test('all tenants that are asked about are one question', async () => {
    const { watch, pass, asked } = watched()
    const tenants: Tenant[] = []
    for (const name of ['one', 'two', 'three']) {
      tenants.push(await createTenant(open().catalog, `many-${name}`))
    }
    await Promise.all(tenants.map((tenant) => watch.newest(tenant)))
    assert.ok(asked() <= 2)
    const soFar = asked()
    pass(1000)
    await Promise.all(tenants.map((tenant) => watch.newest(tenant)))
    assert.ok(asked() - soFar <= 2)
    watch.close()
  })

  test('what could not be confirmed for a second is not answered from memory', async () => {
    const { watch, pass, down } = watched()
    const tenant = await createTenant(open().catalog, 'cut-off')
    await watch.newest(tenant)
    down(true)
    pass(999)
    await watch.newest(tenant)
    pass(1)
    await assert.rejects(watch.newest(tenant))
    down(false)
    assert.equal(await watch.newest(tenant), 0)
    watch.close()
  })
})
