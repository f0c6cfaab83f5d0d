import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

import type { CompletedPart, ListPartsCommandOutput } from '@aws-sdk/client-s3'

import { answerOf } from '#object-storage/s3-answer.ts'
import { loadS3 } from '#object-storage/s3-client.ts'
import type { S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'
import { withTries } from '#object-storage/tries.ts'

/** An upload in parts that has begun, as much of it as another process needs to go on with it. */
export interface BegunUpload {
  readonly id: string
  readonly partBytes: number
  /** False: the server does not know S3's additional checksums. */
  readonly checksums: boolean
}

/** What the server has of such an upload, by the numbers of the parts. */
export type SentParts = ReadonlyMap<number, SentPart>

interface SentPart {
  readonly sizeBytes: number
  readonly etag: string
  /** Big-endian in base 64; null: the server does not tell. */
  readonly crc32: string | null
}

/** Null: there is no such upload (it was completed, or given up), or the server does not tell. */
export async function listSentParts(
  session: S3Session,
  at: S3Location,
  id: string,
  signal?: AbortSignal,
): Promise<SentParts | null> {
  const { ListPartsCommand } = await loadS3()
  const sent = new Map<number, SentPart>()
  let page: ListPartsCommandOutput | undefined
  try {
    do {
      const command = new ListPartsCommand({
        Bucket: at.bucket,
        Key: at.key,
        UploadId: id,
        ...(page ? { PartNumberMarker: page.NextPartNumberMarker } : {}),
      })
      page = await withTries(session, formatS3Location(at), { signal }, async (attempt) => {
        const answer = await session.client.send(command, { abortSignal: attempt.signal })
        if (answer.UploadId === undefined)
          throw new Error('the server answered 200 with something else than a list of parts')
        return answer
      })
      for (const { PartNumber, Size, ETag, ChecksumCRC32 } of page.Parts ?? []) {
        if (PartNumber === undefined || Size === undefined || ETag === undefined) continue
        sent.set(PartNumber, { sizeBytes: Size, etag: ETag, crc32: ChecksumCRC32 ?? null })
      }
    } while (page.IsTruncated && page.NextPartNumberMarker)
    return sent
  } catch (error) {
    // Also one that asks for a right of its own for this: there is another way.
    if (answerOf(error).status !== undefined) return null
    throw error
  }
}

/** The part as it is to be named at the end, where the server has exactly these bytes of it. */
export function partAsSent(
  sent: SentParts,
  number: number,
  bytes: Uint8Array,
  { checksums }: Pick<BegunUpload, 'checksums'>,
): CompletedPart | null {
  const part = sent.get(number)
  if (part?.sizeBytes !== bytes.byteLength) return null
  const crc = base64OfCrc(crc32(bytes))
  const isSame = part.crc32 === null ? isMd5(part.etag, bytes) : part.crc32 === crc
  if (!isSame) return null
  return { PartNumber: number, ETag: part.etag, ...(checksums ? { ChecksumCRC32: crc } : {}) }
}

/** The tag of a part is the MD5 of its bytes, but for servers that encrypt it: those send it again. */
function isMd5(etag: string, bytes: Uint8Array): boolean {
  return etag.replaceAll('"', '') === hash('md5', bytes)
}

export function base64OfCrc(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc >>> 0)
  return bytes.toString('base64')
}
