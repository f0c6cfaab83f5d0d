import assert from 'node:assert/strict'
import http, { type RequestOptions } from 'node:http'
import https from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { openEgress, type Egress } from '#egress/egress.ts'
import type { Resolve } from '#egress/guard.ts'
import { loopbackHosts, specialHosts } from '#egress/hostile-hosts.ts'
import { setTrap } from '#egress/trap.ts'
import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'loopback.test': ['127.0.0.1'],
  'loopback6.test': ['::1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'mixed.test': ['1.1.1.1', '127.0.0.1'],
  'mixed6.test': ['2606:4700::1111', '::1'],
  'unreadable.test': ['127.1'],
  'metadata.google.internal': ['169.254.169.254'],
  '169.254.169.254.nip.io': ['169.254.169.254'],
  localhost: ['127.0.0.1', '::1'],
}

const resolve: Resolve = async (host) => {
  const found = names[host.toLowerCase().replace(/\.$/, '')] ?? []
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}

test('no spelling of a special address gets through: not saved, not called, no connection', async (t) => {
  const trap = await setTrap(t)
  const egress = openEgress({ allow: [], clock: systemClock, resolve })
  const urls = [...loopbackHosts, ...specialHosts].flatMap((host) => [
    `http://${host}:${trap.port}/`,
    `https://${host}:${trap.port}/`,
  ])
  assert.ok(urls.length >= 120)
  const got = await Promise.all(urls.map(async (url) => [url, await outcomes(egress, url)]))
  assert.deepEqual(
    got,
    urls.map((url) => [url, ['egress-denied', 'egress-denied', 'egress-denied']]),
  )
  assert.equal(trap.connections(), 0)
})

test('the same spellings reach the trap once the operator allows everything', async (t) => {
  const trap = await setTrap(t)
  const egress = openEgress({ allow: ['0.0.0.0/0', '::/0'], clock: systemClock, resolve })
  t.after(() => egress.close())
  for (const host of loopbackHosts) {
    const { body } = await egress.request({ url: `http://${host}:${trap.port}/` })
    assert.equal(body.toString(), 'trap', host)
  }
  assert.equal(trap.connections(), loopbackHosts.length)
})

test('what is not http or https, or hides its host, is refused by name', async (t) => {
  const trap = await setTrap(t)
  const egress = openEgress({ allow: ['0.0.0.0/0', '::/0'], clock: systemClock, resolve })
  const at = `127.0.0.1:${trap.port}`
  for (const url of [
    'file:///etc/passwd',
    `gopher://${at}/_x`,
    `ftp://${at}/`,
    `ws://${at}/`,
    'data:,x',
    '',
    'javascript:1',
    'blob:http://a/1',
    `dict://${at}/`,
    `ldap://${at}/`,
    'about:blank',
    `unix:${at}`,
    '//127.0.0.1/',
    '/etc/passwd',
    'http://',
    'http:///',
    'http://a b/',
    'http://[::1',
    'http://a:99999/',
    'http://1.2.3.4.5/',
    'http://256.256.256.256/',
    'http://0x100000000/',
    'http://[fe80::1%25eth0]/',
    `http://example.com@${at}/`,
    `http://user:secret@${at}/`,
    `http://example.com%40@${at}/`,
    `http://@@${at}/`,
    `http://${at}@example.com/`,
    `http://:x@${at}/`,
  ]) {
    const got = await outcomes(egress, url, false)
    assert.deepEqual(got, ['egress-url-invalid', 'egress-url-invalid'], url)
  }
  assert.equal(trap.connections(), 0)
})

test('refusals name the host, the address and the way out, and repeat no secret', async () => {
  const egress = openEgress({ allow: [], clock: systemClock, resolve })
  const refused = await caught(egress.assertUrl('http://metadata.google.internal/?token=s3cret'))
  assert.match(
    refused.message,
    /metadata\.google\.internal port 80 .*169\.254\.169\.254.*link-local/,
  )
  assert.match(refused.remedy, /operator adds metadata\.google\.internal:80 .*allow-list/)
  const hidden = await caught(egress.assertUrl('http://user:s3cret@example.com/s3cret'))
  assert.doesNotMatch(JSON.stringify([refused.message, refused.details, hidden.details]), /s3cret/)
})

test('an allowed way to reach IPv4 does not open all of IPv4', async () => {
  const saved = (allow: string[], host: string) =>
    openEgress({ allow, clock: systemClock, resolve }).assertUrl(`http://[${host}]/`)
  for (const [range, inside, outside] of [
    ['64:ff9b::/96', '64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8'],
    ['::ffff:0:0/96', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
    ['2002::/16', '2002:7f00:1::', '2002:808:808::'],
  ] as const) {
    assert.equal((await caught(saved([], outside))).code, 'egress-denied')
    assert.match((await caught(saved([range], inside))).message, / of loopback\)/)
    await saved([range], outside)
    await saved([range, '127.0.0.1'], inside)
  }
})

