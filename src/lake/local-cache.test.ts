import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import type { Clock } from '#kernel/clock.ts'
import { systemClock } from '#kernel/clock.ts'
import { sha256 } from '#kernel/hash.ts'
import { createIds } from '#kernel/ids.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { buildFolder, HOUR_MS, later, pathOf } from '#lake/conformance.ts'
import type { LakeFile } from '#lake/lake.ts'
import { openLocalCache } from '#lake/local-cache.ts'

const FILE_BYTES = 1_000

interface Remote {
  /** Paths in the order in which they were fetched. */
  readonly fetched: string[]
  file(fence: number): LakeFile
  content(file: LakeFile): string
}

/** A remote place whose files say their own number, and processes that cache it in one folder. */
async function buildCache(t: TestContext) {
  const folder = await buildFolder(t)
  const contents = new Map<string, string>()
  const fetched: string[] = []
  const remote: Remote = {
    fetched,
    file(fence) {
      const text = `file ${fence} `.padEnd(FILE_BYTES, '.')
      contents.set(pathOf(fence), text)
      return { path: pathOf(fence), sizeBytes: FILE_BYTES, sha256: sha256(text) }
    },
    content: (file) => contents.get(file.path) ?? '',
  }
  const open = (
    options: {
      maxBytes?: number
      clock?: Clock
      lakeName?: string
      gate?: () => Promise<void>
    } = {},
  ) => {
    const clock = options.clock ?? systemClock
    return openLocalCache({
      folder,
      lakeName: options.lakeName ?? 'one',
      maxBytes: options.maxBytes ?? 1e6,
      async fetch(file, path, signal) {
        fetched.push(file.path)
        await options.gate?.()
        signal.throwIfAborted()
        await writeFile(path, remote.content(file), { flag: 'wx' })
      },
      clock,
      ids: createIds(clock, systemRandom),
      log: silentLogger,
    })
  }
  const cached = async (lakeName = 'one') => {
    const root = join(folder, 'cache', lakeName)
    const found = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
    return found.filter((entry) => entry.isFile()).map(({ name }) => name)
  }
  return { folder, open, remote, cached }
}

test('several callers share one download, and later ones need none', async (t) => {
  const { open, remote } = await buildCache(t)
  const cache = await open()
  const file = remote.file(1)
  const holds = Array.from({ length: 5 }, () => cache.hold())
  const paths = await Promise.all([
    ...Array.from({ length: 5 }, () => cache.localPath(file)),
    ...holds.map((hold) => hold.localPath(file)),
  ])
  for (const path of paths) assert.equal(await readFile(path, 'utf8'), remote.content(file))
  await cache.localPath(file)
  assert.equal(remote.fetched.length, 1)
})

test('what is cached survives a restart, and another process of the machine uses it', async (t) => {
  const { open, remote } = await buildCache(t)
  const file = remote.file(1)
  await (await open()).localPath(file)
  const path = await (await open()).localPath(file)
  assert.equal(await readFile(path, 'utf8'), remote.content(file))
  assert.equal(remote.fetched.length, 1)
})

test('two processes that fetch the same file at once both get it whole', async (t) => {
  const { open, remote, folder } = await buildCache(t)
  const caches = [await open(), await open(), await open()]
  const file = remote.file(1)
  const paths = await Promise.all(caches.map((cache) => cache.localPath(file)))
  for (const [index, cache] of caches.entries()) {
    assert.equal(await readFile(paths[index] ?? '', 'utf8'), remote.content(file))
    assert.equal(await cache.localPath(file), paths[0])
  }
  assert.deepEqual(await readdir(join(folder, 'incoming')), [])
})

test('a damaged copy is found by its hash and fetched again', async (t) => {
  const { open, remote } = await buildCache(t)
  const cache = await open()
  const file = remote.file(1)
  const path = await cache.localPath(file)
  for (const damage of ['', 'torn', 'x'.repeat(FILE_BYTES), 'y'.repeat(2 * FILE_BYTES)]) {
    await writeFile(path, damage)
    const again = await cache.localPath(file)
    assert.equal(await readFile(again, 'utf8'), remote.content(file), damage.slice(0, 9))
  }
  assert.equal(remote.fetched.length, 5)
  // With size and time as they were, the next process finds it.
  const { atime, mtime } = await stat(path)
  await writeFile(path, 'z'.repeat(FILE_BYTES))
  await utimes(path, atime, mtime)
  assert.equal(await readFile(await (await open()).localPath(file), 'utf8'), remote.content(file))
})

test('what was not used for longest goes when the cap is passed', async (t) => {
  const { open, remote, cached } = await buildCache(t)
  for (let fence = 1; fence <= 10; fence++) {
    const hold = (await open({ clock: later(fence * 60_000) })).hold()
    await hold.localPath(remote.file(fence))
    await hold.release()
  }
  // The oldest is used again.
  const again = (await open({ clock: later(HOUR_MS) })).hold()
  await again.localPath(remote.file(1))
  await again.release()
  const cache = await open({ maxBytes: 5 * FILE_BYTES, clock: later(2 * HOUR_MS) })
  const hold = cache.hold()
  await hold.localPath(remote.file(11))
  await hold.release()
  const left = (await cached()).toSorted()
  assert.deepEqual(left, [
    't17-f1-data.parquet',
    't17-f10-data.parquet',
    't17-f11-data.parquet',
    't17-f9-data.parquet',
  ])
})

