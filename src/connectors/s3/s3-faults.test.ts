import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { buildFolder, errorCode, seededBytes, testContext } from '#connectors/conformance.ts'
import { s3Connector } from '#connectors/s3/s3-connector.ts'
import { MillraceError } from '#kernel/errors.ts'
import { startFaultProxy } from '../../../test/support/fault-proxy.ts'
import type { Fault, SeenRequest } from '../../../test/support/fault-proxy.ts'
import { testKeys, useS3Server } from '../../../test/support/s3-server.ts'

const server = useS3Server()
const PART_BYTES = 200_000
const SIZE_BYTES = 1_000_000
const bytes = seededBytes(SIZE_BYTES)
let places = 0

/** An object of five parts behind a proxy with faults. */
async function buildFaultyObject(
  t: TestContext,
  decide: (request: SeenRequest, place: { bucket: string }) => Fault | undefined,
  options: object = {},
) {
  const bucket = await server.bucket(`faulty-${++places}`)
  await server.put(bucket, 'events.csv', bytes)
  const proxy = await startFaultProxy(t, server.endpoint, (request) => decide(request, { bucket }))
  const connector = s3Connector.open(
    s3Connector.options.parse({
      endpoint: proxy.url,
      ...testKeys,
      partBytes: PART_BYTES,
      idleTimeoutMs: 400,
      ...options,
    }),
    testContext,
  )
  t.after(() => connector.close())
  const folder = await buildFolder(t)
  const location = `s3://${bucket}/events.csv`
  const fetchObject = (signal?: AbortSignal) =>
    connector.fetch({ location, toPath: join(folder, 'raw'), signal })
  return {
    bucket,
    location,
    proxy,
    connector,
    fetchObject,
    received: () => readFile(join(folder, 'raw')),
    left: () => readdir(folder),
  }
}

const isGet = (request: SeenRequest) => request.method === 'GET'

/** Each part is faulty for the first `times` requests. */
function eachRange(times: number, fault: Fault) {
  const asked = new Map<string, number>()
  return (request: SeenRequest) => {
    if (!isGet(request)) return
    const range = String(request.headers['range']).split('-').at(-1) ?? ''
    asked.set(range, (asked.get(range) ?? 0) + 1)
    return (asked.get(range) ?? 0) <= times ? fault : undefined
  }
}

const slowDown: Fault = {
  kind: 'answer',
  status: 503,
  body: '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
}

const survived: [string, () => (request: SeenRequest) => Fault | undefined][] = [
  [
    '503 SlowDown to the first four requests',
    () =>
      ({ number }) =>
        number <= 4 ? slowDown : undefined,
  ],
  ['500 to each range twice', () => eachRange(2, { kind: 'answer', status: 500 })],
  ['connections cut before the answer', () => eachRange(1, { kind: 'reset' })],
  ['bodies cut after 40,000 bytes', () => eachRange(1, { kind: 'cut', afterBytes: 40_000 })],
  ['silence inside of a body', () => eachRange(1, { kind: 'stall', afterBytes: 40_000 })],
  ['silence before the body', () => eachRange(1, { kind: 'stall', afterBytes: 1 })],
  ['bodies that are shorter than announced', () => eachRange(1, { kind: 'length', moreBytes: 10 })],
  ['bodies that are longer than announced', () => eachRange(1, { kind: 'length', moreBytes: -10 })],
  [
    '200 with an error as the body',
    () =>
      eachRange(1, {
        kind: 'answer',
        status: 200,
        body: '<Error><Code>InternalError</Code></Error>',
      }),
  ],
  [
    'one flipped bit',
    () =>
      ({ number }) =>
        number === 4 ? { kind: 'flip', atByte: 77 } : undefined,
  ],
]

for (const [title, decide] of survived) {
  server.test(`${title}: the file is whole in the end`, async (t) => {
    const object = await buildFaultyObject(t, decide())
    assert.equal((await object.fetchObject()).changed, true)
    assert.ok(bytes.equals(await object.received()))
    assert.ok(object.proxy.seen.length > 6, 'no fault happened')
    assert.deepEqual(await object.left(), ['raw'])
  })
}

for (const [title, moreBytes] of [
  ['less', -10],
  ['more', 10],
] as const) {
  server.test(
    `a body without a length that holds ${title} than was asked for is found without a checksum`,
    async (t) => {
      const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
      const decide = ({ number, headers: { range } }: SeenRequest): Fault | undefined => {
        const [from = 0, last = 0] = String(range).match(/\d+/g)?.map(Number) ?? []
        if (number !== 3) return
        const headers = { etag, 'content-range': `bytes ${from}-${last}/${SIZE_BYTES}` }
        const body = bytes.subarray(from, last + 1 + moreBytes)
        return { kind: 'answer', status: 206, headers, body }
      }
      const object = await buildFaultyObject(t, decide, { etagIsMd5: false })
      await object.fetchObject()
      assert.ok(bytes.equals(await object.received()))
      assert.equal(object.proxy.seen.length, 7)
    },
  )
}

server.test('a server that cuts every answer is asked only for what is missing', async (t) => {
  const cut: Fault = { kind: 'cut', afterBytes: 70_000 }
  const object = await buildFaultyObject(t, (request) => (isGet(request) ? cut : undefined), {
    partBytes: SIZE_BYTES,
    maxAttempts: 2,
  })
  await object.fetchObject()
  assert.ok(bytes.equals(await object.received()))
  const starts = object.proxy.seen.filter(isGet).map((request) => {
    return Number(/^bytes=(\d+)-/.exec(String(request.headers['range']))?.[1] ?? 0)
  })
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(starts).size, starts.length)
})

