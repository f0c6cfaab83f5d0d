import { MillraceError } from '#kernel/errors.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** Throws `location-invalid`. The key may be empty in a prefix only. */
export function parseS3Location(location: string, isPrefix = false): S3Location {
  const [, bucket = '', slash = '', key = ''] = /^s3:\/\/([^/]*)(\/?)([^]*)$/i.exec(location) ?? []
  if (!/^[A-Za-z0-9._{}-]+$/.test(bucket)) {
    throw invalid(
      location,
      bucket === '' ? 'names no bucket' : `has no valid bucket in "${bucket}"`,
    )
  }
  if (slash === '' || (key === '' && !isPrefix)) throw invalid(location, 'names no object')
  return { bucket, key }
}

function invalid(location: string, problem: string): MillraceError {
  const hint = 'Write it as s3://bucket/folder/name.csv, with {yyyy} and {MM} for the month.'
  return new MillraceError('location-invalid', { location, problem, hint })
}
