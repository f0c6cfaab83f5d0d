import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseAddress } from '#egress/address.ts'
import { parseAllowList } from '#egress/allow-list.ts'
import { MillraceError } from '#kernel/errors.ts'

function permits(entry: string, written: string, port: number): boolean {
  const address = parseAddress(written)
  const list = parseAllowList([entry])
  return address ? list.permitsAddress(address, port) : list.permitsHost(written, port)
}

test('an entry permits what it names, at its port or at all ports', () => {
  for (const [entry, place, port, expected] of [
    ['127.0.0.1', '127.0.0.1', 80, true],
    ['127.0.0.1', '127.0.0.2', 80, false],
    ['127.0.0.1:9000', '127.0.0.1', 9000, true],
    ['127.0.0.1:9000', '127.0.0.1', 9001, false],
    ['127.1', '127.0.0.1', 80, true],
    ['10.0.0.0/8', '10.255.0.1', 80, true],
    ['10.0.0.0/8', '11.0.0.1', 80, false],
    ['10.0.0.0/8:443', '10.1.1.1', 443, true],
    ['10.0.0.0/8:443', '10.1.1.1', 80, false],
    ['::1', '::1', 80, true],
    ['[::1]', '::1', 80, true],
    ['[::1]:9000', '::1', 9000, true],
    ['[::1]:9000', '::1', 80, false],
    ['fd00::/8', 'fd12::1', 80, true],
    ['fd00::/8:9000', 'fd12::1', 80, false],
    ['[fd00::]/8:9000', 'fd12::1', 9000, true],
    ['0.0.0.0/0', '::ffff:127.0.0.1', 80, false],
    ['::/0', '127.0.0.1', 80, false],
    ['minio.internal', 'minio.internal', 9000, true],
    ['minio.internal', 'MINIO.internal.', 9000, true],
    ['Minio.Internal.:9000', 'minio.internal', 9000, true],
    ['minio.internal:9000', 'minio.internal', 80, false],
    ['minio.internal', 'a.minio.internal', 80, false],
    ['minio.internal', 'xminio.internal', 80, false],
    ['bücher.test', 'xn--bcher-kva.test', 80, true],
  ] as const) {
    assert.equal(permits(entry, place, port), expected, `${entry} for ${place}:${port}`)
  }
})

test('all entries that cannot be read are told at once', () => {
  const bad = [
    '',
    '*',
    '*.internal',
    '10.0.0.1/8',
    '10.0.0.0/33',
    'a:0',
    'a:70000',
    'http://a',
    '[a]',
  ]
  assert.throws(
    () => parseAllowList(['10.0.0.0/8', ...bad]),
    (error) =>
      error instanceof MillraceError &&
      error.code === 'settings-invalid' &&
      Array.isArray(error.details['problems']) &&
      error.details['problems'].length === bad.length,
  )
})
