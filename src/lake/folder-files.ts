import { readdir, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'

import { systemCode } from '#kernel/system-code.ts'
import type { Swept } from '#lake/lake.ts'

export interface FoundFile {
  readonly path: string
  readonly sizeBytes: number
  /** Last change of bytes or of name, in milliseconds since the epoch: a move counts as a touch. */
  readonly touchedMs: number
  /** When it was last read, as far as the disk keeps it. */
  readonly readMs: number
}

/** What comes and goes meanwhile is left out; links are not followed. */
export async function* filesBelow(folder: string): AsyncGenerator<FoundFile> {
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) {
      const found = await stat(path).catch(unlessMissing)
      if (found) {
        const { size, mtimeMs, ctimeMs, atimeMs } = found
        yield { path, sizeBytes: size, touchedMs: Math.max(mtimeMs, ctimeMs), readMs: atimeMs }
      }
    }
  }
}

export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0
  for await (const file of filesBelow(folder)) bytes += file.sizeBytes
  return bytes
}

/** Removes the entries of a folder that are not at work and that nothing below was touched of since a moment. */
export async function sweepEntries(
  root: string,
  atWork: ReadonlySet<string>,
  beforeMs: number,
): Promise<Swept> {
  let files = 0
  let bytes = 0
  for (const entry of await entriesOf(root)) {
    if (atWork.has(entry.name)) continue
    const path = join(root, entry.name)
    const held = await Array.fromAsync(filesBelow(path))
    const own = await stat(path).catch(unlessMissing)
    if (own?.isFile()) held.push({ path, sizeBytes: own.size, touchedMs: own.mtimeMs, readMs: 0 })
    const touchedMs = Math.max(own?.ctimeMs ?? 0, ...held.map((file) => file.touchedMs))
    if (touchedMs > beforeMs) continue
    await rm(path, { recursive: true, force: true })
    files += held.length
    bytes += held.reduce((sum, file) => sum + file.sizeBytes, 0)
  }
  return { files, bytes }
}

/** The size of what was removed; null where there was nothing. */
export async function removeFile(path: string): Promise<number | null> {
  try {
    const { size } = await stat(path)
    await unlink(path)
    return size
  } catch (error) {
    return unlessMissing(error)
  }
}

export async function entriesOf(folder: string) {
  return (await readdir(folder, { withFileTypes: true }).catch(unlessMissing)) ?? []
}

/** Null for a file that is not there; anything else is thrown. */
export function unlessMissing(error: unknown): null {
  if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
  throw error
}
