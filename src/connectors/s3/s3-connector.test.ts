import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { errorCode, testConnector, testContext } from '#connectors/conformance.ts'
import { openConnector } from '#connectors/registry.ts'
import { s3Connector } from '#connectors/s3/s3-connector.ts'
import { startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { testKeys, useS3Server } from '../../../test/support/s3-server.ts'

const server = useS3Server()
let places = 0

for (const [name, login, acl] of [
  ['s3 with keys', testKeys, 'private'],
  ['s3 anonymously', { anonymous: true }, 'public-read'],
] as const) {
  testConnector({
    name,
    test: server.test,
    async open(_t, context) {
      const bucket = await server.bucket(`place-${++places}`)
      const options = s3Connector.options.parse({ endpoint: server.endpoint, ...login })
      return {
        connector: s3Connector.open(options, context),
        base: `s3://${bucket}/`,
        put: (key, bytes) => server.put(bucket, key, bytes, { ACL: acl }),
      }
    },
  })
}

function open(t: TestContext, options: object) {
  const connector = openConnector('s3://', options, testContext)
  t.after(() => connector.close())
  return connector
}

server.test('a missing bucket is told apart from a missing object', async (t) => {
  const connector = open(t, { endpoint: server.endpoint, ...testKeys })
  const location = 's3://no-such-bucket-here/events.csv'
  await assert.rejects(connector.stat(location), errorCode('bucket-missing'))
  const listing = Array.fromAsync(connector.list('s3://no-such-bucket-here/'))
  await assert.rejects(listing, errorCode('bucket-missing'))
})

server.test('a private object is denied without keys', async (t) => {
  const bucket = await server.bucket('private-place')
  await server.put(bucket, 'events.csv', 'secret')
  const location = `s3://${bucket}/events.csv`
  await assert.rejects(
    open(t, { endpoint: server.endpoint, anonymous: true }).stat(location),
    errorCode('source-denied'),
  )
})

test('a list of several pages is read to its end', async (t) => {
  const page = (key: string, next: string) => `<?xml version="1.0"?><ListBucketResult>
    <Name>b</Name><EncodingType>url</EncodingType>${next}
    <Contents><Key>${key}</Key><Size>1</Size><ETag>"1"</ETag></Contents></ListBucketResult>`
  const token =
    '<IsTruncated>true</IsTruncated><NextContinuationToken>a+b/c=</NextContinuationToken>'
  const proxy = await startFaultProxy(t, '', ({ path }) => {
    const second = new URL(path, 'http://b').searchParams.get('continuation-token') === 'a+b/c='
    const body = second ? page('two+w%C3%B6rds', '') : page('100%25', token)
    return { kind: 'answer', status: 200, body }
  })
  const connector = open(t, { anonymous: true, endpoint: proxy.url })
  const listed = await Array.fromAsync(connector.list('s3://b/'))
  assert.deepEqual(
    listed.map((info) => info.location),
    ['s3://b/100%', 's3://b/two wörds'],
  )
  assert.equal(proxy.seen.length, 2)
})
