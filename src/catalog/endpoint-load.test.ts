import assert from 'node:assert/strict'
import { test } from 'node:test'

import { loadByCaller, loadByEndpoint, loadByHour } from '#catalog/endpoint-load.ts'
import { addEndpointTraffic, LATENCY_BOUNDS_MS } from '#catalog/endpoint-traffic.ts'
import { createTenant } from '#catalog/tenants.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const HOUR_MS = 3_600_000

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('requests are summed by hour, caller and endpoint, of the own tenant alone', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme-load')
    const other = await createTenant(catalog, 'other-load')
    const count = (endpoint: string, caller: string, bucket: number, tenantId = acme.id) => ({
      tenantId,
      endpoint,
      version: 1,
      caller,
      requests: 2,
      refused: 1,
      unavailable: 0,
      broken: 0,
      cached: 1,
      rows: 10,
      bytes: 100,
      totalMs: 5,
      latency: Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, place) =>
        place === bucket ? 2 : 0,
      ),
    })
    await catalog.asSystem((session) =>
      addEndpointTraffic(
        session,
        [
          count('top', 'key a', 0),
          count('top', 'key b', 12),
          count('best', 'key a', 3),
          count('top', 'key a', 0, other.id),
        ],
        400,
      ),
    )
    await catalog.asTenant(acme, async (session) => {
      const [{ now } = { now: new Date(0) }] = await session.query<{ now: Date }>(
        'SELECT millrace_now() AS now',
      )
      const span = {
        endpoint: null,
        endpoints: null,
        caller: null,
        from: new Date(now.getTime() - 2 * HOUR_MS),
        to: new Date(now.getTime() + HOUR_MS),
      }
      const [hour, ...more] = await loadByHour(session, span)
      assert.deepEqual(more, [])
      assert.equal(hour?.requests, 6)
      assert.deepEqual([hour?.refused, hour?.cached, hour?.totalMs], [3, 3, 15])
      assert.deepEqual(hour?.latency, [2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 2])
      assert.equal((await loadByHour(session, { ...span, endpoint: 'best' }))[0]?.requests, 2)
      assert.deepEqual(await loadByHour(session, { ...span, endpoints: [] }), [])
      assert.deepEqual(await loadByHour(session, { ...span, to: span.from }), [])

      const callers = await loadByCaller(session, span, 1)
      assert.deepEqual(
        callers.map(({ caller, requests }) => [caller, requests]),
        [['key a', 4]],
      )
      const found = await loadByEndpoint(session, span, { after: '', limit: 9 })
      assert.deepEqual(
        found.map(({ endpoint, requests, callers: who, hours }) => [
          endpoint,
          requests,
          who,
          hours.map(({ requests: some }) => some),
        ]),
        [
          ['best', 2, 1, [2]],
          ['top', 4, 2, [4]],
        ],
      )
      const behind = await loadByEndpoint(session, span, { after: 'best', limit: 1 })
      assert.deepEqual(
        behind.map(({ endpoint }) => endpoint),
        ['top'],
      )
    })
  })
})
