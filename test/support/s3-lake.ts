import type { TestContext } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { buildFolder } from '#lake/conformance.ts'
import type { LakePlace } from '#lake/conformance.ts'
import type { Lake } from '#lake/lake.ts'
import { openS3Lake } from '#lake/s3-lake.ts'
import type { S3LakeOptions } from '#lake/s3-lake.ts'
import { testKeys, type S3Server } from './s3-server.ts'

export interface S3LakePlace extends LakePlace {
  readonly bucket: string
  /** Below it: staging, cache, incoming, held. */
  readonly localFolder: string
  openWith(options: Partial<S3LakeOptions>): Promise<Lake>
}

let places = 0

/** A bucket of the test's own and a local folder; lakes that it opened close with the test. */
export async function buildS3Lake(
  t: TestContext,
  server: S3Server,
  endpoint = server.endpoint,
): Promise<S3LakePlace> {
  const { DeleteObjectCommand, HeadObjectCommand } = await import('@aws-sdk/client-s3')
  const bucket = await server.bucket(`lake-${++places}`)
  const prefix = 'shop/'
  const localFolder = await buildFolder(t)
  const at = (path: string) => ({ Bucket: bucket, Key: prefix + path })

  async function openWith(options: Partial<S3LakeOptions>): Promise<Lake> {
    const lake = await openS3Lake({
      bucket,
      prefix,
      access: { endpoint, credentials: testKeys },
      localFolder,
      cacheMaxBytes: 1e9,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      ...options,
    })
    t.after(() => lake.close())
    return lake
  }

  return {
    bucket,
    localFolder,
    openWith,
    open: (clock = systemClock) => openWith({ clock }),
    write: (path, bytes) => server.put(bucket, prefix + path, Buffer.from(bytes)),
    async remove(path) {
      await server.client.send(new DeleteObjectCommand(at(path)))
    },
    has: (path) =>
      server.client.send(new HeadObjectCommand(at(path))).then(
        () => true,
        () => false,
      ),
  }
}
