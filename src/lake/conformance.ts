import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import type { Clock } from '#kernel/clock.ts'
import { systemClock } from '#kernel/clock.ts'
import type { ErrorCode } from '#kernel/errors.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { filePath } from '#lake/file-path.ts'
import type { Lake } from '#lake/lake.ts'
import type { StagedFile } from '#model/outcome.ts'
import { brandTenant } from '#model/tenant.ts'

/** A lake of a test's own, and the place behind it. */
export interface LakePlace {
  /** As another process would open it. */
  open(clock?: Clock): Promise<Lake>
  /** Replaces or makes what lies under a path, past the lake. */
  write(path: string, bytes: Uint8Array | string): Promise<void>
  remove(path: string): Promise<void>
  has(path: string): Promise<boolean>
}

export interface LakeSubject {
  readonly name: string
  /** Registers one test; node's own by default. */
  readonly test?: (title: string, body: (t: TestContext) => Promise<void>) => void
  build(t: TestContext): Promise<LakePlace>
  /** Of the bits of a small file, each so manieth is flipped. */
  readonly everyBit: number
}

export const HOUR_MS = 3_600_000
export const later = (ms: number): Clock => ({
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + ms),
})

export async function buildFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-lake-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export async function stage(
  lake: Lake,
  attempt: string,
  content: string | Uint8Array,
): Promise<StagedFile> {
  const path = join(await lake.staging(attempt), 'data.parquet')
  await writeFile(path, content)
  return { path, sizeBytes: Buffer.byteLength(content), sha256: sha256(content), rows: 1 }
}

const acme = brandTenant(7, 'acme')
export function pathOf(fence: number): string {
  const address = { tenant: acme, dataset: 'top_users', firstPartition: '2021-04', taskId: 17 }
  return filePath({ ...address, fence, role: 'data' })
}

export const code = (expected: ErrorCode) => (error: unknown) => {
  if (error instanceof MillraceError && error.code === expected) return true
  throw error
}

const read = async (lake: Lake, file: Parameters<Lake['localPath']>[0]) =>
  readFile(await lake.localPath(file), 'utf8')

