import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { ErrorCode } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { openDiskLake } from '#lake/disk-lake.ts'
import { makeReadOnly, mountSmallDisk } from '../../test/support/small-disk.ts'

const SIZE_BYTES = 256 * 1024
const path = 'acme/top_users/202104/t1-f1-data.parquet'
const code = (expected: ErrorCode) => (error: unknown) =>
  error instanceof MillraceError && error.code === expected

/** Takes every inode and byte that is left. */
async function fill(folder: string): Promise<string> {
  const filler = join(folder, 'filler')
  for (let size = SIZE_BYTES; size > 0; size = Math.floor(size / 2)) {
    await writeFile(filler, Buffer.alloc(size), { flag: 'a' }).catch(() => {})
  }
  return filler
}

test('a full disk is lake-full, what is published stays readable, and space heals it', async (t) => {
  const folder = mountSmallDisk(t, SIZE_BYTES)
  if (folder === null) return
  const lake = await openDiskLake({ folder, clock: systemClock })
  const staged = join(await lake.staging('a1'), 'data.parquet')
  await writeFile(staged, 'published')
  const about = { sizeBytes: 9, sha256: sha256('published'), rows: 1 }
  const file = await lake.adopt({ path: staged, ...about }, path)
  const filler = await fill(folder)
  await assert.rejects(lake.probe(), code('lake-full'))
  assert.equal(await readFile(await lake.localPath(file), 'utf8'), 'published')
  assert.ok((await lake.usage()).freeBytes < 4096)
  await rm(filler)
  await lake.probe()
})

test('a read-only disk is lake-denied, and what is published stays readable', async (t) => {
  const folder = mountSmallDisk(t, SIZE_BYTES)
  if (folder === null) return
  const lake = await openDiskLake({ folder, clock: systemClock })
  const staged = join(await lake.staging('a1'), 'data.parquet')
  await writeFile(staged, 'published')
  const about = { sizeBytes: 9, sha256: sha256('published'), rows: 1 }
  const file = await lake.adopt({ path: staged, ...about }, path)
  makeReadOnly(folder)
  for (const attempt of [lake.probe, () => lake.staging('a2'), () => lake.remove([path])]) {
    await assert.rejects(attempt(), (error) => {
      assert.match(String(error), /the disk is read-only/)
      return code('lake-denied')(error)
    })
  }
  await lake.verify(file, { fresh: true })
  assert.deepEqual(readdirSync(join(folder, 'acme/top_users/202104')), ['t1-f1-data.parquet'])
})
