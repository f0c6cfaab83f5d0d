import assert from 'node:assert/strict'
import { test } from 'node:test'

import { knownCode, loadCode, rememberCode, storeCode } from '#catalog/code.ts'
import { appendLogs, readLogs } from '#catalog/logs.ts'
import { loadSourceObjects, recordSourceObjects } from '#catalog/source-objects.ts'
import { createTenant } from '#catalog/tenants.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a known text keeps its code version, and stored code never changes', async () => {
    const { catalog } = open()
    await catalog.asSystem(async (session) => {
      assert.equal(await knownCode(session, 'text1'), null)
      const text = { textSha256: 'text1', codeVersion: 'c1', reads: ['events', 'other'] }
      await rememberCode(session, [text])
      await rememberCode(session, [{ ...text, codeVersion: 'c2' }])
      assert.deepEqual(await knownCode(session, 'text1'), text)
      const code = { codeVersion: 'c1', dataset: 'days', kind: 'sql', text: 'SELECT 1' } as const
      await storeCode(session, [code])
      await storeCode(session, [{ ...code, text: 'SELECT 2' }])
      assert.deepEqual(await loadCode(session, ['c1', 'c9']), [code])
    })
  })

  test('log lines come back in their order, the last ones when there are many', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await catalog.asTenant(tenant, async (session) => {
      const lines = ['a', 'b \u0000 \\u0000 \ud800', 'c'].map((message) => ({
        taskId: 1,
        attempt: 1,
        at: new Date(0),
        level: 'info' as const,
        message,
      }))
      await appendLogs(session, lines)
      const read = await readLogs(session, 1, { limit: 2 })
      assert.deepEqual(
        read.map(({ message }) => message),
        ['b \ufffd \\u0000 \ufffd', 'c'],
      )
      assert.deepEqual(read[0]?.at, new Date(0))
    })
  })

  test('the hash of an object is forgotten when the object has changed', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const object = {
      dataset: 'events',
      partition: '2021-04',
      location: 's3://b/k',
      etag: '"1"',
      sizeBytes: 5,
      modifiedAt: new Date(0),
      sha256: 'ab',
    }
    await catalog.asTenant(tenant, async (session) => {
      const known = async () => (await loadSourceObjects(session, 'events'))[0]?.sha256
      await recordSourceObjects(session, [object])
      await recordSourceObjects(session, [{ ...object, sha256: null }])
      assert.equal(await known(), 'ab')
      await recordSourceObjects(session, [{ ...object, etag: '"2"', sha256: null }])
      assert.equal(await known(), null)
    })
  })
})
