import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'

import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { silentLogger } from '#kernel/logger.ts'
import { seededRandom } from '#kernel/random.ts'
import { code, HOUR_MS, later, pathOf, stage } from '#lake/conformance.ts'
import { deleteObjects } from '#object-storage/delete-objects.ts'
import { startFaultProxy } from '../../test/support/fault-proxy.ts'
import type { Fault, SeenRequest } from '../../test/support/fault-proxy.ts'
import { buildS3Lake } from '../../test/support/s3-lake.ts'
import { useS3Server } from '../../test/support/s3-server.ts'

const server = useS3Server()
const PART_BYTES = 5 * 1024 * 1024
const big = Buffer.from(seededRandom(5).bytes(2 * PART_BYTES + 333_333))
const small = big.subarray(0, 70_000)

type Decide = (request: SeenRequest) => Fault | undefined

/** A lake behind a proxy with faults, which begin once `faulty` is set. */
async function buildFaultyLake(t: TestContext, decide: Decide, options: object = {}) {
  const state = { faulty: false }
  const proxy = await startFaultProxy(t, server.endpoint, (request) =>
    state.faulty ? decide(request) : undefined,
  )
  const place = await buildS3Lake(t, server, proxy.url)
  const open = (more: object = {}) =>
    place.openWith({ idleTimeoutMs: 10_000, partBytes: PART_BYTES, ...options, ...more })
  const uploads = async () => {
    const list = new ListMultipartUploadsCommand({ Bucket: place.bucket })
    return (await server.client.send(list)).Uploads?.length ?? 0
  }
  return { ...place, proxy, state, open, uploads, lake: await open() }
}

const isPart = ({ method, path }: SeenRequest) => method === 'PUT' && path.includes('partNumber')
const isUpload = (request: SeenRequest) =>
  request.method === 'PUT' && request.path.includes('.parquet')
const isComplete = ({ method, path }: SeenRequest) =>
  method === 'POST' && /[?&]uploadId=/.test(path)
const isGet = ({ method, path }: SeenRequest) => method === 'GET' && path.includes('.parquet')

/** Each request that `where` picks is faulty for the first `times`. */
function each(times: number, where: (request: SeenRequest) => boolean, fault: Fault) {
  return () => {
    const asked = new Map<string, number>()
    return (request: SeenRequest) => {
      if (!where(request)) return undefined
      // What is asked for again begins further behind.
      const end = String(request.headers['range']).split('-').at(-1) ?? ''
      const name = `${request.method} ${request.path} ${end}`
      asked.set(name, (asked.get(name) ?? 0) + 1)
      return (asked.get(name) ?? 0) <= times ? fault : undefined
    }
  }
}

const all = () => true
const answer = (status: number, name: string): Fault => ({
  kind: 'answer',
  status,
  body: `<?xml version="1.0"?><Error><Code>${name}</Code><Message>no</Message></Error>`,
})

const survived: [string, () => Decide][] = [
  ['503 SlowDown to every request twice', each(2, all, answer(503, 'SlowDown'))],
  ['500 to every request twice', each(2, all, answer(500, 'InternalError'))],
  ['429 to every request', each(1, all, answer(429, 'TooManyRequests'))],
  ['connections cut before the answer', each(1, all, { kind: 'reset' })],
  ['answers that are lost', each(1, all, { kind: 'lost' })],
  ['an upload that is taken, but not answered, twice', each(2, isUpload, { kind: 'lost' })],
  ['an end of parts that is taken, but not answered', each(1, isComplete, { kind: 'lost' })],
  ['200 with an error to every upload', each(1, isUpload, answer(200, 'InternalError'))],
  ['200 with an error at the end of parts', each(2, isComplete, answer(200, 'InternalError'))],
  ['200 with nothing at the end of parts', each(1, isComplete, { kind: 'answer', status: 200 })],
  ['uploads that end early', each(1, isUpload, { kind: 'shorten', toBytes: 60_000 })],
  ['a wrong bit in every upload', each(1, isUpload, { kind: 'spoil', atByte: 50_000 })],
  ['bodies cut after 40,000 bytes', each(1, isGet, { kind: 'cut', afterBytes: 40_000 })],
  ['silence inside of a body', each(1, isGet, { kind: 'stall', afterBytes: 40_000 })],
  ['bodies shorter than announced', each(1, isGet, { kind: 'length', moreBytes: 10 })],
  ['bodies longer than announced', each(1, isGet, { kind: 'length', moreBytes: -10 })],
  ['200 with an error as the file', each(1, isGet, answer(200, 'InternalError'))],
  ['a flipped bit on the way here', each(1, isGet, { kind: 'flip', atByte: 777 })],
]

