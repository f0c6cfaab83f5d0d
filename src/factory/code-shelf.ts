import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { packFileOf, readBundle, type BundledPack } from '#factory/code-bundle.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Lake } from '#lake/lake.ts'
import type { DatasetDefinition, Pack, SourceDefinition } from '#model/definition.ts'
import type { EndpointDefinition } from '#model/endpoint.ts'

/** Deployed code, ready to run: the same for whoever loads the same hash. */
export interface LoadedCode {
  readonly hash: string
  /** Their folders hold the packs' own files, and nothing else. */
  readonly packs: readonly Pack[]
  /** Inputs before what reads them. */
  readonly datasets: readonly DatasetDefinition[]
  readonly endpoints: readonly EndpointDefinition[]
  /** The local copy of the file in its pack that a reference table is read from, and its SHA-256. */
  fileOf(source: SourceDefinition): { readonly path: string; readonly sha256: string }
}

export interface CodeShelf {
  /** Throws `code-unreadable`; what passes by itself (`lake-unreachable`) comes out as it is. */
  load(hash: string): Promise<LoadedCode>
}

/** Code out of the lake by its hash, unpacked once below `folder` and kept in memory. */
export function openCodeShelf(parts: {
  readonly lake: Pick<Lake, 'readCode'>
  readonly folder: string
  readonly ids: Ids
}): CodeShelf {
  const loaded = new Map<string, Promise<LoadedCode>>()

  async function load(hash: string): Promise<LoadedCode> {
    const bytes = await parts.lake.readCode(hash).catch((error: unknown) => {
      throw unreadable(hash, error)
    })
    const { packs } = readBundle(bytes)
    const home = join(parts.folder, hash)
    await unpack(home, packs, parts.ids)
    const unpacked = packs.map(({ files: _files, ...pack }) => ({
      ...pack,
      folder: join(home, pack.name),
    }))
    return {
      hash,
      packs: unpacked,
      datasets: unpacked.flatMap(({ datasets }) => datasets),
      endpoints: unpacked.flatMap(({ endpoints }) => endpoints),
      fileOf: (source) => fileOf(home, packs, source),
    }
  }

  return {
    load(hash) {
      const known = loaded.get(hash)
      if (known) return known
      const loading = load(hash)
      loaded.set(hash, loading)
      // What could not be read is asked for again.
      loading.catch(() => loaded.delete(hash))
      return loading
    },
  }
}

function unreadable(hash: string, error: unknown): unknown {
  if (error instanceof MillraceError && error.entry.retryable) return error
  const message = error instanceof Error ? error.message : String(error)
  return new MillraceError('code-unreadable', { hash, message }, { cause: error })
}

function fileOf(home: string, packs: readonly BundledPack[], source: SourceDefinition) {
  const pack = packs.find(({ name }) => name === source.pack)
  const file = pack?.files.find(({ path }) => path === packFileOf(source))
  if (!pack || !file) {
    throw new MillraceError('internal', { message: `no file of ${source.name} was bundled` })
  }
  return { path: join(home, pack.name, file.path), sha256: file.sha256 }
}

/**
 * Each file whole under its name at every moment, however many processes unpack the same code: what is
 * there already is kept if it is right, and replaced in one step if it is not.
 */
async function unpack(home: string, packs: readonly BundledPack[], ids: Ids): Promise<void> {
  for (const { name, files } of packs) {
    for (const file of files) {
      const path = join(home, name, file.path)
      const there = await readFile(path).catch(() => null)
      if (there !== null && sha256(there) === file.sha256) continue
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const draft = `${path}.${ids.next('new')}`
      try {
        await writeFile(draft, Buffer.from(file.base64, 'base64'))
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    }
  }
}
