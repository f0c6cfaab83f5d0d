import { open, readFile } from 'node:fs/promises'

import type { Ids } from '#kernel/ids.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { LakeFile } from '#lake/lake.ts'
import { compareObject, damaged, isMissing, locate, type S3Place } from '#lake/s3-objects.ts'
import { findEarlierUpload, noteUpload, type EarlierUpload } from '#lake/upload-note.ts'
import type { StagedFile } from '#model/outcome.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import { deleteObjects } from '#object-storage/delete-objects.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import { putObject } from '#object-storage/upload.ts'
import type { UploadOutcome } from '#object-storage/upload.ts'
import { uploadInParts } from '#object-storage/upload-in-parts.ts'

/** Uploads that arrive with other bytes than were sent. */
const UPLOADS_MAX = 3
/** Where the conditional write is tried out; no file of the lake can be named so. */
export const PROBES = '.probe/'

export interface Uploader {
  /**
   * The object is whole and equal when this returns. Throws `file-damaged` when the name holds other
   * bytes. A resumable upload that a dead process has begun is gone on with, under the name that it
   * has; the answer has the name.
   */
  upload(staged: StagedFile, file: LakeFile, resumable: boolean): Promise<LakeFile>
}

/**
 * Uploads under names that must be free. Where the server has conditional writes, it is the one that
 * refuses a taken name; elsewhere a look before the upload is all there is, and enough: a name holds
 * the attempt's fencing number, so only the same attempt can come again, with the same bytes.
 */
export function createUploader(
  place: S3Place,
  ids: Ids,
  confirm: (file: LakeFile, crc32: string | undefined) => Promise<boolean>,
): Uploader {
  const { session } = place
  let conditional: Promise<boolean> | undefined

  function hasConditionalWrites(): Promise<boolean> {
    conditional ??= tryCondition(place, ids).catch((error: unknown) => {
      conditional = undefined
      throw error
    })
    return conditional
  }

  async function send(
    staged: StagedFile,
    file: LakeFile,
    { ifFree, resumable, earlier }: Way,
  ): Promise<{ outcome: UploadOutcome; crc32?: string }> {
    const at = locate(place, file.path)
    const accept = (found: string) => {
      if (found !== file.sha256) throw stagedDamaged(staged, found)
    }
    if (file.sizeBytes <= place.partBytes && !earlier) {
      const bytes = await readFile(staged.path)
      accept(sha256(bytes))
      return { outcome: await putObject(session, at, bytes, { ifFree, sha256: file.sha256 }) }
    }
    await using handle = await open(staged.path)
    const { sizeBytes } = file
    const { partBytes, parallelParts } = place
    return await uploadInParts(session, {
      at,
      file: handle,
      sizeBytes,
      partBytes,
      parallelParts,
      ifFree,
      accept,
      ...(earlier && { earlier }),
      ...(resumable && { onBegun: (upload) => noteUpload(staged, file, upload) }),
    })
  }

  return {
    async upload(staged, wanted, resumable) {
      const ifFree = await hasConditionalWrites()
      let earlier = resumable ? await findEarlierUpload(place, staged) : null
      const file = earlier ? { ...wanted, path: earlier.path } : wanted
      if (earlier) sayResumed(place, file, earlier)
      // Of a big file that is there already nothing is sent in vain.
      const look = !ifFree || file.sizeBytes > place.partBytes
      for (let tries = 1; ; tries++) {
        if (look && (await isTaken(place, file))) {
          if (await confirm(file, undefined)) return file
          throw taken(file)
        }
        const { outcome, crc32 } = await send(staged, file, { ifFree, resumable, earlier })
        if (await confirm(file, crc32)) return file
        earlier = null
        if (outcome === 'taken') throw taken(file)
        await deleteObjects(session, place.bucket, [place.prefix + file.path])
        if (tries === UPLOADS_MAX) {
          const path = formatS3Location(locate(place, file.path))
          const reason = 'the server keeps other bytes than were sent'
          throw new MillraceError('lake-unreachable', { path, reason, tries })
        }
      }
    },
  }
}

interface Way {
  readonly ifFree: boolean
  readonly resumable: boolean
  readonly earlier: EarlierUpload | null
}

function sayResumed({ session }: S3Place, { path, sizeBytes }: LakeFile, earlier: EarlierUpload) {
  const sentBytes = [...earlier.sent.values()].reduce((sum, part) => sum + part.sizeBytes, 0)
  session.log.info('an upload goes on where a process that died has stopped', {
    path,
    sentBytes,
    sizeBytes,
  })
}

async function isTaken(place: S3Place, file: LakeFile): Promise<boolean> {
  try {
    await compareObject(place, file)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** Asks the server once: some refuse the condition, others do not see it. */
async function tryCondition(place: S3Place, ids: Ids): Promise<boolean> {
  const { session, bucket } = place
  const at = locate(place, PROBES + ids.next('condition'))
  const bytes = Buffer.from('condition')
  try {
    await putObject(session, at, bytes, { ifFree: true })
    return (await putObject(session, at, bytes, { ifFree: true })) !== 'written'
  } catch (error) {
    const { status, code } = answerOf(error)
    if (status === 501 || code === 'NotImplemented' || code === 'InvalidRequest') return false
    throw error
  } finally {
    await deleteObjects(session, bucket, [at.key]).catch(() => {})
  }
}

function taken(file: LakeFile): MillraceError {
  return damaged(file, `sha256:${file.sha256}`, 'another file of this name')
}

function stagedDamaged(staged: StagedFile, found: string): MillraceError {
  return new MillraceError('file-damaged', {
    path: staged.path,
    expected: `sha256:${staged.sha256}`,
    found: `sha256:${found}`,
  })
}
