import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'

import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'

import { writeAll } from '#kernel/write-all.ts'
import { isChange } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'
import type { Try } from '#object-storage/tries.ts'

/** Chunks are gathered to this size before they are written. */
const WRITE_BYTES = 512 * 1024

export interface DownloadJob {
  readonly at: S3Location
  readonly sizeBytes: number
  /** Every range is tied to this tag, so bytes of two versions never mix; null: any tag will do. */
  readonly etag: string | null
  readonly partBytes: number
  readonly parallelParts: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((bytes: number, totalBytes: number) => void) | undefined
  /** Called for one range after the other, in their order, as soon as all before it are on the disk too. */
  readonly onPart?: (file: FileHandle, start: number, end: number) => Promise<void>
  readonly errors: DownloadErrors
}

/** What the caller wants to be told. */
export interface DownloadErrors {
  /** The object has another tag or another size than was said. */
  changed(found: string): Error
  rangesIgnored(): Error
  /** Our own disk refused bytes. */
  disk(error: unknown): Error
}

/** A range of the object; `done` bytes of it are on the disk and are never asked for again. */
interface Part {
  readonly start: number
  readonly end: number
  done: number
}

/** Reads the object in ranges side by side into a new file. */
export async function download(session: S3Session, job: DownloadJob, path: string): Promise<void> {
  const { sizeBytes, partBytes } = job
  const parts: Part[] = []
  for (let start = 0; start < sizeBytes || start === 0; start += partBytes) {
    parts.push({ start, end: Math.min(start + partBytes, sizeBytes), done: 0 })
  }
  const failed = new AbortController()
  const signal = job.signal ? AbortSignal.any([job.signal, failed.signal]) : failed.signal
  await using file = await open(path, 'wx+', 0o600).catch((error: unknown) => {
    throw job.errors.disk(error)
  })
  const received = parts.map(() => Promise.withResolvers<void>())
  let bytes = 0
  const queue = parts.entries()
  const workers = Array.from({ length: Math.min(job.parallelParts, parts.length) }, async () => {
    for (const [index, part] of queue) {
      await withTries(session, formatS3Location(job.at), { signal }, (attempt) =>
        readPart(session, job, part, file, attempt, (count) => {
          bytes += count
          job.onProgress?.(bytes, sizeBytes)
        }),
      )
      received[index]?.resolve()
    }
  })
  const inOrder = async () => {
    for (const [index, { start, end }] of parts.entries()) {
      await received[index]?.promise
      if (failed.signal.aborted) return
      await job.onPart?.(file, start, end)
    }
  }
  const following = inOrder()
  for (const one of [...workers, following]) {
    one.catch((error: unknown) => {
      failed.abort(error)
      for (const { resolve } of received) resolve()
    })
  }
  // All of them have ended before the file is closed; the first failure is the one that is told.
  await Promise.allSettled([...workers, following])
  job.signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
}

async function readPart(
  { client }: S3Session,
  job: DownloadJob,
  part: Part,
  file: FileHandle,
  attempt: Try,
  onWritten: (bytes: number) => void,
): Promise<void> {
  const from = part.start + part.done
  const whole = from === 0 && part.end === job.sizeBytes
  // A range tells the size of the whole object, which the length of an answer does not; an empty
  // object has no range.
  const ranged = !whole || (job.etag === null && job.sizeBytes > 0)
  const { GetObjectCommand } = await loadS3()
  const command = new GetObjectCommand({
    Bucket: job.at.bucket,
    Key: job.at.key,
    ...(job.etag === null ? {} : { IfMatch: job.etag }),
    ...(ranged ? { Range: `bytes=${from}-${part.end - 1}` } : {}),
  })
  const answer = await client
    .send(command, { abortSignal: attempt.signal })
    .catch((error: unknown) => {
      throw isChange(error) ? job.errors.changed('another object') : error
    })
  const body = answer.Body as Readable
  const stop = () => void body.destroy(new Error('stopped'))
  attempt.signal.addEventListener('abort', stop, { once: true })
  try {
    checkAnswer(answer, job, { from, end: part.end, whole, ranged })
    await writeBody(body, job, part, file, attempt, onWritten)
  } finally {
    attempt.signal.removeEventListener('abort', stop)
    body.on('error', () => {}).destroy()
  }
}

/** What a server may get wrong although it says 200. Throws what is worth another try as a plain error. */
function checkAnswer(
  answer: Pick<GetObjectCommandOutput, 'ETag' | 'ContentRange' | 'ContentLength'>,
  { sizeBytes, etag, errors }: DownloadJob,
  asked: {
    readonly from: number
    readonly end: number
    readonly whole: boolean
    readonly ranged: boolean
  },
): void {
  const { ETag, ContentRange, ContentLength } = answer
  const sameTag = etag === null || ETag === etag
  if (!asked.whole && ContentRange === undefined && ContentLength === sizeBytes && sameTag) {
    throw errors.rangesIgnored()
  }
  if (ETag === undefined) throw new Error('the server sent bytes without the tag of their object')
  if (!sameTag) throw errors.changed('another tag')
  if (asked.ranged) {
    const [, total] = /^bytes \d+-\d+\/(\d+)$/.exec(ContentRange ?? '') ?? []
    if (total !== undefined && Number(total) !== sizeBytes) {
      throw errors.changed(`${total} bytes`)
    }
  }
  const range = asked.ranged ? `bytes ${asked.from}-${asked.end - 1}/${sizeBytes}` : undefined
  // A server without ranges sends all, which is what was asked for.
  const unasked = asked.whole && ContentRange === undefined
  if (ContentRange !== range && !unasked) {
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
  { errors }: DownloadJob,
  part: Part,
  file: FileHandle,
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
    await writeAll(file, chunk, part.start + part.done).catch((error: unknown) => {
      throw errors.disk(error)
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
