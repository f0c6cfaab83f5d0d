import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

import type { ManifestEntry } from '#archive/manifest.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Lake } from '#lake/lake.ts'

/** Brings one file back into the lake, once its bytes are those of the manifest. */
export async function restoreFile(
  lake: Lake,
  { folder, path, entry }: { folder: string; path: string; entry: ManifestEntry },
  body: AsyncIterable<Buffer>,
): Promise<void> {
  const staged = join(folder, 'file.parquet')
  const hash = createHash('sha256')
  {
    await using handle = await open(staged, 'w', 0o600)
    for await (const piece of body) {
      hash.update(piece)
      let at = 0
      while (at < piece.length) at += (await handle.write(piece, at)).bytesWritten
    }
  }
  const { sizeBytes, sha256 } = entry
  if (hash.digest('hex') !== sha256) {
    const problem = 'does not have the hash of the manifest'
    throw new MillraceError('archive-damaged', { entry: entry.path, problem })
  }
  await lake.adopt({ path: staged, sizeBytes, sha256, rows: 0 }, path)
}
