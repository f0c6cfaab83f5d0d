import assert from 'node:assert/strict'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { errorCode, testContext } from '#connectors/conformance.ts'
import { openConnector } from '#connectors/registry.ts'
import type { ErrorCode } from '#kernel/errors.ts'
import { MillraceError } from '#kernel/errors.ts'
import { startFaultProxy } from '../../../test/support/fault-proxy.ts'
import type { Fault } from '../../../test/support/fault-proxy.ts'
import { testKeys } from '../../../test/support/s3-server.ts'

const location = 's3://work-sample/2021/04/events.csv'
const unused = 'http://127.0.0.1:9'

function open(t: TestContext, options: object) {
  const connector = openConnector(location, { maxAttempts: 2, ...options }, testContext)
  t.after(() => connector.close())
  return connector
}

function refused(code: ErrorCode, ...words: RegExp[]) {
  return (error: unknown) => {
    errorCode(code)(error)
    assert.ok(error instanceof MillraceError && !error.entry.retryable)
    for (const word of words) assert.match(`${error.message} ${error.remedy}`, word)
    return true
  }
}

/** What Amazon answers: HEAD without a body, GET with the reason. */
const answers: [
  string,
  object,
  Partial<Fault & { kind: 'answer' }>,
  string,
  (error: unknown) => boolean,
][] = [
  [
    'another region: its name is told',
    testKeys,
    { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    'PermanentRedirect',
    refused('source-region-wrong', /is in eu-west-1, not in us-east-1/, /--region eu-west-1/),
  ],
  [
    'another region, as a wrongly signed request',
    testKeys,
    { status: 400, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    'AuthorizationHeaderMalformed',
    refused('source-region-wrong', /--region eu-west-1/),
  ],
  [
    'keys without the right',
    testKeys,
    { status: 403 },
    'AccessDenied',
    refused('source-denied', /s3:GetObject/, /--anonymous/),
  ],
  [
    'no right without keys',
    { anonymous: true },
    { status: 403 },
    'AccessDenied',
    refused('source-denied', /leave --anonymous out/),
  ],
  [
    'an unknown key',
    testKeys,
    { status: 403 },
    'InvalidAccessKeyId',
    refused('source-denied', /accessKeyId/),
  ],
  [
    'a wrong secret',
    testKeys,
    { status: 403 },
    'SignatureDoesNotMatch',
    refused('source-denied', /secretAccessKey/),
  ],
  [
    'an expired token',
    testKeys,
    { status: 400 },
    'ExpiredToken',
    refused('source-denied', /temporary credentials/),
  ],
  [
    'a bucket that does not exist',
    testKeys,
    { status: 404 },
    'NoSuchBucket',
    refused('bucket-missing', /"work-sample"/),
  ],
  [
    'an object that does not exist',
    testKeys,
    { status: 404 },
    'NoSuchKey',
    refused('object-missing', /events\.csv/),
  ],
]

for (const [title, login, answer, code, isRight] of answers) {
  test(`${title}: a clear error at the first answer`, async (t) => {
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`
    const proxy = await startFaultProxy(t, unused, ({ method }) => ({
      kind: 'answer',
      status: 500,
      ...answer,
      ...(method === 'HEAD' ? {} : { body }),
    }))
    const connector = open(t, { ...login, endpoint: proxy.url })
    await assert.rejects(connector.stat(location), isRight)
    assert.ok(proxy.seen.length <= 2)
  })
}

test('a bucket that may not be listed: the way out is to name the partitions', async (t) => {
  const body = '<Error><Code>AccessDenied</Code></Error>'
  const proxy = await startFaultProxy(t, unused, () => ({ kind: 'answer', status: 403, body }))
  const connector = open(t, { endpoint: proxy.url, anonymous: true })
  const listing = Array.fromAsync(connector.list('s3://work-sample/'))
  await assert.rejects(listing, refused('source-denied', /may not be listed/, /--month 2021-04/))
})

test('nothing is sent where no credentials were chosen', async (t) => {
  const proxy = await startFaultProxy(t, unused, () => ({ kind: 'answer', status: 200 }))
  const connector = open(t, { endpoint: proxy.url })
  await assert.rejects(
    connector.stat(location),
    refused('source-credentials-missing', /--anonymous/),
  )
  assert.deepEqual(proxy.seen, [])
})

test('anonymous requests are not signed, others are', async (t) => {
  const headers = { etag: '"1"', 'content-length': '7' }
  const proxy = await startFaultProxy(t, unused, () => ({ kind: 'answer', status: 200, headers }))
  await open(t, { endpoint: proxy.url, anonymous: true }).stat(location)
  await open(t, { endpoint: proxy.url, ...testKeys }).stat(location)
  const [anonymous, signed] = proxy.seen
  assert.equal(anonymous?.headers.authorization, undefined)
  assert.match(signed?.headers.authorization ?? '', /^AWS4-HMAC-SHA256 Credential=test\//)
  assert.equal(signed?.path, '/work-sample/2021/04/events.csv')
})

test('calls go through the agents that were handed in, which stay open', async (t) => {
  const headers = { etag: '"1"', 'content-length': '7' }
  const proxy = await startFaultProxy(t, unused, () => ({ kind: 'answer', status: 200, headers }))
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent() }
  t.after(() => agents.http.destroy())
  const options = { endpoint: proxy.url, anonymous: true }
  const connector = openConnector(location, options, { ...testContext, agents })
  await connector.stat(location)
  await connector.close()
  const sockets = Object.values(agents.http.freeSockets).flatMap((free) => free ?? [])
  assert.deepEqual(
    sockets.map((socket) => socket.destroyed),
    [false],
  )
})

test("this machine's own credentials are used only where they were chosen", async (t) => {
  const headers = { etag: '"1"', 'content-length': '7' }
  const proxy = await startFaultProxy(t, unused, () => ({ kind: 'answer', status: 200, headers }))
  const own = { AWS_ACCESS_KEY_ID: 'machine', AWS_SECRET_ACCESS_KEY: 'own' }
  const before = { ...process.env }
  Object.assign(process.env, own)
  t.after(() => {
    for (const name of Object.keys(own)) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })
  await open(t, { endpoint: proxy.url, awsEnvironment: true }).stat(location)
  await open(t, { endpoint: proxy.url, ...testKeys }).stat(location)
  const keys = proxy.seen.map(
    ({ headers: seen }) => /Credential=(\w+)/.exec(seen.authorization ?? '')?.[1],
  )
  assert.deepEqual(keys, ['machine', 'test'])
})

test('addresses that name no object are refused', async (t) => {
  const connector = open(t, { anonymous: true, endpoint: unused })
  for (const bad of ['s3://', 's3://bucket', 's3://bucket/', 's3:///key', 's3://bad bucket/key']) {
    await assert.rejects(
      connector.stat(bad),
      refused('location-invalid', /s3:\/\/bucket\/folder/),
      bad,
    )
  }
})