for (const [title, decide] of survived) {
  server.test(`${title}: files go out and come back whole`, async (t) => {
    const faults = decide()
    let met = 0
    const decideAndCount = (request: SeenRequest) => {
      const fault = faults(request)
      if (fault) met++
      return fault
    }
    const options = title.startsWith('silence') ? { idleTimeoutMs: 1_000 } : {}
    const { lake, state, open, uploads } = await buildFaultyLake(t, decideAndCount, options)
    state.faulty = true
    for (const [fence, bytes] of [small, big].entries()) {
      const staged = await stage(lake, `a${fence}`, bytes)
      const file = await lake.adopt(staged, pathOf(fence))
      await rm(await lake.localPath(file))
      const path = await (await open()).localPath(file)
      assert.ok(bytes.equals(await readFile(path)))
      await lake.verify(file, { fresh: true })
    }
    assert.ok(met >= 1, 'no fault happened')
    // A beginning whose answer was lost is for the sweep.
    assert.ok((await uploads()) <= (title === 'answers that are lost' ? 1 : 0))
    const swept = await lake.remove([pathOf(0), pathOf(1)])
    assert.deepEqual(swept, { files: 2, bytes: small.length + big.length })
  })
}

const hopeless: [string, Fault][] = [
  ['503 for ever', answer(503, 'SlowDown')],
  ['connections cut for ever', { kind: 'reset' }],
  ['silence for ever', { kind: 'stall', afterBytes: 0 }],
  ['wrong bits in every upload', { kind: 'spoil', atByte: 7 }],
  ['200 with an error for ever', answer(200, 'InternalError')],
]

for (const [title, fault] of hopeless) {
  server.test(`${title}: lake-unreachable, nothing is lost, and it heals`, async (t) => {
    const options = { maxAttempts: 2, idleTimeoutMs: title.startsWith('silence') ? 500 : 10_000 }
    const { lake, state, has, uploads } = await buildFaultyLake(
      t,
      (request) => (fault.kind !== 'spoil' || isUpload(request) ? fault : undefined),
      options,
    )
    for (const [fence, bytes] of [small, big].entries()) {
      const staged = await stage(lake, `a${fence}`, bytes)
      state.faulty = true
      await assert.rejects(lake.adopt(staged, pathOf(fence)), (error) => {
        assert.ok(error instanceof MillraceError && error.entry.retryable)
        assert.match(error.message, /\(tries: \d\)/)
        return code('lake-unreachable')(error)
      })
      assert.ok(existsSync(staged.path))
      assert.equal(await has(pathOf(fence)), false)
      state.faulty = false
      const file = await lake.adopt(staged, pathOf(fence))
      await lake.verify(file, { fresh: true })
    }
    // What could not be ended then is for the sweep.
    assert.ok((await uploads()) <= 1)
  })
}

server.test('a file whose bytes changed after staging is not adopted', async (t) => {
  const { lake, has, uploads } = await buildFaultyLake(t, () => undefined)
  for (const [fence, bytes] of [small, big].entries()) {
    const staged = await stage(lake, `a${fence}`, bytes)
    const other = Buffer.from(bytes)
    other.writeUInt8(other.readUInt8(99) ^ 4, 99)
    await writeFile(staged.path, other)
    await assert.rejects(lake.adopt(staged, pathOf(fence)), (error) => {
      assert.match(String(error), new RegExp(sha256(other)))
      return code('file-damaged')(error)
    })
    assert.equal(await has(pathOf(fence)), false)
  }
  assert.equal(await uploads(), 0)
})

