import { createHash, hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

import type { CompletedPart } from '@aws-sdk/client-s3'

import { answerOf } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { base64OfCrc, partAsSent } from '#object-storage/sent-parts.ts'
import type { BegunUpload, SentParts } from '#object-storage/sent-parts.ts'
import { withTries } from '#object-storage/tries.ts'
import { patienceFor, takenOrThrow } from '#object-storage/upload.ts'
import type { UploadOptions, UploadOutcome } from '#object-storage/upload.ts'

/** S3 takes so many parts of an object and no more. */
const PARTS_MAX = 10_000

export interface PartsJob extends UploadOptions {
  readonly at: S3Location
  readonly file: FileHandle
  readonly sizeBytes: number
  /** 5 MiB or more, as S3 wants it. */
  readonly partBytes: number
  readonly parallelParts: number
  /** Sees the SHA-256 of what was read before the parts become an object; a throw leaves none. */
  accept(sha256: string): void
  /** Goes on with this upload of the same object: parts that it has are read, and not sent again. */
  readonly earlier?: { readonly upload: BegunUpload; readonly sent: SentParts } | undefined
  /** Told what another process needs to go on, before the first part is sent. */
  readonly onBegun?: ((upload: BegunUpload) => Promise<void>) | undefined
}

export interface UploadedParts {
  readonly outcome: UploadOutcome
  /** CRC-32 of the whole, big-endian in base 64. */
  readonly crc32: string
}

/** A server that does not know S3's additional checksums gets the MD5 of each part. */
interface Upload extends BegunUpload {
  readonly session: S3Session
  readonly job: PartsJob
}

/**
 * Reads a file once, in order, and sends it in parts side by side. The object comes about in the
 * last request only; a process that dies before leaves an upload that nobody can read and that
 * `abortUploads` removes.
 */
export async function uploadInParts(session: S3Session, job: PartsJob): Promise<UploadedParts> {
  const upload = await begin(session, job)
  try {
    const { parts, crc } = await sendParts(upload)
    const outcome = await complete(upload, parts, crc)
    if (outcome !== 'written') await abort(upload)
    return { outcome, crc32: crc }
  } catch (error) {
    if (answerOf(error).code === 'NoSuchUpload') {
      const location = formatS3Location(job.at)
      const reason = 'the upload was ended before it was complete'
      throw session.unreachable({ location, tries: 1, reason, cause: error })
    }
    await abort(upload)
    throw error
  }
}

async function begin(session: S3Session, job: PartsJob): Promise<Upload> {
  if (job.earlier) return { session, job, ...job.earlier.upload }
  const partBytes = Math.max(job.partBytes, Math.ceil(job.sizeBytes / PARTS_MAX))
  const upload = await create(session, job, partBytes)
  const { id, checksums } = upload
  await job.onBegun?.({ id, partBytes, checksums })
  return upload
}

async function create(session: S3Session, job: PartsJob, partBytes: number): Promise<Upload> {
  const { CreateMultipartUploadCommand } = await loadS3()
  const start = (checksums: boolean) =>
    withTries(session, formatS3Location(job.at), { signal: job.signal }, async (attempt) => {
      const command = new CreateMultipartUploadCommand({
        Bucket: job.at.bucket,
        Key: job.at.key,
        ...(checksums ? { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } : {}),
      })
      const { UploadId } = await session.client.send(command, { abortSignal: attempt.signal })
      if (UploadId === undefined) throw new Error('the server answered 200 without an upload')
      return { session, job, id: UploadId, partBytes, checksums }
    })
  return start(true).catch((error: unknown) => {
    const { status } = answerOf(error)
    if (status === 400 || status === 501) return start(false)
    throw error
  })
}

async function sendParts(upload: Upload): Promise<{ parts: CompletedPart[]; crc: string }> {
  const { job, partBytes } = upload
  const known: SentParts = job.earlier?.sent ?? new Map()
  const failed = new AbortController()
  const signal = job.signal ? AbortSignal.any([job.signal, failed.signal]) : failed.signal
  const parts: CompletedPart[] = []
  const sending = new Set<Promise<void>>()
  const digest = createHash('sha256')
  let crc = 0
  try {
    for (let start = 0; start < job.sizeBytes; start += partBytes) {
      const bytes = await readExactly(job.file, start, Math.min(partBytes, job.sizeBytes - start))
      digest.update(bytes)
      crc = crc32(bytes, crc)
      const number = parts.length + 1
      const there = partAsSent(known, number, bytes, upload)
      parts.push(there ?? { PartNumber: number })
      if (there) continue
      const sent = sendPart(upload, number, bytes, signal)
        .then((part) => void (parts[number - 1] = part))
        .catch((error: unknown) => failed.abort(error))
        .finally(() => sending.delete(sent))
      sending.add(sent)
      if (sending.size >= job.parallelParts) await Promise.race(sending)
      if (failed.signal.aborted) throw failed.signal.reason
    }
    job.accept(digest.digest('hex'))
  } catch (error) {
    failed.abort(error)
  }
  await Promise.all(sending)
  job.signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  return { parts, crc: base64OfCrc(crc) }
}

async function sendPart(
  { session, job, id, checksums }: Upload,
  number: number,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<CompletedPart> {
  const { UploadPartCommand } = await loadS3()
  const crc = base64OfCrc(crc32(bytes))
  const command = new UploadPartCommand({
    Bucket: job.at.bucket,
    Key: job.at.key,
    UploadId: id,
    PartNumber: number,
    Body: bytes,
    ContentLength: bytes.length,
    ...(checksums
      ? { ChecksumAlgorithm: 'CRC32', ChecksumCRC32: crc }
      : { ContentMD5: hash('md5', bytes, 'base64') }),
  })
  const patienceMs = patienceFor(bytes.length * job.parallelParts)
  return withTries(session, formatS3Location(job.at), { signal, patienceMs }, async (attempt) => {
    const { ETag } = await session.client.send(command, { abortSignal: attempt.signal })
    if (ETag === undefined) throw new Error('the server answered 200 without a tag')
    return { PartNumber: number, ETag, ...(checksums ? { ChecksumCRC32: crc } : {}) }
  })
}

async function complete(
  { session, job, id, checksums }: Upload,
  parts: CompletedPart[],
  crc: string,
): Promise<UploadOutcome> {
  const { CompleteMultipartUploadCommand } = await loadS3()
  const command = new CompleteMultipartUploadCommand({
    Bucket: job.at.bucket,
    Key: job.at.key,
    UploadId: id,
    MultipartUpload: { Parts: parts },
    MpuObjectSize: job.sizeBytes,
    ...(checksums ? { ChecksumCRC32: crc, ChecksumType: 'FULL_OBJECT' } : {}),
    ...(job.ifFree ? { IfNoneMatch: '*' } : {}),
  })
  let tries = 0
  const patienceMs = patienceFor(job.sizeBytes)
  const options = { signal: job.signal, patienceMs }
  return withTries(session, formatS3Location(job.at), options, async (attempt) => {
    tries++
    try {
      const { ETag } = await session.client.send(command, { abortSignal: attempt.signal })
      // The server may answer 200 before it is done, and tell the error in the body.
      if (ETag === undefined) throw new Error('the server answered 200 without a tag')
      return 'written'
    } catch (error) {
      // An earlier try ended the upload although its answer did not arrive.
      if (tries > 1 && answerOf(error).code === 'NoSuchUpload') return 'unsure'
      return takenOrThrow(error, job.ifFree, tries)
    }
  })
}

/** Once, and for good or not: what stays is removed by `abortUploads`. */
async function abort({ session, job, id }: Upload): Promise<void> {
  const { AbortMultipartUploadCommand } = await loadS3()
  const command = new AbortMultipartUploadCommand({
    Bucket: job.at.bucket,
    Key: job.at.key,
    UploadId: id,
  })
  await session.client
    .send(command, { abortSignal: AbortSignal.timeout(session.idleTimeoutMs) })
    .catch((error: unknown) => {
      session.log.debug('an upload that was given up stays for the sweep', {
        location: formatS3Location(job.at),
        reason: String(error),
      })
    })
}

/** A file that has become shorter gives fewer bytes, which `accept` then notices. */
async function readExactly(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, start + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}
