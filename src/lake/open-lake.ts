import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { openDiskLake } from '#lake/disk-lake.ts'
import type { Lake } from '#lake/lake.ts'
import { parseLakePlace } from '#lake/lake-place.ts'
import { openS3Lake } from '#lake/s3-lake.ts'
import type { S3Access } from '#object-storage/s3-client.ts'

export interface LakeOptions {
  /** A folder, `s3://bucket` or `s3://bucket/prefix`. */
  readonly place: string
  /** Where a lake on S3 stages and caches: a private folder that processes of one machine may share. */
  readonly localFolder: string
  /** Size of that cache: it is larger only by what is in use. */
  readonly cacheMaxBytes: number
  readonly s3?: S3Access | undefined
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** Throws `lake-place-invalid`, `lake-full`, `lake-denied`. */
export function openLake(options: LakeOptions): Promise<Lake> {
  const { localFolder, cacheMaxBytes, clock, random, log } = options
  const place = parseLakePlace(options.place)
  if (place.kind === 'disk') return openDiskLake({ folder: place.folder, clock })
  const { bucket, prefix } = place
  const access = options.s3 ?? {}
  return openS3Lake({ bucket, prefix, access, localFolder, cacheMaxBytes, clock, random, log })
}
