import { copyFile, readFile, rename, rm, stat } from 'node:fs/promises'

import { MillraceError } from '#kernel/errors.ts'
import { systemCode } from '#kernel/system-code.ts'
import type { QueryFormat, QueryJob, QueryResult } from '#engine/readers/query-job.ts'
import type { FollowedFile } from '#engine/readers/follow-file.ts'
import { finishFile } from '#engine/staging.ts'

/**
 * Brings what a child has written to where it was asked for; nothing stays under `outPath`, which
 * `followed` has read already as far as it went.
 */
export async function takeAnswer(
  outPath: string,
  { to, format, subject, limits }: Pick<QueryJob, 'to' | 'format' | 'subject' | 'limits'>,
  { rows, more }: { readonly rows: number; readonly more: boolean },
  followed: FollowedFile | null,
): Promise<Pick<QueryResult, 'bytes' | 'file'>> {
  const { size } = await stat(outPath)
  if (size > limits.bytesMax) {
    await rm(outPath, { force: true })
    const limitMb = Math.max(1, Math.round(limits.bytesMax / 1e6))
    throw new MillraceError('answer-too-large', { subject, limitMb })
  }
  if (to.kind === 'inline') {
    const bytes = await readFile(outPath)
    await rm(outPath)
    return { bytes: more ? withoutLastRow(bytes, format) : bytes, file: null }
  }
  const partPath = `${to.path}.part`
  const hashed = (await followed?.finish()) ?? null
  // A copy on another disk is read itself.
  const isCopy = await move(outPath, partPath)
  const { sizeBytes, sha256 } = await finishFile(partPath, to.path, rows, isCopy ? null : hashed)
  return { bytes: null, file: { path: to.path, sizeBytes, sha256 } }
}

/** True: its bytes had to be copied. */
async function move(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return false
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error
    await copyFile(from, to)
    await rm(from)
    return true
  }
}

/** Formats whose last row can be cut off; the others are written again with one row fewer. */
export function canLoseLastRow(format: QueryFormat, to: QueryJob['to']): boolean {
  return format !== 'parquet' && to.kind === 'inline'
}

function withoutLastRow(bytes: Buffer, format: QueryFormat): Uint8Array {
  switch (format) {
    case 'json': {
      // A line break inside of a text is written as \n, so this one begins a row.
      const at = bytes.lastIndexOf('\n\t')
      const before = bytes[at - 1] === 0x2c ? at - 1 : at
      return Buffer.concat([bytes.subarray(0, before), Buffer.from('\n]\n')])
    }
    case 'ndjson':
      return bytes.subarray(0, bytes.lastIndexOf('\n', bytes.length - 2) + 1)
    case 'csv':
      return bytes.subarray(0, lastRecordAt(bytes))
    case 'parquet':
      throw new MillraceError('internal', { message: 'a Parquet file cannot lose a row' })
  }
}

/** A line break between quotes is part of a text; a quote inside of one is written twice. */
function lastRecordAt(bytes: Buffer): number {
  let isQuoted = false
  let at = 0
  let start = 0
  for (; at < bytes.length - 1; at++) {
    if (bytes[at] === 0x22) isQuoted = !isQuoted
    else if (bytes[at] === 0x0a && !isQuoted) start = at + 1
  }
  return start
}
