import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

/** S3 takes so many names in one request. */
const BATCH = 1_000

/**
 * Removes objects, missing ones too. An answer of 200 may refuse some of the names: those are asked
 * for again, and thrown with the server's code as their name when they stay.
 */
export async function deleteObjects(
  session: S3Session,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH) {
    let left = keys.slice(start, start + BATCH)
    const location = formatS3Location({ bucket, key: left[0] ?? '' })
    await withTries(session, location, {}, async (attempt) => {
      left = await deleteBatch(session, bucket, left, attempt.signal)
      if (left.length > 0) throw new Error(`the server left ${left.length} names unanswered`)
    })
  }
}

/** The names that are to be asked for again. */
async function deleteBatch(
  { client }: S3Session,
  bucket: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const { DeleteObjectsCommand } = await loadS3()
  const command = new DeleteObjectsCommand({
    Bucket: bucket,
    Delete: { Objects: keys.map((Key) => ({ Key })) },
  })
  const { Deleted, Errors } = await client.send(command, { abortSignal: signal })
  for (const { Code = '', Message = '' } of Errors ?? []) {
    if (/^(InternalError|SlowDown|ServiceUnavailable|RequestTimeout|NoSuchKey)$/.test(Code))
      continue
    const error = new Error(Message)
    error.name = Code
    throw Object.assign(error, {
      $metadata: { httpStatusCode: Code === 'AccessDenied' ? 403 : 400 },
    })
  }
  const done = new Set(Deleted?.map(({ Key }) => Key))
  for (const { Key, Code } of Errors ?? []) if (Code === 'NoSuchKey') done.add(Key)
  return keys.filter((key) => !done.has(key))
}
