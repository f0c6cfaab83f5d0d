import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { countSealed, replaceSealed, sealedColumns, sealedValues } from '#catalog/secret-columns.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const fields = ['password', 'token']
  const done = 'enc:v1:00000001:'

  describe('columns with secrets', () => {
    test('say so in the schema, with keys that exist', async () => {
      const { catalog, admin } = open()
      const columns = await catalog.asSystem(sealedColumns)
      for (const name of ['source_option.options', 'call_handler.secret', 'mail.sealed']) {
        assert.ok(
          columns.some((column) => column.name === name),
          name,
        )
      }
      for (const column of columns) {
        const ask = { done, fields, after: null, max: 10 }
        assert.deepEqual(await catalog.asSystem((s) => sealedValues(s, column, ask)), [])
      }
      await assert.rejects(
        catalog.asSystem((session) =>
          session.query(`SELECT * FROM secrets_page('tenant.slug', '', '{}', NULL, NULL, 10)`),
        ),
        /no rows/,
      )
      const without = await admin(
        `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a
         JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
         WHERE c.relnamespace = 'millrace'::regnamespace AND a.attname ~ '(secret|sealed)$'
           AND NOT EXISTS (SELECT FROM sealed_columns() s
                           WHERE s.name = c.relname || '.' || a.attname)`,
      )
      assert.deepEqual(without, [], 'a column with such a name is registered for rotation')
    })

    test('are read page by page, and replaced unless somebody was faster', async () => {
      const { catalog } = open()
      const tenants = [await createTenant(catalog, 'alpha'), await createTenant(catalog, 'beta')]
      for (const tenant of tenants) {
        await catalog.asTenant(tenant, async (session) => {
          await setSourceOptions(session, 'open', { region: 'x', password: 'hunter2' })
          await setSourceOptions(session, 'former', { token: { $secret: 'enc:v1:00000002:x' } })
          await setSourceOptions(session, 'fresh', { token: { $secret: `${done}x` }, password: 1 })
          await setSourceOptions(session, 'plain', { region: 'x' })
        })
      }
      const column = { name: 'source_option.options', isJson: true }
      const page = (after: Parameters<typeof sealedValues>[2]['after']) =>
        catalog.asSystem((s) => sealedValues(s, column, { done, fields, after, max: 4 }))
      const first = await page(null)
      const second = await page(first.at(-1) ?? null)
      const all = [...first, ...second]
      assert.deepEqual(
        all.map(({ tenantId, keys }) => `${tenantId} ${keys.join()}`).toSorted(),
        tenants.flatMap(({ id }) => ['former', 'fresh', 'open'].map((key) => `${id} ${key}`)),
      )
      assert.equal(first.length, 4)

      const mine = all.filter(({ keys }) => keys[0] === 'open')
      const [alpha] = tenants
      assert.ok(alpha)
      await catalog.asTenant(alpha, (s) => setSourceOptions(s, 'open', { password: 'newer' }))
      const values = mine.map((value) => ({ ...value, former: value.value, value: '{"a":1}' }))
      const replaced = await catalog.asSystem((s) => replaceSealed(s, column, values))
      assert.equal(replaced, 1)
      const usage = await catalog.asSystem((s) => countSealed(s, fields))
      assert.deepEqual(
        usage.map(({ keyId, secrets }) => [keyId, secrets]),
        [
          [null, 3],
          ['00000001', 2],
          ['00000002', 2],
        ],
      )
    })
  })
})
