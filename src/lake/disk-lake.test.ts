import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import type { Clock } from '#kernel/clock.ts'
import { systemClock } from '#kernel/clock.ts'
import type { ErrorCode } from '#kernel/errors.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { openDiskLake } from '#lake/disk-lake.ts'
import { filePath } from '#lake/file-path.ts'
import type { Lake } from '#lake/lake.ts'
import type { StagedFile } from '#model/outcome.ts'
import { brandTenant } from '#model/tenant.ts'

const acme = brandTenant(7, 'acme')
const HOUR_MS = 3_600_000

async function buildLake(t: TestContext, clock: Clock = systemClock) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lake-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return { folder, lake: await openDiskLake({ folder, clock }) }
}

async function stage(lake: Lake, attempt: string, text: string): Promise<StagedFile> {
  const path = join(await lake.staging(attempt), 'data.parquet')
  await writeFile(path, text)
  return { path, sizeBytes: Buffer.byteLength(text), sha256: sha256(text), rows: 1 }
}

function pathOf(fence: number): string {
  return filePath({
    tenant: acme,
    dataset: 'top_users',
    firstPartition: '2021-04',
    taskId: 17,
    fence,
    role: 'data',
  })
}

const code = (expected: ErrorCode) => (error: unknown) =>
  error instanceof MillraceError && error.code === expected

test('a staged file moves to its final name and can be read', async (t) => {
  const { lake, folder } = await buildLake(t)
  const staged = await stage(lake, 'a1', 'rows')
  const file = await lake.adopt(staged, pathOf(42))
  assert.equal(file.path, 'acme/top_users/202104/t17-f42-data.parquet')
  assert.equal(await lake.localPath(file), join(folder, file.path))
  assert.equal(await readFile(await lake.localPath(file), 'utf8'), 'rows')
  assert.equal(existsSync(staged.path), false)
})

test('adopting the same file again changes nothing, another one under its name is refused', async (t) => {
  const { lake } = await buildLake(t)
  const staged = await stage(lake, 'a1', 'rows')
  const file = await lake.adopt(staged, pathOf(1))
  assert.deepEqual(await lake.adopt(staged, pathOf(1)), file)
  const other = await stage(lake, 'a2', 'sowr')
  await assert.rejects(lake.adopt(other, pathOf(1)), code('file-damaged'))
  assert.equal(await readFile(await lake.localPath(file), 'utf8'), 'rows')
})

test('a staged file that is shorter than it was is not adopted', async (t) => {
  const { lake } = await buildLake(t)
  const staged = await stage(lake, 'a1', 'rows')
  await writeFile(staged.path, 'ro')
  await assert.rejects(lake.adopt(staged, pathOf(1)), code('file-damaged'))
  assert.equal((await lake.usage()).files, 0)
})

test('two attempts at one partition lie beside each other', async (t) => {
  const { lake } = await buildLake(t)
  const [late, current] = [await stage(lake, 'a1', 'late'), await stage(lake, 'a2', 'current')]
  const kept = await lake.adopt(current, pathOf(2))
  const orphan = await lake.adopt(late, pathOf(1))
  assert.notEqual(kept.path, orphan.path)
  assert.equal(await readFile(await lake.localPath(kept), 'utf8'), 'current')
})

test('every flipped bit is found, also by a process that has read the file before', async (t) => {
  const { lake, folder } = await buildLake(t)
  const text = 'PAR1 some rows of a published file PAR1'
  const file = await lake.adopt(await stage(lake, 'a1', text), pathOf(1))
  await lake.verify(file)
  const path = join(folder, file.path)
  for (let bit = 0; bit < text.length * 8; bit++) {
    const bytes = Buffer.from(text)
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    await writeFile(path, bytes)
    await assert.rejects(lake.verify(file), code('file-damaged'), `bit ${bit}`)
  }
  await writeFile(path, text)
  await lake.verify(file)
})

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

