import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { buildFolder, errorCode, seededBytes, testContext } from '#connectors/conformance.ts'
import { s3Connector } from '#connectors/s3/s3-connector.ts'
import { MillraceError } from '#kernel/errors.ts'
import { startFaultProxy } from '../../../test/support/fault-proxy.ts'
import { testKeys, useS3Server } from '../../../test/support/s3-server.ts'

const server = useS3Server()
const SIZE_BYTES = 300_000
const bytes = seededBytes(SIZE_BYTES)
let places = 0

/** Fetches through a proxy that flips a bit of the body on each transfer when `damage` is set. */
async function fetchThrough(t: TestContext, bucket: string, damage: boolean, options: object = {}) {
  const proxy = await startFaultProxy(t, server.endpoint, ({ method }) =>
    damage && method === 'GET' ? { kind: 'flip', atByte: 99 } : undefined,
  )
  const parsed = s3Connector.options.parse({ endpoint: proxy.url, ...testKeys, ...options })
  const connector = s3Connector.open(parsed, testContext)
  t.after(() => connector.close())
  const toPath = join(await buildFolder(t), 'raw')
  return connector.fetch({ location: `s3://${bucket}/events.csv`, toPath })
}

function damagedBy(name: string) {
  return (error: unknown) => {
    errorCode('source-damaged')(error)
    assert.ok(error instanceof MillraceError)
    assert.match(error.message, new RegExp(`its ${name} .*should be .* and is `))
    return true
  }
}

for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
  server.test(`a body that breaks the object's ${algorithm} is refused`, async (t) => {
    const bucket = await server.bucket(`checksums-${++places}`)
    await server.put(bucket, 'events.csv', bytes, { ChecksumAlgorithm: algorithm })
    assert.equal((await fetchThrough(t, bucket, false)).changed, true)
    await assert.rejects(fetchThrough(t, bucket, true), damagedBy(algorithm))
  })
}

server.test(
  "a body that breaks the ETag's MD5 is refused, unless the ETag is something else",
  async (t) => {
    const bucket = await server.bucket(`checksums-${++places}`)
    await server.put(bucket, 'events.csv', bytes)
    assert.equal((await fetchThrough(t, bucket, false)).changed, true)
    await assert.rejects(fetchThrough(t, bucket, true), damagedBy('ETag'))
    assert.equal((await fetchThrough(t, bucket, true, { etagIsMd5: false })).changed, true)
  },
)

server.test('an object that was uploaded in parts is compared part by part', async (t) => {
  const bucket = await server.bucket(`checksums-${++places}`)
  await uploadInParts(bucket, [5 * 1024 * 1024, 5 * 1024 * 1024, 1234])
  const { info } = await fetchThrough(t, bucket, false)
  assert.match(info.etag, /-3"$/)
  await assert.rejects(fetchThrough(t, bucket, true), damagedBy('ETag'))
})

async function uploadInParts(bucket: string, sizes: readonly number[]): Promise<void> {
  const { CompleteMultipartUploadCommand, CreateMultipartUploadCommand, UploadPartCommand } =
    await import('@aws-sdk/client-s3')
  const object = { Bucket: bucket, Key: 'events.csv' }
  const { UploadId } = await server.client.send(new CreateMultipartUploadCommand(object))
  assert.ok(UploadId)
  const parts: { ETag?: string | undefined; PartNumber: number }[] = []
  for (const [index, size] of sizes.entries()) {
    const part = { ...object, UploadId, PartNumber: index + 1 }
    const { ETag } = await server.client.send(
      new UploadPartCommand({ ...part, Body: seededBytes(size) }),
    )
    parts.push({ ...(ETag === undefined ? {} : { ETag }), PartNumber: index + 1 })
  }
  const whole = { ...object, UploadId, MultipartUpload: { Parts: parts } }
  await server.client.send(new CompleteMultipartUploadCommand(whole))
}
