import assert from 'node:assert/strict'
import { connect, type AddressInfo } from 'node:net'
import { after, before, describe, test, type TestContext } from 'node:test'

import { sweepEvents, tellEvent } from '#catalog/events.ts'
import { createKey, revokeKey } from '#catalog/keys.ts'
import { createTenant } from '#catalog/tenants.ts'
import { STREAMS_MAX } from '#events/event-feed.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Access } from '#model/access.ts'
import { fullAccess } from '#model/access.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

interface Listening {
  readonly response: Response
  /** Text so far. */
  text(): string
  /** Waits until the text matches. */
  has(pattern: RegExp): Promise<string>
  readonly ended: Promise<void>
  close(): void
}

describe('events over HTTP', () => {
  let server: TestServer
  let url = ''
  before(async () => {
    server = await openServer()
    await server.app.listen({ port: 0, host: '127.0.0.1' })
    url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`
  })
  after(() => server.close())

  const tell = (tenant: Tenant, run: string) =>
    server.open.catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run }))

  async function listen(
    t: TestContext,
    key: string,
    path = '/v1/events/stream',
    headers: Record<string, string> = {},
    at = url,
  ): Promise<Listening> {
    const gone = new AbortController()
    const response = await fetch(`${at}${path}`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', ...headers },
      signal: gone.signal,
    })
    let text = ''
    const ended = (async () => {
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array)
    })().catch(() => {})
    t.after(() => gone.abort())
    return {
      response,
      text: () => text,
      async has(pattern) {
        for (let waited = 0; !pattern.test(text); waited += 10) {
          assert.ok(waited < 10_000, `no ${pattern} in: ${text}`)
          await systemClock.sleep(10)
        }
        return text
      },
      ended,
      close: () => gone.abort(),
    }
  }

  const tenantOf = (name: string) => createTenant(server.open.catalog, name)

  async function limitedKey(tenant: Tenant, access: Partial<Access>): Promise<string> {
    const { id, key, hash } = mintKey(server.open.ids, server.open.random)
    await server.open.catalog.asTenant(tenant, (session) =>
      createKey(session, {
        id,
        hash,
        name: 'limited',
        permissions: ['read'],
        access: { ...fullAccess, ...access },
      }),
    )
    return key
  }

  const get = async (key: string, path: string) => {
    const response = await server.app.inject({
      url: path,
      headers: { authorization: `Bearer ${key}` },
    })
    return { status: response.statusCode, json: response.json() }
  }

  test('come as they are committed, in the form that EventSource reads', async (t) => {
    const tenant = await tenantOf('live')
    const key = await server.key(tenant, ['read'])
    await tell(tenant, 'before')
    const stream = await listen(t, key)
    assert.equal(stream.response.headers.get('content-type'), 'text/event-stream')
    assert.equal(stream.response.headers.get('content-encoding'), null)
    await stream.has(/^retry: 3000\n\n/)
    await tell(tenant, 'now')
    const text = await stream.has(/"now"/)
    const [, event = ''] = text.split('\n\n')
    assert.match(event, /^id: 2\nevent: run\.started\ndata: \{"id":"evt_live_2","sequence":2,/)
    assert.doesNotMatch(text, /before/)
  })

  test('go on after the last one that arrived, by query or header', async (t) => {
    const tenant = await tenantOf('resumed')
    const key = await server.key(tenant, ['read'])
    for (const run of ['a', 'b', 'c']) await tell(tenant, run)
    const stream = await listen(t, key, '/v1/events/stream?after=0', { 'last-event-id': '1' })
    const text = await stream.has(/"c"/)
    assert.deepEqual(text.match(/^id: \d+$/gm), ['id: 2', 'id: 3'])
    await tell(tenant, 'd')
    assert.match(await stream.has(/"d"/), /id: 4/)
    const lines = await listen(t, key, '/v1/events/stream?after=2&as=ndjson&seconds=1')
    await lines.ended
    assert.deepEqual(
      lines
        .text()
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { sequence: number }).sequence),
      [3, 4],
    )
  })

  test('are chosen by kind and dataset', async (t) => {
    const tenant = await tenantOf('chosen')
    const key = await server.key(tenant, ['read'])
    await server.open.catalog.asTenant(tenant, async (s) => {
      await tellEvent(s, 'run.failed', { run: 'r' })
      for (const dataset of ['a', 'b']) {
        await tellEvent(s, 'partition.held', { dataset, run: 'r', partitions: ['2021-04'] })
      }
    })
    const stream = await listen(t, key, '/v1/events/stream?after=0&kinds=partition.held&datasets=b')
    const text = await stream.has(/id: 3/)
    assert.deepEqual(text.match(/^id: \d+$/gm), ['id: 3'])
    const { json } = await get(key, '/v1/events?kinds=run.failed')
    assert.deepEqual([json.events.length, json.cursor, json.more], [1, 3, false])
  })

  test('end when the key is revoked', async (t) => {
    const tenant = await tenantOf('revoked')
    const { id, key, hash } = mintKey(server.open.ids, server.open.random)
    await server.open.catalog.asTenant(tenant, (s) =>
      createKey(s, { id, hash, name: 'k', permissions: ['read'] }),
    )
    const stream = await listen(t, key)
    await stream.has(/retry/)
    const startedMs = systemClock.monotonicMs()
    await server.open.catalog.asTenant(tenant, (s) => revokeKey(s, id))
    await stream.ended
    assert.ok(systemClock.monotonicMs() - startedMs < 3_000)
  })

  test('end when the server drains', async (t) => {
    const tenant = await tenantOf('drained')
    const key = await server.key(tenant, ['read'])
    const draining = new AbortController()
    const app = server.another(new AbortController().signal, draining.signal)
    await app.listen({ port: 0, host: '127.0.0.1' })
    t.after(() => app.close())
    const at = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
    const stream = await listen(t, key, '/v1/events/stream', {}, at)
    await stream.has(/retry/)
    draining.abort()
    await stream.ended
  })

  test('are for so many listeners of a tenant, whose places are free again when they go', async (t) => {
    const tenant = await tenantOf('crowded')
    const key = await server.key(tenant, ['read'])
    const streams: Listening[] = []
    for (let at = 0; at < STREAMS_MAX; at++) streams.push(await listen(t, key))
    const refused = await listen(t, key)
    assert.equal(refused.response.status, 429)
    await refused.has(/event-streams-exhausted/)
    streams[0]?.close()
    for (;;) {
      const again = await listen(t, key)
      if (again.response.status === 200) break
      await systemClock.sleep(20)
    }
  })

  test('of another tenant are not seen, nor is how many it has', async (t) => {
    const [mine, theirs] = [await tenantOf('mine'), await tenantOf('theirs')]
    const key = await server.key(mine, ['read'])
    for (const run of ['x', 'y']) await tell(theirs, run)
    const stream = await listen(t, key)
    await tell(theirs, 'z')
    await tell(mine, 'own')
    assert.deepEqual((await stream.has(/own/)).match(/^id: \d+$/gm), ['id: 1'])
    const { status, json } = await get(key, '/v1/events?after=2')
    assert.deepEqual([status, json.code], [400, 'events-not-yet'])
  })

  test('that a key may not see are left out', async (t) => {
    const tenant = await tenantOf('limited')
    const key = await limitedKey(tenant, { endpoints: ['a'] })
    await server.open.catalog.asTenant(tenant, async (s) => {
      await tellEvent(s, 'run.started', { run: 'r' })
      for (const dataset of ['b', 'a']) {
        const partitions = ['2021-04']
        await tellEvent(s, 'partition.published', { dataset, run: 'r', commit: 1, partitions })
      }
      await tellEvent(s, 'partition.held', { dataset: 'a', run: 'r', partitions: ['2021-04'] })
    })
    const { json } = await get(key, '/v1/events')
    assert.deepEqual(
      json.events.map((event: { sequence: number; data: object }) => [event.sequence, event.data]),
      [[3, { dataset: 'a', commit: 1, partitions: ['2021-04'] }]],
    )
    assert.equal(json.cursor, 4)
    const stream = await listen(t, key, '/v1/events/stream?after=0')
    assert.deepEqual((await stream.has(/id: 3/)).match(/^id: \d+$/gm), ['id: 3'])
  })

  test('that were removed by now are said to be gone', async () => {
    const tenant = await tenantOf('swept')
    const key = await server.key(tenant, ['read'])
    for (const run of ['a', 'b']) await tell(tenant, run)
    while ((await server.open.catalog.asSystem((s) => sweepEvents(s, 0, 1000))) > 0);
    await tell(tenant, 'c')
    for (const path of ['/v1/events?after=1', '/v1/events/stream?after=1']) {
      const gone = await get(key, path)
      assert.deepEqual([gone.status, gone.json.code], [410, 'events-gone'])
    }
    const oldest = await get(key, '/v1/events')
    assert.deepEqual([oldest.json.events[0].sequence, oldest.json.cursor], [3, 3])
    const early = await get(key, '/v1/events/stream?after=7')
    assert.deepEqual([early.status, early.json.code], [400, 'events-not-yet'])
    for (const cursor of ['-1', '1.5', 'x', '99999999999999999999', "1'; DROP"]) {
      const { status } = await get(key, `/v1/events?after=${encodeURIComponent(cursor)}`)
      assert.equal(status, 400, cursor)
    }
  })

  test('cost no memory for a reader that takes nothing', async (t) => {
    const tenant = await tenantOf('stalled')
    const key = await server.key(tenant, ['read'])
    const socket = connect(new URL(url).port as unknown as number, '127.0.0.1')
    t.after(() => socket.destroy())
    socket.pause()
    socket.write(
      `GET /v1/events/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\n\r\n`,
    )
    const run = 'r'.repeat(50_000)
    for (let at = 0; at < 20; at++) {
      await server.open.catalog.asTenant(tenant, async (s) => {
        for (let one = 0; one < 20; one++) await tellEvent(s, 'run.started', { run })
      })
    }
    const quick = await listen(t, key, '/v1/events/stream?after=399')
    await quick.has(/id: 400/)
    assert.ok(socket.readableLength < 1_000_000)
  })
})
