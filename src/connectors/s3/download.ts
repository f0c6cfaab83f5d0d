import type { Readable } from 'node:stream'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3'

import type { ConnectorContext, FetchRequest, ObjectInfo } from '#connectors/connector.ts'
import { localFault } from '#connectors/disk-error.ts'
import { loadS3 } from '#connectors/s3/s3-client.ts'
import { isChange } from '#connectors/s3/s3-error.ts'
import type { S3Location } from '#connectors/s3/s3-location.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'
import { withTries } from '#connectors/s3/tries.ts'
import type { Try } from '#connectors/s3/tries.ts'
import { writeAll } from '#connectors/write-all.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Chunks are gathered to this size before they are written. */
const WRITE_BYTES = 512 * 1024

export interface DownloadJob {
  readonly client: S3Client
  readonly at: S3Location
  readonly info: ObjectInfo
  readonly request: FetchRequest
  readonly options: S3Options
  readonly context: ConnectorContext
}

/** A range of the object; `done` bytes of it are on the disk and are never asked for again. */
interface Part {
  readonly start: number
  readonly end: number
  done: number
}

/**
 * Reads the object in ranges side by side into a new file. Every range is tied to the tag of
 * `info`, so bytes of two versions never mix: `source-changing` when there is another one.
 */
export async function download(job: DownloadJob, path: string): Promise<void> {
  const { info, options, request } = job
  const parts: Part[] = []
  for (let start = 0; start < info.sizeBytes; start += options.partBytes) {
    parts.push({ start, end: Math.min(start + options.partBytes, info.sizeBytes), done: 0 })
  }
  const failed = new AbortController()
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal
  await using file = await open(path, 'wx', 0o600)
  let bytes = 0
  const queue = parts.values()
  const workers = Array.from(
    { length: Math.min(options.parallelParts, parts.length) },
    async () => {
      for (const part of queue) {
        await withTries(info.location, options, job.context, signal, (attempt) =>
          readPart(job, part, file, attempt, (count) => {
            bytes += count
            request.onProgress?.(bytes, info.sizeBytes)
          }),
        )
      }
    },
  )
  for (const worker of workers) worker.catch((error: unknown) => failed.abort(error))
  // All of them have ended before the file is closed; the first failure is the one that is told.
  await Promise.allSettled(workers)
  request.signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
}

async function readPart(
  { client, at, info, request }: DownloadJob,
  part: Part,
  file: FileHandle,
  attempt: Try,
  onWritten: (bytes: number) => void,
): Promise<void> {
  const from = part.start + part.done
  const whole = from === 0 && part.end === info.sizeBytes
  const { GetObjectCommand } = await loadS3()
  const command = new GetObjectCommand({
    Bucket: at.bucket,
    Key: at.key,
    IfMatch: info.etag,
    ...(whole ? {} : { Range: `bytes=${from}-${part.end - 1}` }),
  })
  const answer = await client
    .send(command, { abortSignal: attempt.signal })
    .catch((error: unknown) => {
      throw isChange(error) ? changing(info) : error
    })
  const body = answer.Body as Readable
  const stop = () => void body.destroy(new Error('stopped'))
  attempt.signal.addEventListener('abort', stop, { once: true })
  try {
    checkAnswer(answer, info, { from, end: part.end, whole })
    await writeBody(body, part, { file, path: request.toPath }, attempt, onWritten)
  } finally {
    attempt.signal.removeEventListener('abort', stop)
    body.on('error', () => {}).destroy()
  }
}

/** What a server may get wrong although it says 200. Throws what is worth another try as a plain error. */
function checkAnswer(
  answer: Pick<GetObjectCommandOutput, 'ETag' | 'ContentRange' | 'ContentLength'>,
  info: ObjectInfo,
  asked: { readonly from: number; readonly end: number; readonly whole: boolean },
): void {
  const { ETag, ContentRange, ContentLength } = answer
  const size = info.sizeBytes
  if (!asked.whole && ContentRange === undefined && ContentLength === size && ETag === info.etag) {
    throw new MillraceError('source-damaged', {
      location: info.location,
      problem: 'the server sends the whole object where a part was asked for',
      hint: `Set partBytes of this source to ${size} or more.`,
    })
  }
  if (ETag === undefined) throw new Error('the server sent bytes without the tag of their object')
  if (ETag !== info.etag) throw changing(info)
  const range = asked.whole ? undefined : `bytes ${asked.from}-${asked.end - 1}/${size}`
  if (ContentRange !== range) {
    throw new Error(
      `the server sent "${ContentRange ?? 'no range'}" where "${range ?? 'all'}" was asked for`,
    )
  }
  const length = asked.end - asked.from
  if (ContentLength !== undefined && ContentLength !== length) {
    throw new Error(`the server announced ${ContentLength} bytes where ${length} were asked for`)
  }
}

/** What arrived before a fault is written, so that the next try goes on behind it. */
async function writeBody(
  body: Readable,
  part: Part,
  to: { readonly file: FileHandle; readonly path: string },
  attempt: Try,
  onWritten: (bytes: number) => void,
): Promise<void> {
  let gathered: Buffer[] = []
  let gatheredBytes = 0
  const write = async () => {
    if (gatheredBytes === 0) return
    const [chunk, bytes] = [Buffer.concat(gathered, gatheredBytes), gatheredBytes]
    gathered = []
    gatheredBytes = 0
    await writeAll(to.file, chunk, part.start + part.done).catch((error: unknown) => {
      throw localFault(error, to.path)
    })
    part.done += bytes
    onWritten(bytes)
  }
  let left = part.end - part.start - part.done
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      attempt.received(chunk.length)
      if (chunk.length > left) throw new Error('the server sent more bytes than were asked for')
      left -= chunk.length
      gathered.push(chunk)
      gatheredBytes += chunk.length
      if (gatheredBytes >= WRITE_BYTES) await write()
    }
  } finally {
    await write()
  }
  if (left > 0) throw new Error(`the server stopped ${left} bytes before the end`)
}

function changing(info: ObjectInfo): MillraceError {
  return new MillraceError('source-changing', { location: info.location })
}