server.test('a big file is never put over another one', async (t) => {
  const { lake, proxy } = await buildFaultyLake(t, () => undefined)
  const file = await lake.adopt(await stage(lake, 'a1', big), pathOf(1))
  const sent = proxy.seen.filter(isPart).length
  const other = await stage(lake, 'a2', Buffer.from(big).reverse())
  await assert.rejects(lake.adopt(other, pathOf(1)), code('file-damaged'))
  await lake.verify(file, { fresh: true })
  const same = await stage(lake, 'a3', big)
  assert.deepEqual(await lake.adopt(same, pathOf(1)), file)
  assert.equal(proxy.seen.filter(isPart).length, sent)
})

for (const [title, fault] of [
  ['does not see the condition', { kind: 'after', without: /^if-none-match$/ }],
  ['refuses the condition', answer(501, 'NotImplemented')],
] as const) {
  server.test(`a server that ${title}: a taken name is found all the same`, async (t) => {
    const { lake, state, open } = await buildFaultyLake(t, ({ headers }) =>
      headers['if-none-match'] ? fault : undefined,
    )
    state.faulty = true
    for (const [fence, bytes] of [small, big].entries()) {
      const file = await lake.adopt(await stage(lake, `a${fence}`, bytes), pathOf(fence))
      assert.deepEqual(await lake.adopt(await stage(lake, 'b', bytes), pathOf(fence)), file)
      const next = await open()
      const other = await stage(next, 'c', Buffer.from(bytes).reverse())
      await assert.rejects(next.adopt(other, pathOf(fence)), code('file-damaged'))
      await lake.verify(file, { fresh: true })
    }
  })
}

const checksums = /^x-amz-(checksum|sdk-checksum)/

server.test('a server without checksums: what was sent is read back', async (t) => {
  const { lake, state, proxy, uploads } = await buildFaultyLake(t, () => {
    return { kind: 'after', without: checksums }
  })
  state.faulty = true
  for (const [fence, bytes] of [small, big].entries()) {
    const file = await lake.adopt(await stage(lake, `a${fence}`, bytes), pathOf(fence))
    await lake.verify(file, { fresh: true })
  }
  assert.ok(proxy.seen.filter(isGet).length >= 4)
  assert.equal(await uploads(), 0)
})

const unseen: [string, Buffer, Fault][] = [
  ['part of a file', small, { kind: 'shorten', toBytes: 60_000, unseen: /^$/ }],
  ['a part with a wrong bit', big, { kind: 'spoil', atByte: 50_000, unseen: /^$/ }],
  ['a wrong bit without a checksum', small, { kind: 'spoil', atByte: 50_000, unseen: checksums }],
  ['a wrong bit of many', big, { kind: 'spoil', atByte: 50_000, unseen: checksums }],
]

for (const [title, bytes, fault] of unseen) {
  server.test(
    `a server that takes ${title} without a word is found out before adopt returns`,
    async (t) => {
      let times = 1
      const { lake, state, has } = await buildFaultyLake(t, (request) => {
        const isFirst = request.path.includes('partNumber=1&') || !isPart(request)
        return isUpload(request) && isFirst && times-- > 0 ? fault : undefined
      })
      state.faulty = true
      const staged = await stage(lake, 'a1', bytes)
      const file = await lake.adopt(staged, pathOf(1))
      assert.ok(times < 0)
      await lake.verify(file, { fresh: true })
      times = Infinity
      const hopeless = await stage(lake, 'a2', bytes)
      await assert.rejects(lake.adopt(hopeless, pathOf(2)), (error) => {
        assert.match(String(error), /keeps other bytes/)
        return code('lake-unreachable')(error)
      })
      assert.equal(await has(pathOf(2)), false)
    },
  )
}

