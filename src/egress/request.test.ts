import assert from 'node:assert/strict'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'

import { openEgress, type EgressSettings } from '#egress/egress.ts'
import { setTrap } from '#egress/trap.ts'
import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

interface Place {
  readonly port: number
  readonly url: string
  connections(): number
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown

async function serve(t: TestContext, listener: Listener): Promise<Place> {
  let connections = 0
  const server = http
    .createServer((request, response) => void listener(request, response))
    .on('connection', () => void connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}`, connections: () => connections }
}

function open(t: TestContext, settings: Partial<EgressSettings>) {
  const egress = openEgress({ allow: [], clock: systemClock, ...settings })
  t.after(() => egress.close())
  return egress
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'answered',
    (error) => (error instanceof MillraceError ? error.code : String(error)),
  )
}

const textOf = async (request: IncomingMessage) => (await request.toArray()).join('')

test('a loopback address that the operator allowed answers', async (t) => {
  const place = await serve(t, async (request, response) => {
    const { method, url, headers } = request
    response.statusCode = 404
    response.end(JSON.stringify({ method, url, headers, body: await textOf(request) }))
  })
  const egress = open(t, { allow: [`127.0.0.1:${place.port}`] })
  assert.equal((await egress.assertUrl(place.url)).href, `${place.url}/`)
  assert.equal(place.connections(), 0)
  const url = `${place.url}/hook?x=1`
  const answer = await egress.request({ url, method: 'POST', headers: { 'X-A': 'b' }, body: 'é' })
  assert.equal(answer.status, 404)
  assert.equal(answer.url, url)
  const seen = JSON.parse(answer.body.toString())
  assert.deepEqual([seen.method, seen.url, seen.body], ['POST', '/hook?x=1', 'é'])
  assert.equal(seen.headers.host, `127.0.0.1:${place.port}`)
  assert.equal(seen.headers['x-a'], 'b')
  assert.equal(seen.headers['content-length'], '2')
  assert.equal(seen.headers['accept-encoding'], 'identity')
})

test('a redirect to a place that may not be called is not followed', async (t) => {
  const trap = await setTrap(t)
  const inside = `127.0.0.1:${trap.port}`
  const place = await serve(t, (request, response) => {
    const [status, location] = JSON.parse(decodeURIComponent(request.url?.slice(1) ?? ''))
    response.writeHead(status, { location }).end('ignored')
  })
  const egress = open(t, { allow: [`127.0.0.1:${place.port}`] })
  for (const status of [301, 302, 303, 307, 308]) {
    for (const [location, expected] of [
      [`http://${inside}/`, 'egress-denied'],
      [`//${inside}/`, 'egress-denied'],
      [`http:\\\\${inside}/`, 'egress-denied'],
      [`http://localhost:${trap.port}/`, 'egress-denied'],
      [`https://[::ffff:127.0.0.1]:${trap.port}/`, 'egress-denied'],
      ['http://169.254.169.254/latest/meta-data/', 'egress-denied'],
      [`http://a@${inside}/`, 'egress-url-invalid'],
      ['file:///etc/passwd', 'egress-url-invalid'],
    ] as const) {
      const url = `${place.url}/${encodeURIComponent(JSON.stringify([status, location]))}`
      assert.equal(await codeOf(egress.request({ url })), expected, `${status} ${location}`)
    }
  }
  assert.equal(trap.connections(), 0)
})

test('redirects keep or change the method as browsers do, and end at the limit', async (t) => {
  const place = await serve(t, async (request, response) => {
    const [, status = '', left = ''] = request.url?.split('/') ?? []
    if (Number(left) > 0) {
      request.resume()
      return void response.writeHead(Number(status), { location: `/${status}/${+left - 1}` }).end()
    }
    response.end(
      `${request.method} ${request.headers['content-type'] ?? ''} ${await textOf(request)}`,
    )
  })
  const egress = open(t, { allow: ['127.0.0.1'] })
  const headers = { 'content-type': 'text/plain' }
  for (const [method, status, expected] of [
    ['POST', 301, 'GET  '],
    ['POST', 302, 'GET  '],
    ['PUT', 302, 'PUT text/plain b'],
    ['PUT', 303, 'GET  '],
    ['POST', 307, 'POST text/plain b'],
    ['POST', 308, 'POST text/plain b'],
  ] as const) {
    const url = `${place.url}/${status}/3`
    const answer = await egress.request({ url, method, headers, body: 'b' })
    assert.equal(answer.body.toString(), expected, `${method} ${status}`)
    assert.equal(answer.url, `${place.url}/${status}/0`)
  }
  assert.equal(await codeOf(egress.request({ url: `${place.url}/302/4` })), 'egress-redirected')
  const url = `${place.url}/302/1`
  assert.equal(await codeOf(egress.request({ url, maxRedirects: 0 })), 'egress-redirected')
})

