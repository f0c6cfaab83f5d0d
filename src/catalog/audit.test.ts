import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  AUDIT_BEGINNING,
  appendAudit,
  auditHash,
  auditHead,
  listAudit,
  type AuditEvent,
} from '#catalog/audit.ts'
import { verifyAudit } from '#catalog/audit-chain.ts'
import { asChange } from '#catalog/change.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { createTenant } from '#catalog/tenants.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const event = (action: string): AuditEvent => ({
  actor: 'key mk_1',
  action,
  detail: '{"name":"Größe \\"x\\" \\u0000"}',
  requestId: null,
})

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('rows are numbered without gaps, and each holds the hash of the one before it', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const appends = Array.from({ length: 20 }, (_, index) =>
      catalog.asTenant(tenant, (session) => appendAudit(session, event(`things.do-${index}`))),
    )
    await Promise.all(appends)
    const rows = await catalog.asTenant(tenant, (session) => listAudit(session, 0, 100))
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    let former = AUDIT_BEGINNING
    for (const row of rows) {
      assert.equal(row.hash, auditHash(former, row), `row ${row.seq}`)
      former = row.hash
    }
    const head = await catalog.asTenant(tenant, auditHead)
    assert.deepEqual(head, { seq: 20, hash: former })
  })

  test('a change and its row are committed together, once, and what writes nothing leaves none', async () => {
    const { catalog } = open()
    const [acme, other] = [
      await createTenant(catalog, 'acme'),
      await createTenant(catalog, 'other'),
    ]
    const actions = async (tenant: typeof acme) => {
      const rows = await catalog.asTenant(tenant, (session) => listAudit(session, 0, 100))
      return rows.map(({ action }) => action)
    }
    const set = (tenant: typeof acme, dataset: string) =>
      catalog.asTenant(tenant, (session) => setSourceOptions(session, dataset, {}))

    const made = await asChange(event('sources.configure'), acme, async () => {
      await catalog.asTenant(acme, (session) => session.query('SELECT 1'))
      await set(acme, 'one')
      await set(acme, 'two')
      await set(other, 'one')
      return 'made'
    })
    assert.deepEqual(made, { result: 'made', isNoted: true })
    assert.deepEqual(await actions(acme), ['sources.configure'])
    assert.deepEqual(await actions(other), ['sources.configure'])

    const read = await asChange(event('nothing'), acme, async () => {
      await catalog.asTenant(acme, (session) => session.query('SELECT FROM source_option'))
    })
    assert.equal(read.isNoted, false)
    await asChange(event('undone'), acme, () =>
      catalog.asTenant(acme, async (session) => {
        await setSourceOptions(session, 'three', {})
        throw new Error('on second thoughts')
      }),
    ).catch(() => {})
    await set(acme, 'four')
    assert.deepEqual(await actions(acme), ['sources.configure'])

    await asChange(
      event('tenants.create'),
      acme,
      async () => void (await createTenant(catalog, 'x')),
    )
    assert.deepEqual(await actions(acme), ['sources.configure', 'tenants.create'])
  })

  test('a change within a transaction of the system is noted once, and said to be noted', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { isNoted } = await asChange(event('tenants.suspend'), tenant, async () => {
      await catalog.asSystem((system) =>
        withinTenant(system, tenant, (session) => setSourceOptions(session, 'one', {})),
      )
      await catalog.asTenant(tenant, (session) => setSourceOptions(session, 'two', {}))
    })
    const rows = await catalog.asTenant(tenant, (session) => listAudit(session, 0, 100))
    assert.deepEqual([isNoted, rows.map(({ action }) => action)], [true, ['tenants.suspend']])
  })

  test('rows that were changed or cut off behind the back of Millrace are found', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'acme')
    for (const action of ['one', 'two', 'three']) {
      await catalog.asTenant(tenant, (session) => appendAudit(session, event(action)))
    }
    const verdict = () => verifyAudit(catalog, tenant)
    assert.deepEqual((await verdict()).broken, null)
    await admin(`UPDATE audit SET actor = actor || '!' WHERE seq = 2`)
    assert.equal((await verdict()).broken?.seq, 2)
    await admin(`UPDATE audit SET actor = rtrim(actor, '!') WHERE seq = 2`)
    assert.equal((await verdict()).broken, null)
    await admin('DELETE FROM audit WHERE seq = 3')
    assert.match((await verdict()).broken?.problem ?? '', /up to 3 were written, and only 2/)
    await admin('DELETE FROM audit WHERE seq = 1')
    assert.match((await verdict()).broken?.problem ?? '', /row 1 is missing/)
  })

  test('a tenant can neither change nor remove a row, nor choose its number, time or hash', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await catalog.asTenant(tenant, (session) => appendAudit(session, event('one')))
    for (const statement of [
      `UPDATE audit SET actor = 'nobody'`,
      'DELETE FROM audit',
      'TRUNCATE audit',
      'UPDATE audit_head SET seq = 0',
      `INSERT INTO audit (tenant_id, seq, actor, action, detail) VALUES (millrace_tenant(), 9, '', '', '')`,
      `INSERT INTO audit (tenant_id, hash, actor, action, detail) VALUES (millrace_tenant(), '', '', '', '')`,
    ]) {
      const attempt = catalog.asTenant(tenant, (session) => session.query(statement))
      await assert.rejects(attempt, /permission denied/, statement)
    }
  })
})