server.test('bytes that always arrive wrong are file-damaged, and are not cached', async (t) => {
  const { lake, state, open, localFolder } = await buildFaultyLake(t, (request) =>
    isGet(request) ? { kind: 'flip', atByte: 3 } : undefined,
  )
  for (const [fence, bytes] of [small, big].entries()) {
    const file = await lake.adopt(await stage(lake, `a${fence}`, bytes), pathOf(fence))
    await rm(await lake.localPath(file))
    state.faulty = true
    const next = await open()
    await assert.rejects(next.localPath(file), code('file-damaged'))
    await assert.rejects(next.verify(file, { fresh: true }), code('file-damaged'))
    assert.deepEqual(await readdir(join(localFolder, 'incoming')), [])
    state.faulty = false
    assert.ok(bytes.equals(await readFile(await next.localPath(file))))
  }
})

const refusals: [string, Fault & { kind: 'answer' }, RegExp][] = [
  ['AccessDenied', { kind: 'answer', status: 403 }, /s3:PutObject/],
  ['InvalidAccessKeyId', { kind: 'answer', status: 403 }, /access key is not known/],
  ['ExpiredToken', { kind: 'answer', status: 400 }, /no longer valid/],
  ['NoSuchBucket', { kind: 'answer', status: 404 }, /there is no bucket "lake-/],
  [
    'PermanentRedirect',
    { kind: 'answer', status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } },
    /Set AWS_REGION to eu-west-1/,
  ],
]