test('another origin sees no header that could be a credential', async (t) => {
  const second = await serve(t, (request, response) => {
    response.end(JSON.stringify(Object.keys(request.headers).sort()))
  })
  const first = await serve(t, (_request, response) => {
    response.writeHead(307, { location: second.url }).end()
  })
  const egress = open(t, { allow: ['127.0.0.1'] })
  const headers = { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Api-Key': 'k', Accept: 'text/csv' }
  const { body } = await egress.request({ url: first.url, headers })
  assert.deepEqual(JSON.parse(body.toString()), [
    'accept',
    'accept-encoding',
    'connection',
    'host',
    'user-agent',
  ])
})

test('headers that steer the connection are refused', async (t) => {
  const egress = open(t, {})
  const url = 'http://example.com/'
  for (const name of ['Host', 'Transfer-Encoding', 'content-length', 'Connection', 'a b']) {
    assert.equal(await codeOf(egress.request({ url, headers: { [name]: 'x' } })), 'input-invalid')
  }
  const headers = { 'x-a': 'a\r\nhost: b' }
  assert.equal(await codeOf(egress.request({ url, headers })), 'input-invalid')
})

test('an answer larger than the cap is cut, whether its length is told or not', async (t) => {
  let written = 0
  const place = await serve(t, (request, response) => {
    if (request.url === '/told') return void response.end('x'.repeat(1001))
    if (request.url === '/fits') return void response.end('x'.repeat(1000))
    const flood = setInterval(() => {
      written += 500
      response.write('x'.repeat(500))
    }, 1)
    response.on('close', () => clearInterval(flood))
  })
  const egress = open(t, { allow: ['127.0.0.1'], limits: { maxBytes: 1000 } })
  assert.equal((await egress.request({ url: `${place.url}/fits` })).body.length, 1000)
  assert.equal(await codeOf(egress.request({ url: `${place.url}/told` })), 'egress-too-large')
  assert.equal(await codeOf(egress.request({ url: `${place.url}/endless` })), 'egress-too-large')
  assert.ok(written >= 1000)
  const more = await egress.request({ url: `${place.url}/told`, maxBytes: 1001 })
  assert.equal(more.body.length, 1001)
})

test('time is limited over everything: names, headers, a body that drips', async (t) => {
  const place = await serve(t, (request, response) => {
    if (request.url === '/silent') return
    const drip = setInterval(() => response.write('x'), 5)
    response.on('close', () => clearInterval(drip))
  })
  const egress = open(t, { allow: ['127.0.0.1'], limits: { timeoutMs: 60 } })
  for (const path of ['/silent', '/drip']) {
    assert.equal(await codeOf(egress.request({ url: place.url + path })), 'egress-timeout', path)
  }
  const nameless = open(t, {
    resolve: () => new Promise(() => {}),
    limits: { connectTimeoutMs: 100 },
  })
  const url = 'http://slow.test/'
  assert.equal(await codeOf(nameless.request({ url, timeoutMs: 20 })), 'egress-timeout')
  assert.equal(await codeOf(nameless.request({ url })), 'egress-unreachable')
  assert.equal(await codeOf(nameless.assertUrl(url)), 'egress-timeout')
})

test('who aborts gets the own reason back, and the connection is gone', async (t) => {
  const stop = new AbortController()
  const closed = Promise.withResolvers<void>()
  const place = await serve(t, (request) => {
    request.socket.on('close', () => closed.resolve())
    stop.abort(new Error('enough'))
  })
  const egress = open(t, { allow: ['127.0.0.1'] })
  await assert.rejects(egress.request({ url: place.url, signal: stop.signal }), /^Error: enough$/)
  await closed.promise
  await assert.rejects(egress.request({ url: place.url, signal: stop.signal }), /^Error: enough$/)
  assert.equal(place.connections(), 1)
})

test('a server that is not there is worth another try', async (t) => {
  const place = await serve(t, (request) => void request.socket.destroy())
  const egress = open(t, { allow: ['127.0.0.1'], resolve: async () => [] })
  for (const url of [place.url, 'http://127.0.0.1:1/', 'http://unknown.test/']) {
    const error = await egress.request({ url }).catch((thrown: unknown) => thrown)
    assert.ok(error instanceof MillraceError)
    assert.equal(error.code, 'egress-unreachable', url)
    assert.equal(error.entry.retryable, true)
  }
})

test('a kept connection serves its own host only', async (t) => {
  const hosts: (string | undefined)[] = []
  const place = await serve(t, (request, response) => {
    hosts.push(request.headers.host)
    response.end('ok')
  })
  const asked: string[] = []
  const egress = open(t, {
    allow: ['127.0.0.1'],
    resolve: async (host) => {
      asked.push(host)
      return [{ address: host === 'evil.test' ? '127.0.0.9' : '127.0.0.1', family: 4 }]
    },
  })
  const get = (host: string) => egress.request({ url: `http://${host}:${place.port}/` })
  await get('a.test')
  await get('a.test')
  assert.equal(place.connections(), 1)
  await get('b.test')
  assert.equal(place.connections(), 2)
  assert.equal(await codeOf(get('evil.test')), 'egress-denied')
  await get('a.test')
  assert.equal(place.connections(), 2)
  assert.deepEqual(asked, ['a.test', 'b.test', 'evil.test'])
  assert.deepEqual(
    hosts,
    ['a', 'a', 'b', 'a'].map((name) => `${name}.test:${place.port}`),
  )
})
