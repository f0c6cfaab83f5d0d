import { readFile, writeFile } from 'node:fs/promises'

import { systemCode } from '#kernel/system-code.ts'
import { isLakePath } from '#lake/file-path.ts'
import type { LakeFile } from '#lake/lake.ts'
import { locate, type S3Place } from '#lake/s3-objects.ts'
import type { StagedFile } from '#model/outcome.ts'
import { listSentParts } from '#object-storage/sent-parts.ts'
import type { BegunUpload, SentParts } from '#object-storage/sent-parts.ts'

/** An upload of a staged file that a process which died has begun, and what of it has arrived. */
export interface EarlierUpload {
  /** The name that its object will get. */
  readonly path: string
  readonly upload: BegunUpload
  readonly sent: SentParts
}

interface Note extends BegunUpload {
  readonly path: string
  /** Of the staged file. */
  readonly sha256: string
}

/** Beside the staged file: it moves, and goes, with the folder of the attempt. */
function notePath(staged: StagedFile): string {
  return `${staged.path}.upload`
}

export async function noteUpload(
  staged: StagedFile,
  { path, sha256 }: LakeFile,
  upload: BegunUpload,
): Promise<void> {
  const note: Note = { ...upload, path, sha256 }
  await writeFile(notePath(staged), JSON.stringify(note), { mode: 0o600 })
}

/** Null: there is none that could be gone on with. The parts are compared when they are read again. */
export async function findEarlierUpload(
  place: S3Place,
  staged: StagedFile,
): Promise<EarlierUpload | null> {
  const note = await readNote(staged)
  if (note === null || note.sha256 !== staged.sha256) return null
  const { path, id, partBytes, checksums } = note
  const sent = await listSentParts(place.session, locate(place, path), id)
  return sent && { path, upload: { id, partBytes, checksums }, sent }
}

/** What was torn while it was written tells nothing. */
async function readNote(staged: StagedFile): Promise<Note | null> {
  let found: unknown
  try {
    found = JSON.parse(await readFile(notePath(staged), 'utf8'))
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null
    throw error
  }
  const { path, id, partBytes, checksums, sha256 } = (found ?? {}) as Partial<Note>
  const isWhole =
    typeof path === 'string' &&
    isLakePath(path) &&
    typeof id === 'string' &&
    typeof partBytes === 'number' &&
    typeof checksums === 'boolean' &&
    typeof sha256 === 'string'
  return isWhole ? { path, id, partBytes, checksums, sha256 } : null
}
