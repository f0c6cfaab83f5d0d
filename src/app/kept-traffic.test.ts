import assert from 'node:assert/strict'
import { test } from 'node:test'

import { keptTraffic } from '#app/kept-traffic.ts'
import { addEndpointTraffic } from '#catalog/endpoint-traffic.ts'
import { createKey } from '#catalog/keys.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { KeptObject, KeptObjects } from '#connectors/kept-objects.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'

const day = (text: string) => `endpoints/${text.replaceAll('-', '/')}.ndjson`

async function readWhole(kept: KeptObjects, name: string) {
  const chunks: Uint8Array[] = []
  const reading = kept.read(name)
  for (;;) {
    const { done, value } = await reading.next()
    if (done) return { text: Buffer.concat(chunks).toString('utf8'), end: value }
    chunks.push(value)
  }
}

const rowsOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)

/** Counts `requests` of a caller as if they had just been made: a third of them refused. */
function ask(
  { catalog }: TestCatalog,
  tenant: Tenant,
  caller: string,
  { requests = 3, endpoint = 'top' } = {},
): Promise<void> {
  const refused = Math.floor(requests / 3)
  const latency = [0, requests, ...Array.from({ length: 11 }, () => 0)]
  const none = { unavailable: 0, broken: 0, cached: 0 }
  const counts = { requests, refused, ...none, rows: 10, bytes: 200, totalMs: 4.25, latency }
  return catalog.asSystem((session) =>
    addEndpointTraffic(
      session,
      [{ tenantId: tenant.id, endpoint, version: 1, caller, ...counts }],
      400,
    ),
  )
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a day is one object, whose lines are what was counted', async () => {
    const test = open()
    const { catalog, setClock } = test
    const acme = await createTenant(catalog, 'acme')
    await catalog.asTenant(acme, (session) =>
      createKey(session, {
        id: 'mk_1',
        name: 'the "web" shop 🐟',
        hash: Buffer.alloc(32, 1),
        permissions: ['read'],
      }),
    )
    await setClock(Date.parse('2026-11-20T23:10:00Z'))
    await ask(test, acme, 'key mk_1', { requests: 6 })
    await ask(test, acme, 'user usr_2', { requests: 1 })
    await ask(test, acme, 'others')
    await setClock(Date.parse('2026-11-21T00:10:00Z'))
    await ask(test, acme, 'key mk_1')
    const kept = keptTraffic(() => catalog)(acme)
    const listed = await Array.fromAsync(kept.list('endpoints/'))
    assert.deepEqual(
      listed.map(({ name, modifiedAt }) => [name, modifiedAt.toISOString()]),
      [
        [day('2026-11-20'), '2026-11-20T23:00:00.000Z'],
        [day('2026-11-21'), '2026-11-21T00:00:00.000Z'],
      ],
    )
    for (const object of listed) {
      const { text, end } = await readWhole(kept, object.name)
      assert.equal(Buffer.byteLength(text), object.sizeBytes)
      assert.deepEqual({ ...end, sizeBytes: object.sizeBytes }, object)
      assert.deepEqual(await kept.find(object.name), object)
    }
    const rows = rowsOf((await readWhole(kept, day('2026-11-20'))).text)
    assert.deepEqual(
      rows.map((row) => [row['caller_kind'], row['caller'], row['key_name'], row['requests']]),
      [
        ['key', 'mk_1', 'the "web" shop 🐟', 6],
        ['others', null, null, 3],
        ['user', 'usr_2', null, 1],
      ],
    )
    const { within_1_ms, within_2_ms, within_5000_ms, ...first } = rows[0] ?? {}
    assert.deepEqual([within_1_ms, within_2_ms, within_5000_ms], [0, 6, 6])
    for (const [name, value] of Object.entries({
      hour: '2026-11-20T23:00:00Z',
      endpoint: 'top',
      endpoint_version: 1,
      refused: 2,
      cached: 0,
      rows: 10,
      bytes: 200,
      total_ms: 4.25,
    })) {
      assert.equal(first[name], value, name)
    }
  })

  test('counts that come late change the tag of their day, and of no other', async () => {
    const test = open()
    const { catalog, setClock } = test
    const late = await createTenant(catalog, 'late')
    const kept = keptTraffic(() => catalog)(late)
    const tags = async () =>
      new Map((await Array.fromAsync(kept.list(''))).map(({ name, etag }) => [name, etag]))
    await setClock(Date.parse('2026-11-20T23:59:59Z'))
    await ask(test, late, 'key mk_1')
    await setClock(Date.parse('2026-11-21T00:10:00Z'))
    await ask(test, late, 'key mk_1')
    const before = await tags()
    assert.deepEqual(await tags(), before)
    // A transaction that began before midnight and ends after it.
    await setClock(Date.parse('2026-11-20T23:59:59Z'))
    await ask(test, late, 'key mk_1')
    await setClock(Date.parse('2026-11-21T00:10:00Z'))
    const after = await tags()
    assert.notEqual(after.get(day('2026-11-20')), before.get(day('2026-11-20')))
    assert.equal(after.get(day('2026-11-21')), before.get(day('2026-11-21')))
    const [grown] = await Array.fromAsync(kept.list(day('2026-11-20')))
    const { text, end } = await readWhole(kept, day('2026-11-20'))
    assert.equal(grown?.etag, end?.etag)
    assert.equal(grown?.sizeBytes, Buffer.byteLength(text))
    assert.equal(rowsOf(text)[0]?.['requests'], 6)
  })

  test('a day whose first hours may be gone by now is not there any more', async () => {
    const test = open()
    const { catalog, setClock } = test
    const old = await createTenant(catalog, 'old')
    const kept = keptTraffic(() => catalog)(old)
    const begin = Date.parse('2025-03-01T00:10:00Z')
    const dayMs = 86_400_000
    await setClock(begin)
    await ask(test, old, 'key mk_1')
    await setClock(begin + 11 * 3_600_000)
    await ask(test, old, 'key mk_1')
    let last: KeptObject | null = null
    for (let days = 396; days <= 401; days++) {
      await setClock(begin + days * dayMs)
      await ask(test, old, 'key mk_2')
      const found = await kept.find(day('2025-03-01'))
      const isListed = (await Array.fromAsync(kept.list(day('2025-03-01')))).length > 0
      assert.equal(isListed, found !== null)
      if (found && last) assert.deepEqual(found, last)
      last = found
    }
    assert.equal(last, null)
  })

  test('a tenant reads its own, whatever name it asks for', async () => {
    const test = open()
    const { catalog, setClock } = test
    await setClock(Date.parse('2026-11-20T12:00:00Z'))
    const alpha = await createTenant(catalog, 'own-alpha')
    const beta = await createTenant(catalog, 'own-beta')
    await ask(test, alpha, 'key mk_alpha')
    await ask(test, beta, 'key mk_beta', { requests: 9, endpoint: 'CANARY-beta' })
    await setClock(Date.parse('2026-11-21T12:00:00Z'))
    await ask(test, beta, 'key mk_beta', { endpoint: 'CANARY-beta' })
    const kept = keptTraffic(() => catalog)
    assert.equal((await Array.fromAsync(kept(beta).list(''))).length, 2)
    assert.deepEqual(
      (await Array.fromAsync(kept(alpha).list(''))).map(({ name }) => name),
      [day('2026-11-20')],
    )
    const { text } = await readWhole(kept(alpha), day('2026-11-20'))
    assert.match(text, /mk_alpha/)
    assert.doesNotMatch(text, /CANARY|mk_beta/)
    for (const name of [
      day('2026-11-21'),
      'endpoints/own-beta/2026/11/21.ndjson',
      '../own-beta/endpoints/2026/11/21.ndjson',
      'endpoints/2026/11/20.csv',
      'endpoints/2026/13/40.ndjson',
      'endpoints/2026/02/30.ndjson',
    ]) {
      assert.equal(await kept(alpha).find(name), null, name)
      assert.equal((await readWhole(kept(alpha), name)).end, null, name)
    }
  })
})
