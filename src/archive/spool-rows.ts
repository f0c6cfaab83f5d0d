import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import type { ManifestEntry } from '#archive/manifest.ts'
import { stripSecrets } from '#archive/strip-secrets.ts'

/** Rows of a table, in a file of their own. */
export interface SpooledRows {
  readonly file: string
  readonly rows: number
  readonly sizeBytes: number
  readonly sha256: string
  /** Fields that were secrets, each once: `options.secretAccessKey`. */
  readonly secrets: readonly { readonly row: string; readonly field: string }[]
}

/**
 * Writes lines to a file, without their secrets, and hashes them. Written anew each time, for the
 * transaction that they come from may be run again.
 */
export async function spoolRows(
  folder: string,
  name: string,
  batches: AsyncIterable<readonly string[]>,
  options: { readonly secretFields: readonly string[]; readonly rowName: (line: string) => string },
): Promise<SpooledRows> {
  const file = join(folder, `${name}.ndjson`)
  const hash = createHash('sha256')
  const secrets: { row: string; field: string }[] = []
  let [rows, sizeBytes] = [0, 0]
  await using handle = await open(file, 'w', 0o600)
  for await (const batch of batches) {
    const lines = batch.map((line) => {
      const stripped = stripSecrets(line, options.secretFields)
      for (const field of stripped.fields) secrets.push({ row: options.rowName(line), field })
      return stripped.line
    })
    const bytes = Buffer.from(`${lines.join('\n')}\n`)
    hash.update(bytes)
    await writeAll(handle, bytes)
    rows += lines.length
    sizeBytes += bytes.length
  }
  return { file, rows, sizeBytes, sha256: hash.digest('hex'), secrets }
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  let at = 0
  while (at < bytes.length) at += (await handle.write(bytes, at)).bytesWritten
}

export function entryOf(path: string, { sizeBytes, sha256 }: SpooledRows): ManifestEntry {
  return { path, sizeBytes, sha256 }
}
