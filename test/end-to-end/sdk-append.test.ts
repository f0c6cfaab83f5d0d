import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { createClient, type Client } from '../../sdk/src/index.ts'
import { writeMeters } from '../support/build-meters.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

let folder: string
let server: TestServer
let client: Client
/** Media types and bodies that were sent. */
let sent: { readonly type: string; readonly body: unknown }[]

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-sdk-append-'))
  server = await openServer({}, { packs: [await writeMeters(folder)] })
  const url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  const key = await server.key(server.tenants.alpha, ['read', 'write'])
  sent = []
  const noting: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    sent.push({ type: headers.get('content-type') ?? '', body: init?.body })
    return fetch(input, init)
  }
  client = createClient({ url, key, fetch: noting })
})
after(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const at = '2026-11-22T10:00:00'

test('objects are sent as an object a line, with all their digits', async () => {
  const rows = [
    { at, value: 1 },
    { at, value: 9_007_199_254_740_993n },
  ]
  const answer = await client.datasets.append('ticks', { rows })
  assert.deepEqual([answer.received, answer.existed], [2, false])
  const body = `{"at":"${at}","value":1}\n{"at":"${at}","value":9007199254740993}\n`
  assert.deepEqual(sent.at(-1), { type: 'application/x-ndjson', body })
  const list = await client.datasets.append({ dataset: 'ticks', rows, format: 'json' })
  assert.equal(list.received, 2)
  assert.equal(sent.at(-1)?.type, 'application/json')
})

test('text and bytes are sent as they are, in the format that is said', async () => {
  const csv = `at,value\n${at},3\n${at},4\n${at},5\n`
  const text = await client.datasets.append('ticks', { rows: csv, format: 'csv' })
  assert.equal(text.received, 3)
  assert.deepEqual(sent.at(-1), { type: 'text/csv', body: csv })
  const bytes = await client.datasets.append('ticks', {
    rows: gzipSync(csv),
    format: 'csv',
    encoding: 'gzip',
  })
  assert.equal(bytes.received, 3)
})

test('the same key is the same request', async () => {
  const one = { rows: [{ at, value: 7 }], idempotencyKey: 'of-the-caller' }
  const first = await client.datasets.append('ticks', one)
  const second = await client.datasets.append('ticks', one)
  assert.deepEqual(
    [second.acknowledgement, second.existed, first.existed],
    [first.acknowledgement, true, false],
  )
})

test('what nobody can send is told before it is sent', async () => {
  const before = sent.length
  const { append } = client.datasets
  await assert.rejects(append('ticks', { rows: 'a,b' }), /"format" for text and bytes: /)
  await assert.rejects(append('ticks', { rows: [{ at }], format: 'csv' }), /objects as ndjson/)
  await assert.rejects(append('ticks', { rows: 5 as never, format: 'csv' }), /needs "rows"/)
  assert.equal(sent.length, before)
})
