import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { openServer, type TestServer } from '../support/open-server.ts'
import { naughtyStrings, unstorable } from './naughty-strings.ts'

let server: TestServer

before(async () => {
  server = await openServer()
  await send('POST', '/v1/rates/defaults/tenant', { perMinute: 60_000_000 })
})
after(() => server.close())

async function send(method: 'GET' | 'POST', url: string, body?: object) {
  const answer = await server.app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${server.operatorKey}`,
      'millrace-tenant': 'alpha',
      ...(body && { 'content-type': 'application/json' }),
    },
    // As text: JSON has a form for lone surrogates, too.
    ...(body && { payload: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
}

/** A name is taken as it is, or refused with a reason: nothing between. */
async function everyName(
  fieldMax: number,
  make: (name: string) => Promise<{ status: number; body: Record<string, unknown> }>,
): Promise<string[]> {
  const taken: string[] = []
  for (const name of naughtyStrings) {
    const { status, body } = await make(name)
    if (status === 200) taken.push(name)
    else {
      assert.equal(status, 400, `${JSON.stringify(name)}: ${JSON.stringify(body)}`)
      assert.ok(String(body['detail']).length > 10 && String(body['remedy']).length > 10)
      if (name.length <= fieldMax && name.trim() !== '')
        assert.fail(`refused: ${JSON.stringify(name)}`)
    }
  }
  return taken
}

test('the list is as long as the published one, and longer', () => {
  assert.ok(naughtyStrings.length >= 515, `${naughtyStrings.length}`)
})

test('keys are named by any of them, byte for byte', async () => {
  const taken = await everyName(100, (name) => send('POST', '/v1/keys', { name }))
  assert.ok(taken.length > 400)
  const names = new Set<string>()
  for (let after = ''; ;) {
    const { body } = await send('GET', `/v1/keys?limit=1000${after && `&after=${after}`}`)
    const { keys, next } = body as { keys: { name: string }[]; next?: string | null }
    for (const { name } of keys) names.add(name)
    if (!next) break
    after = next
  }
  assert.deepEqual(
    taken.filter((name) => !names.has(name) && !names.has(withoutMark(name))),
    [],
  )
})

test('payloads of tasks hold any of them, byte for byte', async () => {
  for (const text of naughtyStrings) {
    const made = await send('POST', '/v1/tasks', {
      name: 'nobody-does-it',
      payload: { text },
    })
    assert.equal(made.status, 200, `${JSON.stringify(text)}: ${JSON.stringify(made.body)}`)
    const { body } = await send('GET', `/v1/tasks/${String(made.body['id'])}`)
    const payload = body['payload'] as Record<string, unknown>
    assert.equal(payload['text'], text, JSON.stringify(text))
  }
})

test('in place of an id, a name or a filter none of them is more than something unknown', async () => {
  const routes = ['runs', 'tasks', 'schedules', 'backfills', 'erasures', 'datasets']
  for (const text of naughtyStrings) {
    for (const route of routes) {
      const url = `/v1/${route}/${encodeURIComponent(text)}${route === 'datasets' ? '/status' : ''}`
      const { status } = await send('GET', url).catch((error: unknown) => {
        throw new Error(`${url}: ${String(error)}`)
      })
      assert.ok(status < 500, `${url}: ${status}`)
    }
    const members = await send('POST', '/v1/invitations', { email: text, role: text })
    assert.ok(members.status < 500, `${JSON.stringify(text)}: ${members.status}`)
    const signIn = await server.app.inject({
      method: 'POST',
      url: '/v1/sessions',
      remoteAddress: `10.${Math.floor(systemClock.monotonicMs()) % 250}.1.1`,
      payload: { email: text.slice(0, 50), password: text.slice(0, 50) },
    })
    assert.ok(signIn.statusCode < 500 || signIn.statusCode === 503, `${text}: ${signIn.statusCode}`)
  }
})

test('what no database can store is refused in words', async () => {
  for (const text of unstorable) {
    for (const [url, body] of [
      ['/v1/keys', { name: text }],
      ['/v1/roles', { name: text, permissions: ['read'] }],
      ['/v1/queue/pause', { reason: text }],
    ] as const) {
      const { status } = await send('POST', url, body)
      assert.equal(status, 400, `${url} ${JSON.stringify(text)}`)
    }
  }
})

/** The embedded engine takes a byte order mark at the beginning of a text for no part of it. */
function withoutMark(text: string): string {
  return text.replace(/^\ufeff/, '')
}
