import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

import compress from '@fastify/compress'
import fastify from 'fastify'
import { Readable } from 'node:stream'

import { compression } from '#server/compression.ts'

const rows = `id,name\n${'1,a name that comes again and again\n'.repeat(500)}`

async function serve(type: string) {
  const app = fastify()
  await app.register(compress, compression)
  app.get('/plain', (_request, reply) => reply.type(type).send(rows))
  app.get('/rows', (_request, reply) =>
    reply.type(type).compress(Readable.from([Buffer.from(rows)], { objectMode: false })),
  )
  return app
}

test('rows are compressed as the caller takes them, and are the same behind it', async () => {
  const app = await serve('text/csv; charset=utf-8; header=present')
  for (const [encoding, decode] of [
    ['gzip', gunzipSync],
    ['br', brotliDecompressSync],
  ] as const) {
    const answer = await app.inject({ url: '/rows', headers: { 'accept-encoding': encoding } })
    assert.equal(answer.headers['content-encoding'], encoding)
    assert.equal(answer.headers['content-length'], undefined)
    assert.ok(answer.rawPayload.byteLength < rows.length / 5)
    assert.equal(decode(answer.rawPayload).toString(), rows)
  }
  const plain = await app.inject({ url: '/rows', headers: { 'accept-encoding': 'identity' } })
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.body, rows)
  await app.close()
})

test('neither other answers nor forms that are compressed already are touched', async () => {
  const headers = { 'accept-encoding': 'gzip' }
  const text = await serve('application/json')
  assert.equal((await text.inject({ url: '/plain', headers })).body, rows)
  await text.close()
  const parquet = await serve('application/vnd.apache.parquet')
  const answer = await parquet.inject({ url: '/rows', headers })
  assert.equal(answer.headers['content-encoding'], undefined)
  assert.equal(answer.body, rows)
  await parquet.close()
})