server.test('a slow server is waited for as long as something comes', async (t) => {
  const slow: Fault = { kind: 'slow', chunkBytes: 5_000, everyMs: 30 }
  const object = await buildFaultyObject(t, (request) => (isGet(request) ? slow : undefined), {
    idleTimeoutMs: 1_000,
  })
  const startMs = performance.now()
  await object.fetchObject()
  assert.ok(performance.now() - startMs > 1_000)
  assert.equal(object.proxy.seen.length, 6)
  assert.ok(bytes.equals(await object.received()))
})

server.test(
  'a server in trouble for too long is source-unreachable, and nothing is left',
  async (t) => {
    const object = await buildFaultyObject(
      t,
      (request) => (request.number > 4 ? slowDown : undefined),
      { maxAttempts: 3 },
    )
    await assert.rejects(object.fetchObject(), (error) => {
      errorCode('source-unreachable')(error)
      assert.ok(error instanceof MillraceError && error.entry.retryable)
      assert.match(error.message, /the server answered 503 SlowDown \(tries: 3\)/)
      return error.message.includes(object.location)
    })
    assert.deepEqual(await object.left(), [])
  },
)

server.test('a server that is not there is source-unreachable', async (t) => {
  const object = await buildFaultyObject(t, () => undefined, {
    endpoint: 'http://127.0.0.1:9',
    maxAttempts: 2,
  })
  await assert.rejects(object.fetchObject(), (error) => {
    errorCode('source-unreachable')(error)
    return /the connection was refused/.test(String(error))
  })
})

server.test('an object that changes between two parts is fetched anew', async (t) => {
  const other = Buffer.from(bytes).reverse()
  let changed = false
  const object = await buildFaultyObject(t, (request, { bucket }) => {
    if (request.number !== 4 || changed) return
    changed = true
    return { kind: 'after', act: () => server.put(bucket, 'events.csv', other) }
  })
  const { info } = await object.fetchObject()
  assert.ok(other.equals(await object.received()))
  assert.equal(info.etag, (await object.connector.stat(object.location)).etag)
  assert.ok(object.proxy.seen.filter(isGet).every(({ headers }) => headers['if-match']))
})

server.test(
  'bytes of two versions never mix, even where the server ignores If-Match',
  async (t) => {
    const other = Buffer.from(bytes).reverse()
    // Without a checksum, the tag of each answer is all that tells the versions apart.
    const options = { etagIsMd5: false, partBytes: 50_000, parallelParts: 2 }
    const decide = (request: SeenRequest, { bucket }: { bucket: string }): Fault => {
      const without = /^if-match$/
      if (request.number !== 9) return { kind: 'after', without }
      return { kind: 'after', without, act: () => server.put(bucket, 'events.csv', other) }
    }
    const object = await buildFaultyObject(t, decide, options)
    await object.fetchObject()
    assert.ok(other.equals(await object.received()))
  },
)

server.test('an object that never rests is source-changing', async (t) => {
  let version = 0
  const object = await buildFaultyObject(t, (request, { bucket }) => {
    if (!isGet(request)) return
    return {
      kind: 'after',
      act: () => server.put(bucket, 'events.csv', seededBytes(SIZE_BYTES + version++)),
    }
  })
  await assert.rejects(object.fetchObject(), errorCode('source-changing'))
  assert.deepEqual(await object.left(), [])
})

server.test('an object that always arrives with a wrong bit is source-damaged', async (t) => {
  const flip: Fault = { kind: 'flip', atByte: 5 }
  const object = await buildFaultyObject(t, (request) => (isGet(request) ? flip : undefined))
  await assert.rejects(object.fetchObject(), errorCode('source-damaged'))
  assert.deepEqual(await object.left(), [])
})

server.test('a server that ignores ranges is told of, with the way out', async (t) => {
  const object = await buildFaultyObject(t, () => ({ kind: 'after', without: /^range$/ }))
  await assert.rejects(object.fetchObject(), (error) => {
    errorCode('source-damaged')(error)
    return /partBytes/.test((error as MillraceError).remedy)
  })
})

server.test('a list that says 200 and is none is never taken for an empty bucket', async (t) => {
  for (const body of [
    '<Error><Code>InternalError</Code></Error>',
    '<html>Please sign in</html>',
    '',
  ]) {
    const answer: Fault = { kind: 'answer', status: 200, body }
    const object = await buildFaultyObject(t, ({ number }) => (number <= 2 ? answer : undefined))
    const list = () => Array.fromAsync(object.connector.list(`s3://${object.bucket}/`))
    assert.equal((await list()).length, 1)
    const always = await buildFaultyObject(t, () => answer, { maxAttempts: 2 })
    await assert.rejects(
      Array.fromAsync(always.connector.list(`s3://${always.bucket}/`)),
      errorCode('source-unreachable'),
    )
  }
})

server.test('an abort ends a silent transfer and a back-off at once', async (t) => {
  for (const fault of [{ kind: 'stall', afterBytes: 10 }, { kind: 'reset' }] as const) {
    const control = new AbortController()
    const object = await buildFaultyObject(
      t,
      (request) => {
        if (!isGet(request)) return
        setTimeout(() => control.abort(new Error('enough')), 20)
        return fault
      },
      { idleTimeoutMs: 60_000, maxAttempts: 100 },
    )
    await assert.rejects(object.fetchObject(control.signal), /enough/)
    assert.deepEqual(await object.left(), [])
  }
})
