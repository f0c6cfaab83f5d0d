import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { canonicalJson, sha256 } from '#kernel/hash.ts'
import { systemCode } from '#kernel/system-code.ts'
import { millraceVersion } from '#kernel/version.ts'
import type { Delivery } from '#catalog/deliveries.ts'
import type { RowFormat } from '#model/row-format.ts'
import { hashFile } from '#lake/verified-files.ts'
import type { StagedFile } from '#model/outcome.ts'
import type { Answer } from '#serving/answer.ts'
import type { Cells } from '#serving/question.ts'

/** In the folder of an attempt: the file beside it holds every row, and these are its bytes. */
const NOTE = 'whole.json'

interface Note extends Omit<StagedFile, 'path'> {
  readonly made: string
}

/**
 * The staging folder of an attempt: what the names of one delivery begin with, and the whole. They tell
 * deliveries of different deployments apart, which may share the disk.
 */
export function stagingOf(
  delivery: string,
  fence: number,
): { readonly beginning: string; readonly name: string } {
  const beginning = `${delivery}-f`
  return { beginning, name: beginning + fence }
}

/** Where the file of an answer comes to lie in the folder of an attempt. */
export function answerPath(folder: string, { format }: Pick<Delivery, 'format'>): string {
  return join(folder, `answer.${format}`)
}

/** Equal where the same code would write the same bytes for this delivery. */
export function madeOf(answer: Answer, { id, format, cells }: Delivery): string {
  const etag = answer.etag(format as RowFormat, cells as Cells)
  return sha256(canonicalJson(['whole file 1', id, etag, millraceVersion()]))
}

/** Lets an attempt after this one find the file whole. */
export async function noteWhole(folder: string, file: StagedFile, made: string): Promise<void> {
  const { sizeBytes, rows } = file
  const note: Note = { made, sizeBytes, sha256: file.sha256, rows }
  await writeFile(join(folder, NOTE), JSON.stringify(note), { mode: 0o600 })
}

/**
 * The whole file that an attempt before this one has left in its folder, every byte of it read and
 * compared; null: there is none, or it was made of something else.
 */
export async function findWhole(
  folder: string,
  delivery: Pick<Delivery, 'format'>,
  made: string,
): Promise<StagedFile | null> {
  const path = answerPath(folder, delivery)
  try {
    const found = JSON.parse(await readFile(join(folder, NOTE), 'utf8')) as Partial<Note> | null
    const { sizeBytes, rows, ...note } = found ?? {}
    if (note.made !== made || sizeBytes === undefined || rows === undefined) return null
    if ((await stat(path)).size !== sizeBytes) return null
    const hash = await hashFile(path)
    return hash === note.sha256 ? { path, sizeBytes, sha256: hash, rows } : null
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null
    throw error
  }
}
