import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'

import { seededRandom } from '#kernel/random.ts'
import { code, HOUR_MS, later, pathOf, stage } from '#lake/conformance.ts'
import { startFaultProxy } from '../../test/support/fault-proxy.ts'
import type { SeenRequest } from '../../test/support/fault-proxy.ts'
import { buildS3Lake } from '../../test/support/s3-lake.ts'
import { testKeys, useS3Server } from '../../test/support/s3-server.ts'

const server = useS3Server()
const PART_BYTES = 5 * 1024 * 1024
const big = Buffer.from(seededRandom(6).bytes(2 * PART_BYTES + 5_000))
const small = big.subarray(0, 70_000)
const program = fileURLToPath(import.meta.resolve('../../test/support/lake-process.ts'))

/** A bucket behind a proxy that holds the first request of a kind for ever, or its answer. */
async function buildHeldLake(
  t: TestContext,
  isHeld: (request: SeenRequest) => boolean,
  part: 'request' | 'answer' = 'request',
) {
  const held = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  t.after(() => end.resolve())
  let holds = 0
  const proxy = await startFaultProxy(t, server.endpoint, (request) => {
    if (!isHeld(request) || ++holds > 1) return undefined
    held.resolve()
    if (part === 'answer') return { kind: 'stall', afterBytes: 0 }
    return { kind: 'after', act: () => end.promise }
  })
  const place = await buildS3Lake(t, server)
  const access = { endpoint: proxy.url, credentials: testKeys }
  const options = {
    bucket: place.bucket,
    prefix: 'shop/',
    access,
    localFolder: place.localFolder,
    cacheMaxBytes: 1e9,
    partBytes: PART_BYTES,
  }
  /** Starts a process and kills it at the held moment. */
  async function killed(...work: string[]): Promise<void> {
    return killedAfter(async () => {}, ...work)
  }
  /** The same, once something else is so, too. */
  async function killedAfter(isReady: () => Promise<void>, ...work: string[]): Promise<void> {
    const child = spawn(process.execPath, [program, JSON.stringify(options), ...work], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const exit = once(child, 'exit')
    const early = exit.then(() => assert.fail('it ended before the kill'))
    early.catch(() => {})
    await Promise.race([held.promise, early])
    if (part === 'answer') {
      while (!(await place.has(pathOf(1)))) await Promise.race([turn(), early])
    }
    await Promise.race([isReady(), early])
    child.kill('SIGKILL')
    assert.equal((await exit)[1], 'SIGKILL')
  }
  const openBehind = (more: object = {}) => place.openWith({ access, ...more })
  return { ...place, proxy, openBehind, killed, killedAfter }
}

/** Bodies of parts that a server was sent, by their numbers. */
function partsIn(seen: readonly SeenRequest[]): [number, number][] {
  return seen.flatMap(({ method, path, headers }) => {
    const number = /[?&]partNumber=(\d+)/.exec(path)?.[1]
    if (method !== 'PUT' || number === undefined) return []
    return [[Number(number), Number(headers['content-length'])] as [number, number]]
  })
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const isPut = ({ method, path }: SeenRequest) => method === 'PUT' && path.includes('.parquet')
const isComplete = ({ method, path }: SeenRequest) =>
  method === 'POST' && /[?&]uploadId=/.test(path)

const moments: [string, Buffer, (request: SeenRequest) => boolean][] = [
  ['while a small file is on its way', small, isPut],
  ['while the second part is on its way', big, ({ path }) => /partNumber=2&/.test(path)],
  ['before the parts become a file', big, isComplete],
]

for (const [title, bytes, isHeld] of moments) {
  server.test(`a process that is killed ${title} leaves nothing readable`, async (t) => {
    const { open, has, killed } = await buildHeldLake(t, isHeld)
    const lake = await open()
    const staged = await stage(lake, 'a1', bytes)
    await killed('adopt', JSON.stringify(staged), pathOf(1))
    assert.equal(await has(pathOf(1)), false)
    const file = { path: pathOf(1), sizeBytes: bytes.length, sha256: staged.sha256 }
    await assert.rejects(lake.localPath(file), code('file-missing'))
    await assert.rejects(lake.verify(file), code('file-missing'))
    assert.equal((await lake.usage()).files, 0)
    // The staged file is untouched, and the next attempt has a name of its own.
    const next = await lake.adopt(staged, pathOf(2))
    assert.ok(bytes.equals(await readFile(await lake.localPath(next))))
    const sweeper = await open(later(2 * HOUR_MS))
    assert.equal((await sweeper.sweepOrphans(new Set([pathOf(2)]), HOUR_MS)).files, 0)
    await lake.verify(next, { fresh: true })
  })
}

server.test(
  'a process that is killed after the server took the file leaves an orphan',
  async (t) => {
    const { open, killed } = await buildHeldLake(t, isComplete, 'answer')
    const lake = await open()
    const staged = await stage(lake, 'a1', big)
    await killed('adopt', JSON.stringify(staged), pathOf(1))
    const orphan = { path: pathOf(1), sizeBytes: big.length, sha256: staged.sha256 }
    await lake.verify(orphan, { fresh: true })
    await lake.discardStaging('a1')
    const sweeper = await open(later(2 * HOUR_MS))
    const swept = await sweeper.sweepOrphans(new Set(), HOUR_MS)
    assert.deepEqual(swept, { files: 1, bytes: big.length })
  },
)

server.test('a process that is killed in the middle of a download leaves no copy', async (t) => {
  const isSecondPart = ({ headers }: SeenRequest) =>
    String(headers['range']).startsWith(`bytes=${PART_BYTES}-`)
  const { open, openBehind, localFolder, killed } = await buildHeldLake(t, isSecondPart)
  const file = await (await open()).adopt(await stage(await open(), 'a1', big), pathOf(1))
  await killed('get', JSON.stringify(file))
  assert.equal((await readdir(join(localFolder, 'incoming'))).length, 1)
  const next = await openBehind()
  assert.ok(big.equals(await readFile(await next.localPath(file))))
  await next.discardStaging('a1')
  const sweeper = await open(later(2 * HOUR_MS))
  assert.equal((await sweeper.sweepOrphans(new Set([file.path]), HOUR_MS)).files, 1)
  assert.deepEqual(await readdir(join(localFolder, 'incoming')), [])
})

const isFourthPart = ({ path }: SeenRequest) => /partNumber=4&/.test(path)
const four = Buffer.from(seededRandom(7).bytes(3 * PART_BYTES + 5_000))

/** An upload of four parts whose process is killed when three of them have arrived. */
async function killedAtTheFourthPart(t: TestContext) {
  const world = await buildHeldLake(t, isFourthPart)
  const lake = await world.open()
  const staged = await stage(lake, 't9-f1', four)
  const uploads = async () => {
    const list = new ListMultipartUploadsCommand({ Bucket: world.bucket })
    return (await server.client.send(list)).Uploads ?? []
  }
  const threeArrived = async () => {
    for (;;) {
      for (const { Key, UploadId } of await uploads()) {
        const list = new ListPartsCommand({ Bucket: world.bucket, Key, UploadId })
        if ((await server.client.send(list)).Parts?.length === 3) return
      }
      await turn()
    }
  }
  const about = JSON.stringify(staged)
  await world.killedAfter(threeArrived, 'adopt-resumable', about, pathOf(1))
  const before = world.proxy.seen.length
  return {
    ...world,
    lake,
    staged,
    uploads,
    sentAgain: () => partsIn(world.proxy.seen.slice(before)),
  }
}

server.test('a killed upload goes on behind the parts that have arrived', async (t) => {
  const { openBehind, staged, uploads, sentAgain } = await killedAtTheFourthPart(t)
  const next = await openBehind({ partBytes: 2 * PART_BYTES })
  assert.equal(await next.takeOverStaging('t8-f2', 't8-f'), null)
  const folder = (await next.takeOverStaging('t9-f2', 't9-f')) ?? ''
  const left = { ...staged, path: join(folder, 'data.parquet') }
  const file = await next.adopt(left, pathOf(2), { resumable: true })
  assert.deepEqual(sentAgain(), [[4, 5_000]])
  assert.deepEqual(file, { path: pathOf(1), sizeBytes: four.length, sha256: staged.sha256 })
  assert.ok(four.equals(await readFile(await next.localPath(file))))
  await next.verify(file, { fresh: true })
  assert.deepEqual(await uploads(), [])
})

server.test('of a killed upload a part with other bytes is sent again', async (t) => {
  const { openBehind, bucket, staged, uploads, sentAgain } = await killedAtTheFourthPart(t)
  const [upload] = await uploads()
  const { Key, UploadId } = upload ?? {}
  const other = {
    Bucket: bucket,
    Key,
    UploadId,
    PartNumber: 2,
    Body: four.subarray(9, 9 + PART_BYTES),
  }
  await server.client.send(new UploadPartCommand(other))
  const next = await openBehind()
  const folder = (await next.takeOverStaging('t9-f2', 't9-f')) ?? ''
  const left = { ...staged, path: join(folder, 'data.parquet') }
  const file = await next.adopt(left, pathOf(2), { resumable: true })
  assert.deepEqual(
    sentAgain().toSorted(([a], [b]) => a - b),
    [
      [2, PART_BYTES],
      [4, 5_000],
    ],
  )
  assert.ok(four.equals(await readFile(await next.localPath(file))))
  await next.verify(file, { fresh: true })
})

server.test('a killed upload that was given up meanwhile is begun anew', async (t) => {
  const { openBehind, bucket, staged, uploads, sentAgain } = await killedAtTheFourthPart(t)
  const next = await openBehind({ partBytes: 2 * PART_BYTES })
  const folder = (await next.takeOverStaging('t9-f2', 't9-f')) ?? ''
  const [upload] = await uploads()
  const { Key, UploadId } = upload ?? {}
  const giveUp = new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })
  await server.client.send(giveUp)
  const left = { ...staged, path: join(folder, 'data.parquet') }
  const file = await next.adopt(left, pathOf(2), { resumable: true })
  assert.equal(file.path, pathOf(2))
  assert.equal(sentAgain().length, 2)
  assert.ok(four.equals(await readFile(await next.localPath(file))))
})