test('a backslash ends the host, as the one who connects sees it', async (t) => {
  const trap = await setTrap(t)
  const egress = openEgress({ allow: [], clock: systemClock, resolve })
  const url = `http://127.0.0.1:${trap.port}\\@example.com/`
  assert.equal((await caught(egress.request({ url }))).code, 'egress-denied')
  assert.equal(trap.connections(), 0)
})

test('the agents hold where a library hands them hosts that no URL parser has seen', async (t) => {
  const trap = await setTrap(t)
  const egress = openEgress({ allow: [], clock: systemClock })
  for (const host of [
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1',
    '0',
    '',
    'LOCALHOST',
    '::1',
    '::1%lo',
    '::ffff:127.0.0.1',
    'localhost',
    'localhost.',
    '[::1]',
  ]) {
    const options = { host, port: trap.port, agent: egress.httpAgent }
    const error = await agentError(http.request, options)
    assert.match(error, /^(egress-denied|ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NODATA)$/, host)
  }
  assert.equal(trap.connections(), 0)
})

test('the agents ignore a lookup of the caller and refuse local sockets', async (t) => {
  const trap = await setTrap(t)
  const egress = openEgress({ allow: [], clock: systemClock, resolve })
  const lookup: RequestOptions['lookup'] = (_host, { all }, callback) =>
    all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)
  const planted = { host: 'mixed.test', port: trap.port, lookup, agent: egress.httpAgent }
  assert.equal(await agentError(http.request, planted), 'egress-denied')
  assert.equal(trap.connections(), 0)

  let visits = 0
  const path = join(tmpdir(), `millrace-egress-${process.pid}.sock`)
  const server = createServer((socket) => void (visits++, socket.destroy()))
  await new Promise<void>((listening) => server.listen(path, listening))
  t.after(() => new Promise((closed) => server.close(closed)))
  const local = { socketPath: path, agent: egress.httpAgent }
  assert.equal(await agentError(http.request, local), 'egress-denied')
  assert.equal(visits, 0)
})

test('a name that changes between check and call leads to the checked address or nowhere', async (t) => {
  const trap = await setTrap(t, '127.0.0.1')
  const good = http.createServer((_request, response) => response.end('good'))
  const listening = await new Promise<boolean>((done) => {
    good.once('error', () => done(false))
    good.listen(trap.port, '127.0.0.2', () => done(true))
  })
  if (!listening) return t.skip('127.0.0.2 is not an address of this machine')
  t.after(() => good.close().closeAllConnections())

  let questions = 0
  const egress = openEgress({
    allow: ['127.0.0.2'],
    clock: systemClock,
    resolve: async () => [
      { address: questions++ % 2 === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 },
    ],
  })
  t.after(() => egress.close())
  const url = `http://rebind.test:${trap.port}/`
  const seen = { saved: 0, called: 0, denied: 0 }
  for (let round = 0; round < 20; round++) {
    for (const [what, act] of [
      ['saved', () => egress.assertUrl(url)],
      ['called', () => egress.request({ url })],
      ['called', () => egress.request({ url })],
    ] as const) {
      await act().then(
        () => seen[what]++,
        (error: MillraceError) => {
          assert.equal(error.code, 'egress-denied')
          seen.denied++
        },
      )
      egress.close()
    }
  }
  assert.equal(trap.connections(), 0)
  assert.ok(seen.saved > 0 && seen.called > 0 && seen.denied > 0, JSON.stringify(seen))
})

/** The codes of saving, calling and handing the agent to Node: the three paths of an address. */
async function outcomes(
  egress: Egress,
  url: string,
  agents = true,
): Promise<(string | undefined)[]> {
  const saved = egress.assertUrl(url).then(() => undefined, codeOf)
  const called = egress.request({ url }).then(() => undefined, codeOf)
  if (!agents) return Promise.all([saved, called])
  const { protocol } = new URL(url)
  const sent =
    protocol === 'https:'
      ? agentError((options) => https.request(url, options), { agent: egress.httpsAgent })
      : agentError((options) => http.request(url, options), { agent: egress.httpAgent })
  return Promise.all([saved, called, sent])
}

function agentError(
  request: (options: RequestOptions) => http.ClientRequest,
  options: RequestOptions,
): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(options)
    sent.on('error', (error) => resolve(codeOf(error)))
    sent.on('response', (response) => {
      response.resume()
      resolve(`answered ${response.statusCode}`)
    })
    sent.end()
  })
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error)
}

function caught(promise: Promise<unknown>): Promise<MillraceError> {
  return promise.then(
    () => assert.fail('it was not refused'),
    (error) => {
      assert.ok(error instanceof MillraceError)
      return error
    },
  )
}
