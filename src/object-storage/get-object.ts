import type { Readable } from 'node:stream'

import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

/** All bytes of a small object. What the server refuses is thrown as the library's error. */
export async function getObject(
  session: S3Session,
  at: S3Location,
  signal?: AbortSignal,
): Promise<Buffer> {
  const { GetObjectCommand } = await loadS3()
  const command = new GetObjectCommand({ Bucket: at.bucket, Key: at.key })
  return withTries(session, formatS3Location(at), { signal }, async (attempt) => {
    const answer = await session.client.send(command, { abortSignal: attempt.signal })
    const body = answer.Body as Readable
    const stop = () => void body.destroy(new Error('stopped'))
    attempt.signal.addEventListener('abort', stop, { once: true })
    try {
      const chunks: Buffer[] = []
      for await (const chunk of body as AsyncIterable<Buffer>) {
        attempt.received(chunk.length)
        chunks.push(chunk)
      }
      const bytes = Buffer.concat(chunks)
      if (answer.ETag === undefined || (answer.ContentLength ?? bytes.length) !== bytes.length) {
        throw new Error(`the server sent ${bytes.length} of ${answer.ContentLength ?? '?'} bytes`)
      }
      return bytes
    } finally {
      attempt.signal.removeEventListener('abort', stop)
      body.on('error', () => {}).destroy()
    }
  })
}
