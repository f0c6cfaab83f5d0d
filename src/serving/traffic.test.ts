import assert from 'node:assert/strict'
import { test } from 'node:test'

import { endpointTraffic } from '#catalog/endpoint-traffic.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { openTraffic, type EndpointRequest } from '#serving/traffic.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const everything = { endpoint: null, endpoints: null, caller: null, from: null, to: null }

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('requests are added up and written when the process closes', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme')
    const traffic = openTraffic({ catalog, clock: systemClock, log: silentLogger })
    const request: EndpointRequest = {
      endpoint: 'top',
      version: 1,
      caller: 'key a',
      error: null,
      isCached: false,
      rows: 3,
      bytes: 100,
      ms: 1.5,
    }
    traffic.note(acme, request)
    traffic.note(acme, { ...request, isCached: true, rows: 0, bytes: 0, ms: 0.5 })
    traffic.note(acme, { ...request, error: 'user', rows: 0, bytes: 0, ms: 9_000 })
    traffic.note(acme, { ...request, error: 'operational', rows: 0, bytes: 0, ms: 7 })
    traffic.note(acme, { ...request, error: 'bug', rows: 0, bytes: 0, ms: 7 })
    await traffic.close()
    const [hour, more] = await catalog.asTenant(acme, (session) =>
      endpointTraffic(session, everything, { after: null, limit: 9 }),
    )
    assert.equal(more, undefined)
    const { hour: _hour, ...counts } = hour ?? assert.fail('nothing was counted')
    assert.deepEqual(counts, {
      endpoint: 'top',
      version: 1,
      caller: 'key a',
      requests: 5,
      refused: 1,
      unavailable: 1,
      broken: 1,
      cached: 1,
      rows: 3,
      bytes: 100,
      totalMs: 9_016,
      latency: [1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    })
  })

  test('callers beyond what a process counts one by one are counted together', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'crowd')
    const traffic = openTraffic({ catalog, clock: systemClock, log: silentLogger })
    const request = {
      endpoint: 'top',
      version: 1,
      error: null,
      isCached: false,
      rows: 1,
      bytes: 1,
      ms: 1,
    }
    for (let place = 0; place < 10_050; place++) {
      traffic.note(acme, { ...request, caller: `key ${place % 10_025}` })
    }
    await traffic.close()
    const others = { ...everything, caller: 'others' }
    const [together] = await catalog.asTenant(acme, (session) =>
      endpointTraffic(session, others, { after: null, limit: 9 }),
    )
    assert.equal(together?.requests, 25)
  })
})
