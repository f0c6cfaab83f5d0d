import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { postTasks } from '#catalog/background-post.ts'
import { createTenant } from '#catalog/tenants.ts'
import { assertScratch } from '#chaos/scratch.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

describe('millrace chaos', () => {
  eachEngine((engine) => {
    const suite = suiteCatalog(engine)

    test('takes a deployment that nobody has used', async () => {
      const { catalog } = suite()
      for (const slug of ['default', 'demo', 'chaos', 'chaos-check']) {
        await createTenant(catalog, slug)
      }
      await assertScratch(catalog)
    })

    test('refuses one with a tenant of somebody, by name', async () => {
      const { catalog } = suite()
      await createTenant(catalog, 'acme')
      await assert.rejects(assertScratch(catalog), { code: 'chaos-refused', message: /"acme"/ })
    })

    test('refuses one whose first tenant has tasks', async () => {
      const { catalog } = suite()
      const tenant = await createTenant(catalog, 'default')
      const item = { name: 'mail', handler: 'pull', payload: 'null', askedBy: 'test' } as const
      await catalog.asTenant(tenant, (session) => postTasks(session, [item]))
      await assert.rejects(assertScratch(catalog), { code: 'chaos-refused', message: /"default"/ })
    })
  })
})
