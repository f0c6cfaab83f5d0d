import { MillraceError } from '#kernel/errors.ts'

export type LakePlace =
  | { readonly kind: 'disk'; readonly folder: string }
  /** `prefix` is empty or ends in `/`. */
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }

/** Reads a folder, `s3://bucket` or `s3://bucket/prefix`. Throws `lake-place-invalid`. */
export function parseLakePlace(place: string): LakePlace {
  const refuse = (problem: string) => new MillraceError('lake-place-invalid', { place, problem })
  if (place === '') throw refuse('it is empty')
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/([^]*)$/i.exec(place) ?? []
  if (scheme === undefined) return { kind: 'disk', folder: place }
  if (scheme.toLowerCase() !== 's3') throw refuse(`${scheme}:// is not supported`)
  const [bucket = '', ...folders] = rest.replace(/\/+$/, '').split('/')
  if (!/^[a-z0-9][a-z0-9.-]+[a-z0-9]$/i.test(bucket)) {
    throw refuse(bucket === '' ? 'it names no bucket' : `"${bucket}" is no name of a bucket`)
  }
  // Plain names only: they mean the same in an address, in a key and in a local path.
  const odd = folders.find((folder) => !/^[\w-][\w.=-]*$/.test(folder))
  if (odd !== undefined) throw refuse(`the prefix may not hold "${odd}"`)
  return { kind: 's3', bucket, prefix: folders.length > 0 ? `${folders.join('/')}/` : '' }
}
