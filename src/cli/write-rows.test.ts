import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { once } from 'node:events'
import { test } from 'node:test'

import { openRemoteDoor } from '#cli/door/remote-door.ts'
import { writeToFile, writeToOutput } from '#cli/write-rows.ts'
import { exportDataset } from '#operations/datasets/export.ts'
import type { StreamOutput } from '#operations/operation.ts'
import { buildFolder } from '../../test/support/open-parts.ts'

function rowsOf(open: StreamOutput['open']): StreamOutput {
  return {
    contentType: 'text/csv',
    fileName: 'x.csv',
    rows: 1,
    totalRows: 1,
    partitions: 1,
    partitionsAsked: 1,
    commitNumber: 1,
    etag: '"x"',
    open,
  }
}

test('a file appears whole', async (t) => {
  const folder = await buildFolder(t)
  const path = join(folder, 'rows.csv')
  await writeToFile(
    rowsOf(async () => Readable.from(['a\n', '1\n'])),
    path,
  )
  assert.equal(await readFile(path, 'utf8'), 'a\n1\n')
  assert.deepEqual(await readdir(folder), ['rows.csv'])
})

test('an answer that breaks off is an error, never a shorter result', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' })
    response.write('a\n1\n')
    setTimeout(() => response.socket?.destroy(), 50)
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const door = openRemoteDoor({ url: `http://127.0.0.1:${port}`, key: 'x', tenant: null })
  const ask = () => door.invoke(exportDataset, { dataset: 'events', format: 'csv' })
  const folder = await buildFolder(t)
  await assert.rejects(writeToFile(await ask(), join(folder, 'rows.csv')), {
    code: 'answer-incomplete',
  })
  assert.deepEqual(await readdir(folder), [])
  await assert.rejects(writeToOutput(await ask(), new PassThrough().resume()), {
    code: 'answer-incomplete',
  })
})

test('a reader that goes away ends the output without an error', async () => {
  const out = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  await writeToOutput(
    rowsOf(async () => Readable.from(['a'.repeat(1000), 'b'])),
    out,
  )
})

test('a place that cannot be written is named', async (t) => {
  const path = join(await buildFolder(t), 'missing', 'rows.csv')
  await assert.rejects(
    writeToFile(
      rowsOf(async () => Readable.from(['a'])),
      path,
    ),
    {
      code: 'output-unwritable',
    },
  )
})
