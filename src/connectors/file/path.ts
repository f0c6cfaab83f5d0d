import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { MillraceError } from '#kernel/errors.ts'

/**
 * The absolute path of a location. A plain path is taken letter by letter (`%20` is three
 * characters); a `file:` URL is decoded. A `/` at the end stays, for prefixes.
 */
export function toPath(location: string, baseFolder: string): string {
  const written = /^file:/i.test(location) ? fromUrl(location) : location
  if (written === '' || written.includes('\0')) {
    throw new MillraceError('location-invalid', {
      location,
      problem: written === '' ? 'is empty' : 'holds a NUL character',
      hint: 'Give the path of a file.',
    })
  }
  const path = resolve(baseFolder, written)
  return written.endsWith('/') && path !== '/' ? `${path}/` : path
}

function fromUrl(location: string): string {
  try {
    return fileURLToPath(location)
  } catch (cause) {
    throw new MillraceError(
      'location-invalid',
      {
        location,
        problem: 'is no file URL of this machine',
        hint: 'Write it as file:///folder/name.csv, or as a plain path.',
      },
      { cause },
    )
  }
}
