import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import type { Connector, ConnectorContext } from '#connectors/connector.ts'
import { discoverPartitions, fillLocation } from '#connectors/location.ts'
import { systemClock } from '#kernel/clock.ts'
import type { ErrorCode } from '#kernel/errors.ts'
import { MillraceError } from '#kernel/errors.ts'
import { silentLogger } from '#kernel/logger.ts'
import { seededRandom } from '#kernel/random.ts'

/** A place of the outside system that a test has for itself. */
export interface ConformancePlace {
  readonly connector: Connector
  /** Address that every name is appended to; ends in `/`. */
  readonly base: string
  /** Writes an object under base + name, or replaces it. */
  put(name: string, bytes: Uint8Array): Promise<void>
}

export interface ConformanceSubject {
  readonly name: string
  /** Registers one test; node's own by default. */
  readonly test?: (title: string, body: (t: TestContext) => Promise<void>) => void
  open(t: TestContext, context: ConnectorContext): Promise<ConformancePlace>
}

export const testContext: ConnectorContext = {
  clock: systemClock,
  random: seededRandom(1),
  log: silentLogger,
  baseFolder: tmpdir(),
}

const LARGE_BYTES = 20 * 1024 * 1024

const awkwardNames = [
  'plain.csv',
  'two words.csv',
  'per%20cent.csv',
  '100%.csv',
  'plus+and&amp.csv',
  'ümläut-żółć.csv',
  '日本語.csv',
  '🐟.csv',
  'quote\'s "double".csv',
  'question?#hash.csv',
  'brackets[0](1).csv',
]

