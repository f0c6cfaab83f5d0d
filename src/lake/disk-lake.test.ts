import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { buildFolder, code, pathOf, stage, testLake } from '#lake/conformance.ts'
import { openDiskLake } from '#lake/disk-lake.ts'

testLake({
  name: 'on disk',
  everyBit: 1,
  async build(t) {
    const folder = await buildFolder(t)
    return {
      open: (clock = systemClock) => openDiskLake({ folder, clock }),
      async write(path, bytes) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), bytes)
      },
      remove: (path) => rm(join(folder, path)),
      has: async (path) => existsSync(join(folder, path)),
    }
  },
})

async function buildLake(t: TestContext) {
  const folder = await buildFolder(t)
  return { folder, lake: await openDiskLake({ folder, clock: systemClock }) }
}

test('damage that leaves size and time as they were is found by the next process and by a fresh look', async (t) => {
  const { lake, folder } = await buildLake(t)
  const file = await lake.adopt(await stage(lake, 'a1', 'rows'), pathOf(1))
  const path = join(folder, file.path)
  const past = new Date('2021-04-01T00:00:00Z')
  await utimes(path, past, past)
  await lake.verify(file)
  await writeFile(path, 'rowz')
  await utimes(path, past, past)
  const next = await openDiskLake({ folder, clock: systemClock })
  await assert.rejects(next.verify(file), (error: unknown) => {
    assert.ok(error instanceof MillraceError)
    assert.equal(error.details['path'], file.path)
    assert.equal(error.details['expected'], `sha256:${sha256('rows')}`)
    assert.equal(error.details['found'], `sha256:${sha256('rowz')}`)
    return error.code === 'file-damaged'
  })
  await assert.rejects(lake.verify(file, { fresh: true }), code('file-damaged'))
})

test(
  'a folder that may not be written is named',
  { skip: process.getuid?.() === 0 && 'root may write everywhere' },
  async (t) => {
    const { lake, folder } = await buildLake(t)
    const staged = await stage(lake, 'a1', 'rows')
    await chmod(folder, 0o500)
    try {
      await assert.rejects(lake.adopt(staged, pathOf(1)), code('lake-denied'))
    } finally {
      await chmod(folder, 0o700)
    }
  },
)

test('a lake in the place of a file is refused', async (t) => {
  const { folder } = await buildLake(t)
  await writeFile(join(folder, 'file'), '')
  const opening = openDiskLake({ folder: join(folder, 'file'), clock: systemClock })
  await assert.rejects(opening, code('lake-denied'))
})