/** Holds a lake to the contract of `lake.ts`. */
export function testLake(subject: LakeSubject): void {
  const register = subject.test ?? ((title, body) => void test(title, body))
  const check = (title: string, body: (t: TestContext, place: LakePlace) => Promise<void>) =>
    register(`${subject.name}: ${title}`, async (t) => body(t, await subject.build(t)))

  check('a staged file moves to its final name and can be read', async (_t, place) => {
    const lake = await place.open()
    const staged = await stage(lake, 'a1', 'rows')
    const file = await lake.adopt(staged, pathOf(42))
    assert.equal(file.path, 'acme/top_users/202104/t17-f42-data.parquet')
    assert.ok(await place.has(file.path))
    assert.equal(await read(lake, file), 'rows')
    assert.equal(existsSync(staged.path), false)
    assert.equal(await read(await place.open(), file), 'rows')
  })

  check(
    'adopting the same file again changes nothing, another one is refused',
    async (_t, place) => {
      const lake = await place.open()
      const staged = await stage(lake, 'a1', 'rows')
      const file = await lake.adopt(staged, pathOf(1))
      assert.deepEqual(await lake.adopt(staged, pathOf(1)), file)
      assert.deepEqual(await lake.adopt(await stage(lake, 'a1', 'rows'), pathOf(1)), file)
      const next = await place.open()
      for (const other of ['sowr', 'more rows']) {
        await assert.rejects(
          lake.adopt(await stage(lake, 'a2', other), pathOf(1)),
          code('file-damaged'),
        )
        await assert.rejects(
          next.adopt(await stage(next, 'a3', other), pathOf(1)),
          code('file-damaged'),
        )
      }
      assert.equal(await read(lake, file), 'rows')
      await next.verify(file, { fresh: true })
    },
  )

  check('a staged file that is shorter than it was is not adopted', async (_t, place) => {
    const lake = await place.open()
    const staged = await stage(lake, 'a1', 'rows')
    await writeFile(staged.path, 'ro')
    await assert.rejects(lake.adopt(staged, pathOf(1)), code('file-damaged'))
    assert.equal((await lake.usage()).files, 0)
  })

  check('two attempts at one partition lie beside each other', async (_t, place) => {
    const lake = await place.open()
    const [late, current] = [await stage(lake, 'a1', 'late'), await stage(lake, 'a2', 'current')]
    const kept = await lake.adopt(current, pathOf(2))
    const orphan = await lake.adopt(late, pathOf(1))
    assert.notEqual(kept.path, orphan.path)
    assert.equal(await read(lake, kept), 'current')
  })

  check(
    'every flipped bit is found, also by a process that has read it before',
    async (_t, place) => {
      const lake = await place.open()
      const text = 'PAR1 some rows of a published file PAR1'
      const file = await lake.adopt(await stage(lake, 'a1', text), pathOf(1))
      await lake.verify(file)
      for (let bit = 0; bit < text.length * 8; bit += subject.everyBit) {
        const bytes = Buffer.from(text)
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        await place.write(file.path, bytes)
        await assert.rejects(lake.verify(file), code('file-damaged'), `bit ${bit}`)
      }
      await place.write(file.path, text)
      await lake.verify(file)
    },
  )

  check('a torn, a longer and a missing file are told apart from a good one', async (_t, place) => {
    const lake = await place.open()
    const file = await lake.adopt(await stage(lake, 'a1', 'rows and rows'), pathOf(1))
    const next = await place.open()
    await lake.remove([])
    for (const torn of ['', 'rows', 'rows and rowz', 'rows and rows and rows']) {
      await place.write(file.path, torn)
      await assert.rejects(lake.verify(file), code('file-damaged'), torn)
      await assert.rejects(next.verify(file, { fresh: true }), code('file-damaged'), torn)
    }
    await place.remove(file.path)
    await assert.rejects(lake.verify(file), code('file-missing'))
    await assert.rejects(next.verify(file, { fresh: true }), code('file-missing'))
  })

  check('what is handed out was compared with its hash', async (_t, place) => {
    const lake = await place.open()
    const file = { path: pathOf(1), sizeBytes: 4, sha256: sha256('rows') }
    await assert.rejects(lake.localPath(file), code('file-missing'))
    for (const wrong of ['', 'ro', 'rowz', 'rows and more']) {
      await place.write(file.path, wrong)
      await assert.rejects(lake.localPath(file), code('file-damaged'), wrong)
      const hold = lake.hold()
      await assert.rejects(hold.localPath(file), code('file-damaged'), wrong)
      await hold.release()
    }
    await place.write(file.path, 'rows')
    assert.equal(await read(lake, file), 'rows')
  })

  check('what is held stays until it is released', async (_t, place) => {
    const lake = await place.open()
    const file = await lake.adopt(await stage(lake, 'a1', 'rows'), pathOf(1))
    const hold = lake.hold()
    const [path, again] = await Promise.all([hold.localPath(file), hold.localPath(file)])
    assert.equal(path, again)
    assert.equal(await readFile(path, 'utf8'), 'rows')
    await hold.release()
    await hold.release()
    assert.equal(await read(lake, file), 'rows')
  })

  check(
    'a crash before, between and after the steps of a publish leaves orphans',
    async (_t, place) => {
      const lake = await place.open()
      const known = await lake.adopt(await stage(lake, 'a1', 'published'), pathOf(1))
      await lake.discardStaging('a1')
      await stage(lake, 'a2', 'staged, not adopted')
      const orphan = await lake.adopt(await stage(lake, 'a3', 'adopted, not committed'), pathOf(3))
      const knownPaths = new Set([known.path])
      // The next process: nothing is at work in it.
      const soon = await place.open()
      assert.deepEqual(await soon.sweepOrphans(knownPaths, HOUR_MS), { files: 0, bytes: 0 })
      const next = await place.open(later(2 * HOUR_MS))
      assert.deepEqual(await next.sweepOrphans(knownPaths, HOUR_MS), { files: 2, bytes: 19 + 22 })
      const { files, bytes, stagingBytes } = await next.usage()
      assert.deepEqual([files, bytes, stagingBytes], [1, 9, 0])
      await next.verify(known)
      assert.equal(await read(next, known), 'published')
      await assert.rejects(next.verify(orphan), code('file-missing'))
      await assert.rejects(next.localPath(orphan), code('file-missing'))
    },
  )

  check(
    'sweeping leaves attempts at work, code and files that are not the lake’s',
    async (_t, place) => {
      const lake = await place.open(later(2 * HOUR_MS))
      const staged = await stage(lake, 'a1', 'slow')
      const foreign = 'acme/sales/report.parquet'
      await place.write(foreign, 'mine')
      const bundle = Buffer.from('export default 1')
      await lake.writeCode(sha256(bundle), bundle)
      assert.deepEqual(await lake.sweepOrphans(new Set(), HOUR_MS), { files: 0, bytes: 0 })
      assert.ok(existsSync(staged.path))
      assert.ok(await place.has(foreign))
      assert.deepEqual(Buffer.from(await lake.readCode(sha256(bundle))), bundle)
    },
  )

  check('removed files are gone, and those that were gone already are fine', async (_t, place) => {
    const lake = await place.open()
    const file = await lake.adopt(await stage(lake, 'a1', 'rows'), pathOf(1))
    assert.deepEqual(await lake.remove([file.path, pathOf(99)]), { files: 1, bytes: 4 })
    await assert.rejects(lake.verify(file), code('file-missing'))
    await assert.rejects(lake.localPath(file), code('file-missing'))
    assert.deepEqual(await lake.remove([]), { files: 0, bytes: 0 })
  })

  check('an attempt starts with an empty folder of its own', async (_t, place) => {
    const lake = await place.open()
    const staged = await stage(lake, 'a1', 'left by a crash')
    const folder = await lake.staging('a1')
    assert.equal(folder, dirname(staged.path))
    assert.equal(existsSync(staged.path), false)
    assert.equal((await stat(folder)).mode & 0o777, 0o700)
  })

  check('an attempt takes over what the last one before it has left', async (_t, place) => {
    const dead = await place.open()
    await stage(dead, 'd7-f9', 'older')
    await stage(dead, 'd7-f10', 'left')
    await stage(dead, 'd71-f11', 'of another one')
    const lake = await place.open()
    const folder = (await lake.takeOverStaging('d7-f12', 'd7-f')) ?? ''
    assert.equal(await readFile(join(folder, 'data.parquet'), 'utf8'), 'left')
    assert.equal(await lake.takeOverStaging('d7-f13', 'd9-f'), null)
    await dead.discardStaging('d7-f10')
    assert.equal(existsSync(folder), true)
    await lake.discardStaging('d7-f12')
    assert.equal(existsSync(folder), false)
  })

  check('paths that lead out of the lake are refused', async (_t, place) => {
    const lake = await place.open()
    const staged = await stage(lake, 'a1', 'rows')
    const bad = [
      '../acme/x/t1-f1-data.parquet',
      '/etc/x/t1-f1-data.parquet',
      'acme/x/../t1-f1-data.parquet',
      'acme/x/other.parquet',
      '.staging/x/t1-f1-data.parquet',
    ]
    for (const path of bad) {
      const file = { path, sizeBytes: 4, sha256: staged.sha256 }
      const refused = code('internal')
      await assert.rejects(lake.adopt(staged, path), refused, path)
      await assert.rejects(async () => lake.verify(file), refused, path)
      await assert.rejects(async () => lake.localPath(file), refused, path)
      await assert.rejects(async () => lake.hold().localPath(file), refused, path)
      await assert.rejects(lake.remove([path]), refused, path)
    }
    await assert.rejects(async () => lake.staging('../a1'), code('internal'))
  })

  check('a caller that gives up does not spoil the check for the others', async (_t, place) => {
    const lake = await place.open()
    const file = await lake.adopt(await stage(lake, 'a1', 'rows'.repeat(1_000_000)), pathOf(1))
    const next = await place.open()
    const control = new AbortController()
    const given = next.localPath(file, control.signal)
    const kept = next.localPath(file)
    control.abort()
    await assert.rejects(given, { name: 'AbortError' })
    assert.equal((await stat(await kept)).size, 4_000_000)
  })

  check('code is kept under its hash, and healed when it is written again', async (_t, place) => {
    const lake = await place.open()
    const bundle = Buffer.from('export default 1')
    const hash = sha256(bundle)
    await assert.rejects(lake.readCode(hash), code('file-missing'))
    await lake.writeCode(hash, bundle)
    await lake.writeCode(hash, bundle)
    const next = await place.open()
    assert.deepEqual(Buffer.from(await next.readCode(hash)), bundle)
    assert.equal((await next.usage()).files, 0)
    await place.write(`.code/${hash}`, 'export default 2')
    await assert.rejects(next.readCode(hash), code('file-damaged'))
    await next.writeCode(hash, bundle)
    assert.deepEqual(Buffer.from(await lake.readCode(hash)), bundle)
    await assert.rejects(lake.writeCode(sha256('other'), bundle), code('internal'))
    await assert.rejects(async () => lake.readCode('../../etc/passwd'), code('internal'))
  })

  check('a tenant is removed whole, and none whose name begins alike', async (_t, place) => {
    const lake = await place.open()
    const file = await lake.adopt(await stage(lake, 'a1', 'rows'), pathOf(1))
    await lake.localPath(file)
    await lake.adopt(await stage(lake, 'a2', 'more rows'), pathOf(2))
    await place.write('acme/events/left-behind', 'x')
    await place.write('acme-2/events/202104/t1-f1-data.parquet', 'of somebody else')
    assert.deepEqual(await lake.tenantUsage('acme'), { files: 3, bytes: 14 })
    await lake.removeTenant('acme')
    assert.deepEqual(await lake.tenantUsage('acme'), { files: 0, bytes: 0 })
    await assert.rejects(lake.localPath(file), code('file-missing'))
    assert.ok(await place.has('acme-2/events/202104/t1-f1-data.parquet'))
    await lake.removeTenant('acme')
    for (const slug of ['', '.', '..', '../acme-2', 'acme-2/events', '.staging', '.code']) {
      await assert.rejects(async () => lake.removeTenant(slug), code('internal'))
    }
    assert.ok(await place.has('acme-2/events/202104/t1-f1-data.parquet'))
  })

  check('a probe leaves nothing', async (_t, place) => {
    const lake = await place.open()
    await lake.probe()
    const { files, bytes, stagingBytes, freeBytes } = await lake.usage()
    assert.deepEqual([files, bytes, stagingBytes], [0, 0, 0])
    assert.ok(freeBytes > 0)
    await lake.close()
  })
}