/** Holds an instance of a connector to the contract of `connector.ts`. */
export function testConnector(subject: ConformanceSubject): void {
  const register = subject.test ?? ((title, body) => void test(title, body))
  const check = (
    title: string,
    body: (place: ConformancePlace, folder: string) => Promise<void>,
  ) => {
    register(`${subject.name}: ${title}`, async (t) => {
      const place = await subject.open(t, testContext)
      t.after(() => place.connector.close())
      await body(place, await buildFolder(t))
    })
  }

  check(
    'an object is described and fetched byte for byte',
    async ({ connector, base, put }, folder) => {
      const bytes = Buffer.from('id,name\n1,Ümläut\n')
      await put('events.csv', bytes)
      const info = await connector.stat(`${base}events.csv`)
      assert.equal(info.location, `${base}events.csv`)
      assert.equal(connector.resolve(`${base}events.csv`), info.location)
      assert.equal(info.sizeBytes, bytes.length)
      assert.ok(Math.abs(info.modifiedAt.getTime() - systemClock.now().getTime()) < 60_000)
      const toPath = join(folder, 'raw')
      const result = await connector.fetch({ location: info.location, toPath })
      assert.deepEqual(result, { changed: true, info })
      assert.deepEqual(await readFile(toPath), bytes)
      assert.deepEqual(await readdir(folder), ['raw'])
    },
  )

  check(
    'an unchanged object is not fetched again, a changed one is',
    async ({ connector, base, put }, folder) => {
      await put('events.csv', Buffer.from('first'))
      const { etag: knownEtag } = await connector.stat(`${base}events.csv`)
      const request = { location: `${base}events.csv`, knownEtag, toPath: join(folder, 'raw') }
      assert.equal((await connector.fetch(request)).changed, false)
      assert.deepEqual(await readdir(folder), [])
      await put('events.csv', Buffer.from('other'))
      const changed = await connector.fetch(request)
      assert.equal(changed.changed, true)
      assert.notEqual(changed.info.etag, knownEtag)
      assert.equal(await readFile(request.toPath, 'utf8'), 'other')
    },
  )

  check(
    'a missing object is object-missing and leaves nothing',
    async ({ connector, base, put }, folder) => {
      await put('there.csv', Buffer.from('x'))
      const location = `${base}gone.csv`
      await assert.rejects(connector.stat(location), missing(location))
      const fetching = connector.fetch({ location, toPath: join(folder, 'raw') })
      await assert.rejects(fetching, missing(location))
      assert.deepEqual(await readdir(folder), [])
      const below = `${base}there.csv/below.csv`
      await assert.rejects(connector.stat(below), missing(below))
    },
  )

  check('an object without bytes is an object', async ({ connector, base, put }, folder) => {
    await put('empty.csv', Buffer.alloc(0))
    const toPath = join(folder, 'raw')
    const { info } = await connector.fetch({ location: `${base}empty.csv`, toPath })
    assert.equal(info.sizeBytes, 0)
    assert.equal((await readFile(toPath)).length, 0)
  })

  check(
    'a large object arrives byte for byte, with progress',
    async ({ connector, base, put }, folder) => {
      const bytes = seededBytes(LARGE_BYTES)
      await put('large.csv', bytes)
      const toPath = join(folder, 'raw')
      const progress: number[] = []
      await connector.fetch({
        location: `${base}large.csv`,
        toPath,
        onProgress(done, total) {
          assert.equal(total, LARGE_BYTES)
          progress.push(done)
        },
      })
      assert.equal(digest(await readFile(toPath)), digest(bytes))
      assert.equal(progress.at(-1), LARGE_BYTES)
      assert.deepEqual(
        progress,
        progress.toSorted((a, b) => a - b),
      )
    },
  )

  check('an aborted fetch ends and leaves nothing', async ({ connector, base, put }, folder) => {
    await put('large.csv', seededBytes(LARGE_BYTES))
    const location = `${base}large.csv`
    const toPath = join(folder, 'raw')
    const before = AbortSignal.abort(new Error('before'))
    await assert.rejects(connector.fetch({ location, toPath, signal: before }), /before/)
    const control = new AbortController()
    const onProgress = () => control.abort(new Error('meanwhile'))
    const fetching = connector.fetch({ location, toPath, signal: control.signal, onProgress })
    // A copy that shares the blocks is over before it can be stopped.
    const whole = await fetching.then(
      () => true,
      (error: unknown) => {
        assert.match(String(error), /meanwhile/)
        return false
      },
    )
    assert.deepEqual(await readdir(folder), whole ? ['raw'] : [])
  })

  check('names are taken letter by letter', async ({ connector, base, put }, folder) => {
    for (const name of awkwardNames) await put(name, Buffer.from(name))
    for (const [index, name] of awkwardNames.entries()) {
      const toPath = join(folder, String(index))
      const { info } = await connector.fetch({ location: base + name, toPath })
      assert.equal(info.location, base + name)
      assert.equal(await readFile(toPath, 'utf8'), name)
    }
    const listed = (await Array.fromAsync(connector.list(base))).map((info) => info.location)
    assert.deepEqual(listed, inByteOrder(awkwardNames.map((name) => base + name)))
  })

  check(
    'a list holds what begins with the prefix, in order, described as stat does',
    async ({ connector, base, put }) => {
      const names = ['a/1.csv', 'a/2/x.csv', 'a.csv', 'a0.csv', 'ab/1.csv', 'b/1.csv']
      for (const name of names) await put(name, Buffer.from(name))
      const below = async (prefix: string) =>
        (await Array.fromAsync(connector.list(base + prefix))).map((info) =>
          info.location.slice(base.length),
        )
      assert.deepEqual(await below(''), inByteOrder(names))
      assert.deepEqual(await below('a'), ['a.csv', 'a/1.csv', 'a/2/x.csv', 'a0.csv', 'ab/1.csv'])
      assert.deepEqual(await below('a/'), ['a/1.csv', 'a/2/x.csv'])
      assert.deepEqual(await below('nothing/'), [])
      const [first] = await Array.fromAsync(connector.list(`${base}b/`))
      assert.ok(first)
      const { modifiedAt: _listed, ...listed } = first
      const { modifiedAt: _told, ...told } = await connector.stat(first.location)
      assert.deepEqual(listed, told)
    },
  )

  check('partitions are found by a template', async ({ connector, base, put }) => {
    const template = `${base}{tenant}/{yyyy}/{MM}/events-{yyyy}{MM}.csv`
    for (const key of ['2021-04', '2020-12', '2021-05']) {
      const address = fillLocation(template, key, 'acme')
      await put(address.slice(base.length), Buffer.from(key))
    }
    for (const stray of [
      '2021/04/events-202105.csv',
      '2021/13/events-202113.csv',
      '2021/06/events-202106.csv.gz',
    ]) {
      await put(`acme/${stray}`, Buffer.from('stray'))
    }
    await put('other/2021/07/events-202107.csv', Buffer.from('foreign'))
    const found = await discoverPartitions(connector, template, { tenant: 'acme', grain: 'month' })
    assert.deepEqual(
      found.map(({ partition, info }) => [partition, info.location]),
      ['2020-12', '2021-04', '2021-05'].map((key) => [key, fillLocation(template, key, 'acme')]),
    )
  })
}

export function errorCode(code: ErrorCode) {
  return (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, code, error.message)
    const asked = `${error.entry.text} ${error.entry.remedy}`.matchAll(/\{(\w+)\}/g)
    for (const [, name = ''] of asked) assert.ok(name in error.details, `no detail "${name}"`)
    return true
  }
}

function missing(location: string) {
  return (error: unknown) => {
    errorCode('object-missing')(error)
    assert.ok(error instanceof MillraceError && !error.entry.retryable)
    assert.ok(error.message.includes(location))
    return true
  }
}

export async function buildFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-connector-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The same bytes on each call; no two blocks of them are equal. */
export function seededBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = 1
  for (let at = 0; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes.writeUInt32LE(state, at)
  }
  return bytes
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function inByteOrder(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}
