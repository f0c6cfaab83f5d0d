import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import { verifyArchive } from '#archive/verify-archive.ts'
import { listAudit } from '#catalog/audit.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import type { Tenant } from '#model/tenant.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer

before(async () => {
  server = await openServer()
})
after(() => server.close())

function post(path: string, body: object, key = server.operatorKey) {
  return server.app.inject({
    method: 'POST',
    url: path,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })
}

async function actionsOf(tenant: Tenant): Promise<string[]> {
  const rows = await server.parts.catalog.asTenant(tenant, (session) => listAudit(session, 0, 1000))
  return rows.map(({ action }) => action)
}

describe('archives by REST', () => {
  test('an operator exports a tenant, which its own audit log says, and restores it', async () => {
    const { alpha } = server.tenants
    const answer = await post('/v1/tenants/alpha/export', {})
    assert.equal(answer.statusCode, 200, answer.body)
    assert.equal(answer.headers['content-type'], 'application/x-tar')
    assert.equal(answer.headers['content-length'], String(answer.rawPayload.length))
    assert.match(String(answer.headers['content-disposition']), /alpha\.millrace\.tar/)
    const file = join(server.home, 'alpha.tar')
    await writeFile(file, answer.rawPayload)
    assert.equal((await verifyArchive(file)).slug, 'alpha')
    assert.ok((await actionsOf(alpha)).includes('tenants.export'))

    const restored = await post('/v1/tenant-restores', { file, slug: 'gamma' })
    assert.equal(restored.statusCode, 200, restored.body)
    assert.equal(restored.json<{ from: string }>().from, 'alpha')
    const gamma = await tenantBySlug(server.parts.catalog, 'gamma')
    assert.ok(gamma)
    assert.equal((await actionsOf(gamma)).at(-1), 'tenants.restore')
    const again = await post('/v1/tenant-restores', { file, slug: 'gamma' })
    assert.equal(again.json<{ code: string }>().code, 'tenant-exists')
    for (const none of ['/nowhere.tar', '/']) {
      const refused = await post('/v1/tenant-restores', { file: none })
      assert.equal(refused.json<{ code: string }>().code, 'archive-unreadable', none)
    }
  })

  test('no key of the tenant takes it away or ends it, and none reaches another one', async () => {
    const { alpha } = server.tenants
    const key = await server.key(alpha, ['read', 'export', 'write', 'run', 'admin'])
    for (const slug of ['alpha', 'beta', 'nobody']) {
      for (const [path, body] of [
        [`/v1/tenants/${slug}/export`, {}],
        [`/v1/tenants/${slug}/delete`, { confirm: slug }],
        [`/v1/tenants/${slug}/keep`, {}],
        ['/v1/tenant-restores', { file: '/etc/passwd' }],
      ] as const) {
        const { statusCode } = await post(path, body, key)
        assert.equal(statusCode, 403, `${path} answers ${statusCode}`)
      }
    }
  })

  test('a tenant is refused while its deletion waits, goes on when it is kept, and is gone at the end', async () => {
    const { beta } = server.tenants
    const key = await server.key(beta, ['read'])
    const status = async () =>
      (
        await server.app.inject({
          url: '/v1/datasets',
          headers: { authorization: `Bearer ${key}` },
        })
      ).statusCode
    // A process knows of it within a second.
    const becomes = async (expected: number) => {
      const untilMs = performance.now() + 10_000
      while ((await status()) !== expected) assert.ok(performance.now() < untilMs)
    }
    assert.equal(await status(), 200)
    const wrong = await post('/v1/tenants/beta/delete', { confirm: 'alpha' })
    assert.equal(wrong.json<{ code: string }>().code, 'confirmation-wrong')
    const asked = await post('/v1/tenants/beta/delete', { confirm: 'beta' })
    assert.equal(asked.json<{ state: string }>().state, 'waiting', asked.body)
    await becomes(403)
    const kept = await post('/v1/tenants/beta/keep', {})
    assert.equal(kept.json<{ state: string }>().state, 'active', kept.body)
    const twice = await post('/v1/tenants/beta/keep', {})
    assert.equal(twice.json<{ code: string }>().code, 'deletion-unknown')
    await becomes(200)
    const actions = await actionsOf(beta)
    assert.deepEqual(actions.slice(-2), ['tenants.delete', 'tenants.keep'])

    const done = await post('/v1/tenants/beta/delete', { confirm: 'beta', graceDays: 0 })
    const proof = done.json<{ state: string; askedBy: string; auditSeq: number }>()
    assert.deepEqual([proof.state, proof.askedBy], ['done', 'operator'], done.body)
    assert.equal(proof.auditSeq, actions.length + 1)
    assert.ok((await status()) >= 401)
    const listed = await server.app.inject({
      url: '/v1/tenant-deletions?slug=beta',
      headers: { authorization: `Bearer ${server.operatorKey}` },
    })
    assert.equal(listed.json<{ deletions: { state: string }[] }>().deletions[0]?.state, 'done')
    const taken = await post('/v1/tenants', { slug: 'beta' })
    assert.equal(taken.json<{ code: string }>().code, 'tenant-exists', taken.body)
  })
})
