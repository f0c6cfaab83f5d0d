import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

import {
  MANIFEST_BYTES_MAX,
  MANIFEST_PATH,
  parseManifest,
  type Manifest,
  type ManifestEntry,
} from '#archive/manifest.ts'
import { readTar, type TarEntry } from '#archive/tar-read.ts'
import { MillraceError } from '#kernel/errors.ts'

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined
  /** Called after each piece of some size, with the bytes of the file that are read. */
  onProgress?(bytes: number, ofBytes: number): void
}

/** Takes the bytes of an entry; they are the manifest's only once it has been read to its end. */
export type TakeEntry = (entry: ManifestEntry, body: AsyncIterable<Buffer>) => Promise<void>

/**
 * Reads an archive from a file, in constant memory: `onManifest` first, then each entry. An entry that is
 * not the next one of the manifest, in name, size or hash, throws `archive-damaged`, which names it; so
 * `take` undoes or hides what it has made of an entry until this has returned.
 */
export async function readArchive(
  path: string,
  onManifest: (manifest: Manifest) => Promise<TakeEntry>,
  options: ReadOptions = {},
): Promise<Manifest> {
  const ofBytes = await sizeOf(path)
  const entries = readTar(countedBytes(path, ofBytes, options))
  const first = await entries.next()
  if (first.done || first.value.path !== MANIFEST_PATH) {
    const entry = first.done ? 'its beginning' : first.value.path
    throw damaged(entry, `is where ${MANIFEST_PATH} should be`)
  }
  const manifest = parseManifest(await wholeBody(first.value))
  const take = await onManifest(manifest)
  for (const expected of manifest.entries) {
    const { value: entry, done } = await entries.next()
    if (done) throw damaged(expected.path, 'is missing')
    if (entry.path !== expected.path)
      throw damaged(entry.path, `is where ${expected.path} should be`)
    if (entry.sizeBytes !== expected.sizeBytes) {
      const problem = `has ${entry.sizeBytes} bytes, the manifest says ${expected.sizeBytes}`
      throw damaged(entry.path, problem)
    }
    const { body, digest } = hashed(entry.body)
    await take(expected, body)
    for await (const _rest of body) continue
    if (digest() !== expected.sha256)
      throw damaged(entry.path, 'does not have the hash of the manifest')
  }
  const more = await entries.next()
  if (!more.done) throw damaged(more.value.path, 'is not in the manifest')
  return manifest
}

function hashed(source: AsyncIterable<Buffer>) {
  const hash = createHash('sha256')
  const pieces = source[Symbol.asyncIterator]()
  const body: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const piece = await pieces.next()
        if (!piece.done) hash.update(piece.value)
        return piece
      },
    }),
  }
  return { body, digest: () => hash.digest('hex') }
}

async function wholeBody({ path, sizeBytes, body }: TarEntry): Promise<Buffer> {
  if (sizeBytes > MANIFEST_BYTES_MAX) {
    throw damaged(path, `has ${sizeBytes} bytes, more than any manifest`)
  }
  return Buffer.concat(await Array.fromAsync(body))
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path)
    // A folder or a pipe has an end that nobody knows.
    if (!found.isFile()) throw new Error('it is no file')
    return found.size
  } catch (error) {
    throw new MillraceError(
      'archive-unreadable',
      { path, message: String(error) },
      { cause: error },
    )
  }
}

async function* countedBytes(
  path: string,
  ofBytes: number,
  { signal, onProgress }: ReadOptions,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
    bytes += (chunk as Buffer).length
    onProgress?.(bytes, ofBytes)
    yield chunk as Buffer
  }
}

function damaged(entry: string, problem: string): MillraceError {
  return new MillraceError('archive-damaged', { entry, problem })
}
