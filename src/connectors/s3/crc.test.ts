import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createCrc32, createCrc32c, createCrc64Nvme } from '#connectors/s3/crc.ts'
import type { RunningChecksum } from '#connectors/s3/crc.ts'

const hex = (running: RunningChecksum) => Buffer.from(running.digest(), 'base64').toString('hex')

/** Check values of the CRC RevEng catalogue for the ASCII text `123456789`. */
const checkValues = [
  ['CRC-32', createCrc32, 'cbf43926', '00000000'],
  ['CRC-32C', createCrc32c, 'e3069283', '00000000'],
  ['CRC-64/NVME', createCrc64Nvme, 'ae8b14860a799888', '0000000000000000'],
] as const

for (const [name, create, expected, empty] of checkValues) {
  test(`${name} has its published check value, in one piece and in several`, () => {
    const whole = create()
    whole.update(Buffer.from('123456789'))
    assert.equal(hex(whole), expected)
    const pieces = create()
    for (const piece of ['1', '', '2345', '6789']) pieces.update(Buffer.from(piece))
    assert.equal(hex(pieces), expected)
    assert.equal(hex(create()), empty)
  })
}