for (const [name, fault, words] of refusals) {
  server.test(`${name}: lake-denied at once, with the way out`, async (t) => {
    const body = `<?xml version="1.0"?><Error><Code>${name}</Code><Message>no</Message></Error>`
    const { lake, state, proxy } = await buildFaultyLake(t, ({ method }) => ({
      ...fault,
      ...(method === 'HEAD' ? {} : { body }),
    }))
    const file = await lake.adopt(await stage(lake, 'a1', small), pathOf(1))
    state.faulty = true
    const before = proxy.seen.length
    const staged = await stage(lake, 'a2', small)
    const denied = (error: unknown) => {
      assert.ok(error instanceof MillraceError && !error.entry.retryable)
      assert.match(`${error.message} ${error.remedy}`, words)
      assert.match(error.message, /s3:\/\/lake-\d+\/shop\//)
      return code('lake-denied')(error)
    }
    await assert.rejects(lake.adopt(staged, pathOf(2)), denied)
    await assert.rejects(lake.verify(file), denied)
    await assert.rejects(lake.remove([file.path]), denied)
    await assert.rejects(lake.usage(), denied)
    await assert.rejects(lake.probe(), denied)
    await assert.rejects(lake.readCode(sha256('x')), denied)
    assert.ok(proxy.seen.length - before <= 16)
    assert.ok(existsSync(staged.path))
  })
}

server.test(
  'names that the server did not remove although it said 200 are asked for again',
  async (t) => {
    const refuse = (name: string, path: string): Fault => ({
      kind: 'answer',
      status: 200,
      body: `<?xml version="1.0"?><DeleteResult><Error><Key>shop/${path}</Key><Code>${name}</Code><Message>no</Message></Error></DeleteResult>`,
    })
    let asked = 0
    let refusal = 'InternalError'
    const { lake, state, has } = await buildFaultyLake(t, ({ method, path }) => {
      if (method !== 'POST' || !path.includes('delete')) return undefined
      return refusal === 'AccessDenied' || ++asked <= 2 ? refuse(refusal, pathOf(1)) : undefined
    })
    await lake.adopt(await stage(lake, 'a1', small), pathOf(1))
    state.faulty = true
    assert.deepEqual(await lake.remove([pathOf(1)]), { files: 1, bytes: small.length })
    assert.equal(asked, 3)
    assert.equal(await has(pathOf(1)), false)
    refusal = 'AccessDenied'
    await lake.adopt(await stage(lake, 'a2', small), pathOf(2))
    await assert.rejects(lake.remove([pathOf(2)]), code('lake-denied'))
    assert.ok(await has(pathOf(2)))
  },
)

server.test('more names than one request may hold are removed', async (t) => {
  const { lake, bucket, has } = await buildFaultyLake(t, () => undefined)
  const keys = Array.from({ length: 1_001 }, (_, index) => `shop/${pathOf(index)}`)
  const there = [0, 999, 1_000]
  for (const index of there) await server.put(bucket, keys[index] ?? '', 'x')
  await server.put(bucket, `other/${pathOf(1)}`, 'x')
  assert.equal((await lake.usage()).files, 3)
  const session = {
    client: server.client,
    maxAttempts: 1,
    idleTimeoutMs: 60_000,
    clock: systemClock,
    random: seededRandom(1),
    log: silentLogger,
    unreachable: ({ cause }: { cause: unknown }) => cause as Error,
  }
  await deleteObjects(session, bucket, keys)
  for (const index of there) assert.equal(await has(pathOf(index)), false)
})

server.test('a lake sweeps below its own prefix only', async (t) => {
  const { lake, bucket, open } = await buildFaultyLake(t, () => undefined)
  for (let fence = 1; fence <= 5; fence++) await server.put(bucket, `shop/${pathOf(fence)}`, 'x')
  for (const prefix of ['', 'shop', 'other/', 'other/shop/', 'shop/shop/']) {
    await server.put(bucket, prefix + pathOf(1), 'mine')
  }
  const next = await open({ clock: later(2 * HOUR_MS) })
  const swept = await next.sweepOrphans(new Set([pathOf(3)]), HOUR_MS)
  assert.deepEqual(swept, { files: 4, bytes: 4 })
  const listed = await server.client.send(new ListObjectsV2Command({ Bucket: bucket }))
  assert.equal(listed.KeyCount, 6)
  assert.equal((await lake.usage()).files, 1)
})

server.test('uploads that never ended are ended by the sweep, once they are old', async (t) => {
  const upload = (key: string, id: string, initiated: Date) =>
    `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`
  const page = (bucket: string, uploads: string, next: string) =>
    `<?xml version="1.0"?><ListMultipartUploadsResult><Bucket>${bucket}</Bucket>${next}${uploads}</ListMultipartUploadsResult>`
  const now = systemClock.now()
  const old = new Date(now.getTime() - 2 * HOUR_MS)
  const pages: ((bucket: string) => string)[] = [
    (bucket) =>
      page(
        bucket,
        upload(`shop/${pathOf(1)}`, 'old-1', old) + upload('shop/report.csv', 'foreign', old),
        '<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>',
      ),
    (bucket) =>
      page(
        bucket,
        upload(`shop/${pathOf(2)}`, 'new', now) + upload(`shop/${pathOf(3)}`, 'old-2', old),
        '',
      ),
  ]
  const { lake, state, bucket, proxy } = await buildFaultyLake(t, ({ method, path }) => {
    if (method !== 'GET' || !/[?&]uploads/.test(path)) return undefined
    const body = pages[path.includes('key-marker=k&') ? 1 : 0]?.(bucket) ?? ''
    return { kind: 'answer', status: 200, body }
  })
  state.faulty = true
  await lake.sweepOrphans(new Set(), HOUR_MS)
  const ended = proxy.seen
    .filter(({ method }) => method === 'DELETE')
    .map(({ path }) => /uploadId=([^&]+)/.exec(path)?.[1])
  assert.deepEqual(ended, ['old-1', 'old-2'])
})

server.test('an upload that somebody else ends meanwhile may be tried again', async (t) => {
  const { lake, state } = await buildFaultyLake(t, (request) =>
    isPart(request) ? answer(404, 'NoSuchUpload') : undefined,
  )
  const staged = await stage(lake, 'a1', big)
  state.faulty = true
  await assert.rejects(lake.adopt(staged, pathOf(1)), (error) => {
    assert.match(String(error), /was ended/)
    return code('lake-unreachable')(error)
  })
  state.faulty = false
  await lake.verify(await lake.adopt(staged, pathOf(1)), { fresh: true })
})