test('a cache that processes share stays under its cap', async (t) => {
  const { open, remote, cached } = await buildCache(t)
  const clock = { ...systemClock, monotonicMs: () => (now += 10_000) }
  let now = 0
  const caches = await Promise.all([1, 2, 3].map(() => open({ maxBytes: 20 * FILE_BYTES, clock })))
  for (let fence = 1; fence <= 90; fence++) {
    const hold = (caches[fence % 3] ?? assert.fail()).hold()
    await hold.localPath(remote.file(fence))
    await hold.release()
    const files = (await cached()).length
    assert.ok(files <= 20 + 3, `${files} files after ${fence}`)
  }
  assert.ok((await cached()).length >= 15)
})

test('what is held can be read although another process evicts it, and goes with the release', async (t) => {
  const { open, remote, cached, folder } = await buildCache(t)
  const cache = await open()
  const hold = cache.hold()
  const file = remote.file(1)
  const path = await hold.localPath(file)
  const other = await open({ maxBytes: FILE_BYTES, clock: later(HOUR_MS) })
  await other.localPath(remote.file(2))
  assert.deepEqual(await cached(), ['t17-f2-data.parquet'])
  assert.equal(await readFile(path, 'utf8'), remote.content(file))
  assert.equal(await hold.localPath(file), path)
  await hold.release()
  await hold.release()
  assert.equal(existsSync(path), false)
  assert.deepEqual(await readdir(join(folder, 'held')), [])
  await assert.rejects(hold.localPath(remote.file(3)), /released/)
  assert.deepEqual(await readdir(join(folder, 'held')), [])
})

test('files larger than the cap pass through, one after the other', async (t) => {
  const { open, remote } = await buildCache(t)
  const cache = await open({ maxBytes: 10 })
  const hold = cache.hold()
  for (let fence = 1; fence <= 5; fence++) {
    const file = remote.file(fence)
    assert.equal(await readFile(await hold.localPath(file), 'utf8'), remote.content(file))
  }
  await hold.release()
})

test('a name that was handed out without a hold is not evicted by this process', async (t) => {
  const { open, remote } = await buildCache(t)
  const cache = await open({ maxBytes: 2 * FILE_BYTES })
  const paths: string[] = []
  for (let fence = 1; fence <= 6; fence++) paths.push(await cache.localPath(remote.file(fence)))
  for (const path of paths) assert.ok(existsSync(path))
})

test('a download goes on for those who still wait, and ends with the last of them', async (t) => {
  const { open, remote, cached, folder } = await buildCache(t)
  const { promise: gate, resolve: openGate } = Promise.withResolvers<void>()
  const cache = await open({ gate: () => gate })
  const [first, second] = [new AbortController(), new AbortController()]
  const file = remote.file(1)
  const waiting = [cache.localPath(file, first.signal), cache.localPath(file, second.signal)]
  first.abort(new Error('first'))
  await assert.rejects(waiting[0] ?? assert.fail(), /first/)
  second.abort(new Error('second'))
  await assert.rejects(waiting[1] ?? assert.fail(), /second/)
  // Who comes now starts anew.
  const anew = cache.localPath(file)
  openGate()
  assert.equal(await readFile(await anew, 'utf8'), remote.content(file))
  assert.equal(remote.fetched.length, 2)
  assert.equal((await cached()).length, 1)
  assert.deepEqual(await readdir(join(folder, 'incoming')), [])
})

test('a failed download leaves nothing and is tried again for the next caller', async (t) => {
  const { open, remote, cached, folder } = await buildCache(t)
  const cache = await open({ gate: async () => assert.fail('no server') })
  const file = remote.file(1)
  const twice = await Promise.allSettled([cache.localPath(file), cache.localPath(file)])
  for (const { status } of twice) assert.equal(status, 'rejected')
  assert.deepEqual(await cached(), [])
  assert.deepEqual(await readdir(join(folder, 'incoming')), [])
  await assert.rejects(cache.localPath(file), /no server/)
  await (await open()).localPath(file)
  assert.equal(remote.fetched.length, 3)
})

test('lakes that share a folder do not see each other’s files', async (t) => {
  const { open, remote, cached } = await buildCache(t)
  const file = remote.file(1)
  await (await open()).localPath(file)
  const other = await open({ lakeName: 'two' })
  await other.localPath(file)
  await other.drop(file.path)
  assert.equal(remote.fetched.length, 2)
  assert.deepEqual([(await cached()).length, (await cached('two')).length], [1, 0])
})

test('what dead processes left is swept, what is at work stays', async (t) => {
  const { open, remote, folder } = await buildCache(t)
  const dead = (await open()).hold()
  await dead.localPath(remote.file(1))
  await writeFile(join(folder, 'incoming', 'left'), 'half')
  const cache = await open()
  const hold = cache.hold()
  const path = await hold.localPath(remote.file(1))
  const now = systemClock.now().getTime()
  assert.deepEqual(await cache.sweep(now - HOUR_MS), { files: 0, bytes: 0 })
  assert.deepEqual(await cache.sweep(now + HOUR_MS), { files: 2, bytes: FILE_BYTES + 4 })
  assert.ok(existsSync(path))
})
