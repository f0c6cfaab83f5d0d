import { MillraceError } from '#kernel/errors.ts'
import type { Ids } from '#kernel/ids.ts'
import { isLakePath } from '#lake/file-path.ts'
import type { Swept } from '#lake/lake.ts'
import { PROBES } from '#lake/s3-adopt.ts'
import { locate, unlessGone, type S3Place } from '#lake/s3-objects.ts'
import { abortUploads } from '#object-storage/abort-uploads.ts'
import { deleteObjects } from '#object-storage/delete-objects.ts'
import { describeObject } from '#object-storage/describe-object.ts'
import { getObject } from '#object-storage/get-object.ts'
import { listObjects, type ListedObject } from '#object-storage/list-objects.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import { putObject } from '#object-storage/upload.ts'

const endOfTime = new Date(8.64e15)

/** Objects that are asked for their sizes side by side. */
const ASKED_AT_ONCE = 8

export interface S3Files {
  remove(paths: readonly string[]): Promise<Swept>
  measureBelow(folder: string): Promise<Swept>
  /** Everything whose path begins so, uploads that have not ended included; returns the paths. */
  removeBelow(folder: string): Promise<string[]>
  /** `paths`: those of the files that were removed. */
  sweep(knownPaths: ReadonlySet<string>, before: Date): Promise<Swept & { paths: string[] }>
  measure(): Promise<Swept>
  probe(): Promise<void>
}

/**
 * Removes only what carries a name that the lake itself gives: whatever else somebody put below the
 * prefix stays.
 */
export function createS3Files(place: S3Place, ids: Ids): S3Files {
  const { session, bucket, prefix } = place
  const lakePath = (key: string) => key.slice(prefix.length)

  async function* objects(): AsyncGenerator<ListedObject & { readonly path: string }> {
    for await (const object of listObjects(session, { bucket, key: prefix })) {
      yield { ...object, path: lakePath(object.key) }
    }
  }

  return {
    async remove(paths) {
      let [files, bytes] = [0, 0]
      const queue = paths.values()
      const ask = async () => {
        for (const path of queue) {
          const found = await describeObject(session, locate(place, path)).catch(unlessGone)
          if (found === null) continue
          files++
          bytes += found.ContentLength
        }
      }
      await Promise.all(Array.from({ length: ASKED_AT_ONCE }, ask))
      const keys = paths.map((path) => prefix + path)
      await deleteObjects(session, bucket, keys)
      return { files, bytes }
    },

    async measureBelow(folder) {
      let [files, bytes] = [0, 0]
      for await (const { sizeBytes } of listObjects(session, { bucket, key: prefix + folder })) {
        files++
        bytes += sizeBytes
      }
      return { files, bytes }
    },

    async removeBelow(folder) {
      const at = { bucket, key: prefix + folder }
      const keys: string[] = []
      for await (const { key } of listObjects(session, at)) keys.push(key)
      await deleteObjects(session, bucket, keys)
      await abortUploads(session, at, endOfTime, () => true).catch(unlessUnknown)
      return keys.map(lakePath)
    },

    async sweep(knownPaths, before) {
      const doomed: string[] = []
      const paths: string[] = []
      let bytes = 0
      for await (const { key, path, sizeBytes, modifiedAt } of objects()) {
        if (modifiedAt > before) continue
        if (path.startsWith(PROBES)) doomed.push(key)
        if (!isLakePath(path) || knownPaths.has(path)) continue
        doomed.push(key)
        paths.push(path)
        bytes += sizeBytes
      }
      await deleteObjects(session, bucket, doomed)
      await abortUploads(session, { bucket, key: prefix }, before, (key) =>
        isLakePath(lakePath(key)),
      ).catch(unlessUnknown)
      return { files: paths.length, bytes, paths }
    },

    async measure() {
      let [files, bytes] = [0, 0]
      for await (const { path, sizeBytes } of objects()) {
        if (!isLakePath(path)) continue
        files++
        bytes += sizeBytes
      }
      return { files, bytes }
    },

    async probe() {
      const at = locate(place, PROBES + ids.next('probe'))
      const bytes = Buffer.from('probe')
      await putObject(session, at, bytes, { ifFree: false })
      try {
        if ((await getObject(session, at)).equals(bytes)) return
        const path = formatS3Location(at)
        const reason = 'the server gives other bytes than were sent'
        throw new MillraceError('lake-unreachable', { path, reason, tries: 1 })
      } finally {
        await deleteObjects(session, bucket, [at.key])
      }
    },
  }
}

/** Some servers have no lists of uploads. */
function unlessUnknown(error: unknown): void {
  if (answerOf(error).code !== 'NotImplemented') throw error
}
