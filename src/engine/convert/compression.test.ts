import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'

import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { GOOD, HEADER, convert } from '#engine/convert/convert-for-tests.ts'

const body = Buffer.from(
  HEADER + Array.from({ length: 40_000 }, (_, at) => GOOD.replace('a', `${at * 7919}`)).join(''),
)

async function refused(t: TestContext, bytes: Buffer, pattern: RegExp) {
  await assert.rejects(convert(t, bytes), (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, 'source-compression', error.message)
    assert.match(error.message, pattern)
    return true
  })
}

test('gzip and zstd are read by their first bytes, of any number of parts', async (t) => {
  const half = body.indexOf('\n', body.length / 2) + 1
  const skippable = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])
  for (const pack of [gzipSync, zstdCompressSync]) {
    const two = [pack(body.subarray(0, half)), pack(body.subarray(half))]
    const other = pack === gzipSync ? [] : [skippable]
    for (const bytes of [pack(body), Buffer.concat([...two, ...other])]) {
      const { result } = await convert(t, bytes)
      assert.equal(result.accepted, 40_000)
      assert.equal(result.rawSha256, sha256(bytes))
    }
  }
})

test('zstd whose blocks are not compressed, or repeat one byte, is read whole', async (t) => {
  const random = Buffer.from(HEADER + GOOD)
  const run = Buffer.from(`${HEADER}${'x'.repeat(900_000)},2021-04-01,1,[]\n`)
  for (const plain of [random, run]) {
    const packed = zstdCompressSync(plain)
    const { result } = await convert(
      t,
      Buffer.concat([packed, zstdCompressSync(Buffer.from(GOOD))]),
    )
    assert.equal(result.accepted, 2)
  }
})

test('what is cut, damaged, followed by something else, or a bomb is refused', async (t) => {
  const gzip = gzipSync(body)
  const zstd = zstdCompressSync(body, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
  await refused(t, gzip.subarray(0, -20), /gzip file is cut short/)
  await refused(t, zstd.subarray(0, -20), /zstd file is cut short/)
  await refused(t, zstd.subarray(0, 5), /zstd file is cut short/)
  await refused(t, Buffer.concat([zstd, zstd.subarray(0, 900)]), /zstd file is cut short/)
  await refused(t, Buffer.concat([gzip, Buffer.from('junk')]), /gzip file is damaged/)
  await refused(t, Buffer.concat([zstd, Buffer.from('junk')]), /begins nothing that zstd knows/)
  const damaged = Buffer.from(zstd)
  damaged[200] = (damaged[200] ?? 0) ^ 0xff
  await refused(t, damaged, /zstd file is (damaged|cut short)|nothing that zstd knows/)
  const bomb = Buffer.from(HEADER + 'x'.repeat(70e6))
  await refused(t, zstdCompressSync(bomb), /over 64 MB/)
  await refused(
    t,
    Buffer.concat([
      zstdCompressSync(bomb.subarray(0, 40e6)),
      zstdCompressSync(bomb.subarray(40e6)),
    ]),
    /over 64 MB/,
  )
})
