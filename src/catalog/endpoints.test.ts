import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { addDeployment } from '#catalog/deployments.ts'
import { endpointPins, pinEndpoint, unpinEndpoint } from '#catalog/endpoint-pins.ts'
import {
  addEndpointTraffic,
  endpointTraffic,
  endpointUsers,
  LATENCY_BOUNDS_MS,
  type TrafficFilter,
} from '#catalog/endpoint-traffic.ts'
import {
  endpointVersions,
  setEndpointColumns,
  takeEndpointVersions,
} from '#catalog/endpoint-versions.ts'
import { createTenant } from '#catalog/tenants.ts'
import { sha256 } from '#kernel/hash.ts'
import type { EndpointDefinition } from '#model/endpoint.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const endpoint = (name: string, code: string, description = 'Shops.'): EndpointDefinition => ({
  name,
  pack: 'shop',
  description,
  file: `endpoints/${name}.sql`,
  text: 'select 1',
  parameters: [],
  inputs: [],
  order: null,
  columns: [],
  limits: { rows: null, seconds: null, bytes: null },
  drill: null,
  codeVersion: code,
})

async function deploy(catalog: Catalog, code: string, ...endpoints: EndpointDefinition[]) {
  await catalog.asSystem(async (session) => {
    const entry = { codeHash: sha256(code), packs: [], message: '', deployedBy: 'test' }
    const id = await addDeployment(session, entry)
    assert.ok(id !== null)
    await takeEndpointVersions(session, id, endpoints, 60_000)
  })
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('another code is the next version, code that comes back has its number, what goes ends', async () => {
    const { catalog } = open()
    const all = async () =>
      (await catalog.asSystem((session) => endpointVersions(session))).map(
        ({ name, number, codeVersion, replacedAt, endsAt, definition }) => [
          `${name} ${number} ${codeVersion}`,
          endsAt && replacedAt ? endsAt.getTime() - replacedAt.getTime() : null,
          definition?.description,
        ],
      )
    await deploy(catalog, 'one', endpoint('top', 'a'), endpoint('best', 'x'))
    await deploy(catalog, 'two', endpoint('top', 'b'), endpoint('best', 'x', 'The best.'))
    assert.deepEqual(await all(), [
      ['best 1 x', null, 'The best.'],
      ['top 2 b', null, 'Shops.'],
      ['top 1 a', 60_000, 'Shops.'],
    ])
    await deploy(catalog, 'three', endpoint('top', 'a'))
    assert.deepEqual(await all(), [
      ['best 1 x', 60_000, 'The best.'],
      ['top 2 b', 60_000, 'Shops.'],
      ['top 1 a', null, 'Shops.'],
    ])
    await catalog.asSystem(async (session) => {
      await setEndpointColumns(session, 'top', 1, [{ name: 'n', type: 'BIGINT' }])
      await setEndpointColumns(session, 'top', 1, [{ name: 'm', type: 'BIGINT' }])
      const [newest, first] = await endpointVersions(session, 'top')
      assert.equal(newest?.columns, null)
      assert.deepEqual(first?.columns, [{ name: 'n', type: 'BIGINT' }])
    })
  })

  test('a tenant pins versions of its own', async () => {
    const { catalog } = open()
    const [acme, other] = [
      await createTenant(catalog, 'pinner'),
      await createTenant(catalog, 'free'),
    ]
    await catalog.asTenant(acme, async (session) => {
      const pin = { endpoint: 'top', pinnedBy: 'user usr_1' }
      await pinEndpoint(session, { ...pin, version: 1 })
      await pinEndpoint(session, { ...pin, version: 2 })
      const pins = await endpointPins(session)
      assert.deepEqual(
        pins.map(({ pinnedAt: _at, ...own }) => own),
        [{ ...pin, version: 2 }],
      )
    })
    assert.deepEqual(await catalog.asTenant(other, endpointPins), [])
    assert.equal(await catalog.asTenant(other, (s) => unpinEndpoint(s, 'top')), false)
    assert.equal(await catalog.asTenant(acme, (s) => unpinEndpoint(s, 'top')), true)
    assert.deepEqual(await catalog.asTenant(acme, endpointPins), [])
  })

  test('requests add up by hour, version and caller, and each tenant sees its own, page by page', async () => {
    const { catalog } = open()
    const [acme, other] = [
      await createTenant(catalog, 'asker'),
      await createTenant(catalog, 'quiet'),
    ]
    const latency = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, place) => place)
    const count = (caller: string, tenantId = acme.id, version = 1) => ({
      tenantId,
      endpoint: 'top',
      version,
      caller,
      requests: 3,
      refused: 1,
      unavailable: 1,
      broken: 0,
      cached: 2,
      rows: 10,
      bytes: 2 ** 40,
      totalMs: 1.5,
      latency,
    })
    const add = (...counts: ReturnType<typeof count>[]) =>
      catalog.asSystem((session) => addEndpointTraffic(session, counts, 400))
    await add(count('key b'), count('key a'), count('key a', other.id), count('key a', 999_999))
    await add(count('key a'), count('key a', acme.id, 2))
    const everything = { endpoint: null, endpoints: null, caller: null, from: null, to: null }
    await catalog.asTenant(acme, async (session) => {
      const seen: string[] = []
      let after: Awaited<ReturnType<typeof endpointTraffic>>[number] | null = null
      for (;;) {
        const [next] = await endpointTraffic(session, everything, { after, limit: 1 })
        if (!next) break
        seen.push(`${next.version} ${next.caller} ${next.requests} ${next.bytes / 2 ** 40}`)
        if (next.caller === 'key a' && next.version === 1) {
          assert.deepEqual(
            next.latency,
            latency.map((n) => 2 * n),
          )
          assert.equal(next.totalMs, 3)
        }
        after = next
      }
      assert.deepEqual(seen, ['1 key a 6 2', '1 key b 3 1', '2 key a 3 1'])
      const some = (filter: Partial<TrafficFilter>) =>
        endpointTraffic(
          session,
          { ...everything, ...filter },
          {
            after: null,
            limit: 9,
          },
        )
      assert.equal((await some({ caller: 'key b' })).length, 1)
      assert.equal((await some({ endpoint: 'best' })).length, 0)
      assert.equal((await some({ endpoints: [] })).length, 0)
      assert.equal((await some({ to: new Date(0) })).length, 0)
      assert.equal((await some({ from: new Date(0) })).length, 3)
      const users = await endpointUsers(session, 'top', 30)
      assert.deepEqual(
        users.map(({ version, caller, requests }) => `${version} ${caller} ${requests}`),
        ['1 key a 6', '2 key a 3', '1 key b 3'],
      )
    })
    await catalog.asTenant(other, async (session) => {
      const own = await endpointTraffic(session, everything, { after: null, limit: 9 })
      assert.deepEqual(
        own.map(({ requests }) => requests),
        [3],
      )
    })
  })

  test('requests of long ago go', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'forgetful')
    const count = {
      tenantId: acme.id,
      endpoint: 'top',
      version: 1,
      caller: 'key a',
      requests: 1,
      refused: 0,
      unavailable: 0,
      broken: 0,
      cached: 0,
      rows: 0,
      bytes: 0,
      totalMs: 0,
      latency: [1],
    }
    await catalog.asSystem((session) => addEndpointTraffic(session, [count], 400))
    // Older than minus one day is everything.
    await catalog.asSystem((session) => addEndpointTraffic(session, [count], -1))
    const everything = { endpoint: null, endpoints: null, caller: null, from: null, to: null }
    const left = await catalog.asTenant(acme, (session) =>
      endpointTraffic(session, everything, { after: null, limit: 9 }),
    )
    assert.deepEqual(left, [])
  })
})