test('a torn, a longer and a missing file are told apart from a good one', async (t) => {
  const { lake, folder } = await buildLake(t)
  const file = await lake.adopt(await stage(lake, 'a1', 'rows and rows'), pathOf(1))
  const path = join(folder, file.path)
  for (const torn of ['', 'rows', 'rows and rows and rows']) {
    await writeFile(path, torn)
    await assert.rejects(lake.localPath(file), code('file-damaged'))
  }
  await rm(path)
  await assert.rejects(lake.localPath(file), code('file-missing'))
})

test('a crash before, between and after the steps of a publish leaves orphans only', async (t) => {
  const { lake, folder } = await buildLake(t)
  const known = await lake.adopt(await stage(lake, 'a1', 'published'), pathOf(1))
  await lake.discardStaging('a1')
  await stage(lake, 'a2', 'staged, not adopted')
  const orphan = await lake.adopt(await stage(lake, 'a3', 'adopted, not committed'), pathOf(3))
  // The next process: nothing is at work in it.
  const later: Clock = { ...systemClock, now: () => new Date(Date.now() + 2 * HOUR_MS) }
  const soon = await openDiskLake({ folder, clock: systemClock })
  const knownPaths = new Set([known.path])
  assert.deepEqual(await soon.sweepOrphans(knownPaths, HOUR_MS), { files: 0, bytes: 0 })
  const next = await openDiskLake({ folder, clock: later })
  assert.deepEqual(await next.sweepOrphans(knownPaths, HOUR_MS), { files: 2, bytes: 19 + 22 })
  const { files, bytes, stagingBytes } = await next.usage()
  assert.deepEqual([files, bytes, stagingBytes], [1, 9, 0])
  await next.verify(known)
  await assert.rejects(next.verify(orphan), code('file-missing'))
})

test('sweeping leaves attempts at work and files that are not the lake’s alone', async (t) => {
  const later: Clock = { ...systemClock, now: () => new Date(Date.now() + 2 * HOUR_MS) }
  const { lake, folder } = await buildLake(t, later)
  const staged = await stage(lake, 'a1', 'slow')
  const foreign = join(folder, 'acme', 'sales', 'report.parquet')
  await mkdir(dirname(foreign), { recursive: true })
  await writeFile(foreign, 'mine')
  assert.deepEqual(await lake.sweepOrphans(new Set(), HOUR_MS), { files: 0, bytes: 0 })
  assert.ok(existsSync(staged.path))
  assert.ok(existsSync(foreign))
})

test('removed files are gone, and those that were gone already are fine', async (t) => {
  const { lake } = await buildLake(t)
  const file = await lake.adopt(await stage(lake, 'a1', 'rows'), pathOf(1))
  assert.deepEqual(await lake.remove([file.path, pathOf(99)]), { files: 1, bytes: 4 })
  await assert.rejects(lake.verify(file), code('file-missing'))
})

test('an attempt starts with an empty folder of its own', async (t) => {
  const { lake } = await buildLake(t)
  const staged = await stage(lake, 'a1', 'left by a crash')
  const folder = await lake.staging('a1')
  assert.equal(folder, dirname(staged.path))
  assert.equal(existsSync(staged.path), false)
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
})

test('paths that lead out of the lake are refused', async (t) => {
  const { lake } = await buildLake(t)
  const staged = await stage(lake, 'a1', 'rows')
  const bad = [
    '../acme/x/t1-f1-data.parquet',
    '/etc/x/t1-f1-data.parquet',
    'acme/x/../t1-f1-data.parquet',
  ]
  for (const path of [...bad, 'acme/x/other.parquet', '.staging/x/t1-f1-data.parquet']) {
    await assert.rejects(lake.adopt(staged, path), code('internal'), path)
  }
  await assert.rejects(lake.staging('../a1'), code('internal'))
})

test('a caller that gives up does not spoil the check for the others', async (t) => {
  const { lake, folder } = await buildLake(t)
  const file = await lake.adopt(await stage(lake, 'a1', 'rows'.repeat(1_000_000)), pathOf(1))
  const next = await openDiskLake({ folder, clock: systemClock })
  const control = new AbortController()
  const given = next.verify(file, { signal: control.signal })
  const kept = next.verify(file)
  control.abort()
  await assert.rejects(given, { name: 'AbortError' })
  await kept
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
