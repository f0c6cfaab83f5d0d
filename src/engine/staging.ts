import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

import type { StagedFile } from '#model/outcome.ts'

/**
 * Makes a file that was written under `partPath` durable under `path`, in the same folder: contents
 * synced, renamed, folder synced. COPY promises none of that (it neither syncs nor replaces
 * atomically), so nothing may count a file before this has returned. `hashed`: its SHA-256, where
 * whoever calls has read these very bytes already.
 */
export async function finishFile(
  partPath: string,
  path: string,
  rows: number,
  hashed: string | null = null,
): Promise<StagedFile> {
  const sha256 = hashed ?? (await hashOf(partPath))
  await sync(partPath)
  const { size } = await stat(partPath)
  await rename(partPath, path)
  await sync(dirname(path))
  return { path, sizeBytes: size, sha256, rows }
}

async function hashOf(path: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    digest.update(chunk as Buffer)
  }
  return digest.digest('hex')
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
