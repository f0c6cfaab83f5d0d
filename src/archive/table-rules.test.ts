import assert from 'node:assert/strict'
import { test } from 'node:test'

import { columnsOf, ruleOf, tableRules } from '#archive/table-rules.ts'
import { stripSecrets } from '#archive/strip-secrets.ts'
import { archiveTables } from '#catalog/archive-tables.ts'
import { systemRandom } from '#kernel/random.ts'
import { keyLine, parseKeyRing } from '#secrets/key-ring.ts'
import { secretPlace } from '#secrets/secret-place.ts'
import { openSecrets } from '#secrets/secrets.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const opened = suiteCatalog(engine)

  test('every table with rows of tenants is in archives, or is left out for a reason', async () => {
    const tables = await opened().catalog.asSystem(archiveTables)
    assert.ok(tables.length > 40)
    const names = tables.map(({ name }) => name)
    assert.deepEqual(names.toSorted(), Object.keys(tableRules).toSorted())
    for (const table of tables) {
      const rule = ruleOf(table.name)
      if ('leave' in rule) {
        assert.ok(rule.leave.length > 10, table.name)
        continue
      }
      if ('members' in rule) continue
      const columns = table.columns.map(({ name }) => name)
      for (const column of Object.keys(rule.without ?? {})) {
        assert.ok(columns.includes(column), `${table.name} has no column ${column}`)
      }
      const sealed = table.columns.filter(({ isSealed }) => isSealed)
      for (const { name, type } of sealed) assert.equal(type, 'jsonb', `${table.name}.${name}`)
      assert.ok(columnsOf(table, rule).length > 0)
    }
  })

  test('a table that comes later is found, and left out until somebody says what it is', async () => {
    const { catalog, admin } = opened()
    await admin('CREATE TABLE newcomer (tenant_id int, secret text)')
    await admin('ALTER TABLE newcomer OWNER TO millrace_owner')
    const tables = await catalog.asSystem(archiveTables)
    await admin('DROP TABLE newcomer')
    assert.ok(tables.some(({ name }) => name === 'newcomer'))
    assert.ok('leave' in ruleOf('newcomer'))
  })

  test('tables that others refer to come before them', async () => {
    const tables = await opened().catalog.asSystem(archiveTables)
    for (const [place, { needs }] of tables.entries()) {
      for (const need of needs) {
        const found = tables.findIndex(({ name }) => name === need)
        assert.ok(found < place, `${need} comes too late`)
      }
    }
  })
})

test('secrets are taken out of a row wherever they lie, and rows without any stay as they are', () => {
  const plain = '{"dataset": "events",  "options": {"n": 12345678901234567890.5}}'
  assert.deepEqual(stripSecrets(plain, ['secretAccessKey']), { line: plain, fields: [] })
  const secrets = openSecrets(parseKeyRing(keyLine(systemRandom.bytes(32)), 'keys'), systemRandom)
  const sealed = secrets.seal('hidden', secretPlace(1, 'source_option.options', 'events'))
  const row = {
    dataset: 'events',
    options: { a: 1, deep: [{ key: sealed }], secretAccessKey: 'x' },
  }
  assert.deepEqual(stripSecrets(JSON.stringify(row), ['secretAccessKey']), {
    line: '{"dataset":"events","options":{"a":1,"deep":[{}]}}',
    fields: ['options.deep.0.key', 'options.secretAccessKey'],
  })
})
