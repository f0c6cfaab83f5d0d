import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'

import { openEgress } from '#egress/egress.ts'
import { systemClock } from '#kernel/clock.ts'

/** A self-signed certificate for hook.test, valid until 2125, and its key. */
const pem = readFileSync(join(import.meta.dirname, 'testdata', 'hook-test.pem'))

async function serveTls(t: TestContext) {
  const names: (string | false | null | undefined)[] = []
  const server = https.createServer({ key: pem, cert: pem }, (request, response) => {
    names.push((request.socket as TLSSocket).servername)
    response.end(request.headers.host)
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close().closeAllConnections())
  return { port: (server.address() as AddressInfo).port, names }
}

function get(url: string, options: https.RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = https.get(url, options, (response) => {
      response.setEncoding('utf8').on('data', resolve)
    })
    request.on('error', reject)
  })
}

test('TLS goes by the name although the connection goes to the checked address', async (t) => {
  const { port, names } = await serveTls(t)
  const egress = openEgress({
    allow: ['127.0.0.1'],
    clock: systemClock,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  })
  t.after(() => egress.close())
  const trusting = { agent: egress.httpsAgent, ca: pem }
  assert.equal(await get(`https://hook.test:${port}/`, trusting), `hook.test:${port}`)
  assert.deepEqual(names, ['hook.test'])
  const other = get(`https://other.test:${port}/`, trusting)
  await assert.rejects(other, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  await assert.rejects(egress.request({ url: `https://hook.test:${port}/` }), {
    code: 'egress-unreachable',
    message: /self-signed certificate/,
  })
  assert.equal(names.length, 1)
})
