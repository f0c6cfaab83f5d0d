import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

import { createCrc32, createCrc32c, createCrc64Nvme } from '#connectors/s3/crc.ts'
import type { RunningChecksum } from '#connectors/s3/crc.ts'
import { headObject } from '#connectors/s3/head-object.ts'
import type { Head } from '#connectors/s3/head-object.ts'
import type { SourceSession } from '#connectors/s3/s3-session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

const CHUNK_BYTES = 1024 * 1024

interface Expected {
  /** For messages: `CRC32`. */
  readonly name: string
  readonly value: string
  start(): RunningChecksum
}

/**
 * Compares the received file with one checksum that the server tells of the whole object: the
 * quickest of those that it has. Where it tells none (an object uploaded in unequal parts), length
 * and tag are what there is. Throws `source-damaged`.
 */
export async function verifyObject(
  session: SourceSession,
  at: S3Location,
  head: Head,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const expected = wholeChecksum(head) ?? (await etagChecksum(session, at, head, signal))
  if (expected === null) {
    session.log.debug('the server tells no checksum', { location: head.info.location })
    return
  }
  const found = await checksumOf(path, expected.start(), signal)
  if (found === expected.value) return
  throw new MillraceError('source-damaged', {
    location: head.info.location,
    problem: `its ${expected.name} should be ${expected.value} and is ${found}`,
    hint: expected.name.startsWith('ETag')
      ? 'Fetch it again; if it stays, this tag is no MD5 (a server that is not Amazon’s, parts of unequal sizes): set etagIsMd5: false for this source.'
      : 'Fetch it again; if it stays, the object was damaged where it lies.',
  })
}

function wholeChecksum({ answer }: Head): Expected | null {
  // COMPOSITE: a checksum of the parts' checksums, which says nothing without the parts' sizes.
  if (answer.ChecksumType === 'COMPOSITE') return null
  const candidates: [string, string | undefined, () => RunningChecksum][] = [
    ['CRC32', answer.ChecksumCRC32, createCrc32],
    ['SHA256', answer.ChecksumSHA256, () => createDigest('sha256')],
    ['SHA1', answer.ChecksumSHA1, () => createDigest('sha1')],
    ['CRC32C', answer.ChecksumCRC32C, createCrc32c],
    ['CRC64NVME', answer.ChecksumCRC64NVME, createCrc64Nvme],
  ]
  for (const [name, value, start] of candidates) {
    if (value !== undefined && !value.includes('-')) return { name, value, start }
  }
  return null
}

/** MD5 of the object, or of its parts' MD5s when all parts but the last have the first one's size. */
async function etagChecksum(
  session: SourceSession,
  at: S3Location,
  { info, answer }: Head,
  signal: AbortSignal | undefined,
): Promise<Expected | null> {
  const encrypted =
    answer.ServerSideEncryption !== undefined && answer.ServerSideEncryption !== 'AES256'
  if (!session.options.etagIsMd5 || encrypted || answer.SSECustomerAlgorithm !== undefined)
    return null
  const [, value, partCount] = /^"([0-9a-f]{32}(?:-(\d+))?)"$/.exec(info.etag) ?? []
  if (value === undefined) return null
  if (partCount === undefined) {
    return { name: 'ETag (MD5)', value, start: () => createDigest('md5', 'hex') }
  }
  const { info: first } = await headObject(session, at, signal, 1)
  const partBytes = first.sizeBytes
  if (Math.ceil(info.sizeBytes / partBytes) !== Number(partCount)) return null
  return { name: 'ETag (MD5 of parts)', value, start: () => createPartsMd5(partBytes) }
}

function createDigest(algorithm: string, encoding: 'base64' | 'hex' = 'base64'): RunningChecksum {
  const hash = createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest(encoding) }
}

/** `<MD5 of the parts' MD5s>-<number of parts>`: the tag of an object that was uploaded in parts. */
function createPartsMd5(partBytes: number): RunningChecksum {
  const outer = createHash('md5')
  let part = createHash('md5')
  let [left, parts] = [partBytes, 0]
  const endPart = () => {
    outer.update(part.digest())
    part = createHash('md5')
    left = partBytes
    parts++
  }
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.subarray(at, at + left)
        part.update(piece)
        at += piece.length
        left -= piece.length
        if (left === 0) endPart()
      }
    },
    digest() {
      if (left < partBytes) endPart()
      return `${outer.digest('hex')}-${parts}`
    },
  }
}

async function checksumOf(
  path: string,
  running: RunningChecksum,
  signal?: AbortSignal,
): Promise<string> {
  await using file = await open(path)
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    signal?.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, buffer.length)
    if (bytesRead === 0) return running.digest()
    running.update(buffer.subarray(0, bytesRead))
  }
}
