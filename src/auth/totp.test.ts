import assert from 'node:assert/strict'
import { test } from 'node:test'

import { makeRecoveryCodes, recoveryHash } from '#auth/recovery-codes.ts'
import { matchingStep, toBase32, totpCode, totpStep, totpUri } from '#auth/totp.ts'
import { systemRandom } from '#kernel/random.ts'

const secret = Buffer.from('12345678901234567890')

test('codes are those of RFC 6238, appendix B', () => {
  const long = (size: number) => Buffer.from('1234567890'.repeat(7).slice(0, size))
  const vectors = [
    [59, '94287082', '46119246', '90693936'],
    [1111111109, '07081804', '68084774', '25091201'],
    [1111111111, '14050471', '67062674', '99943326'],
    [1234567890, '89005924', '91819424', '93441116'],
    [2000000000, '69279037', '90698825', '38618901'],
    [20000000000, '65353130', '77737706', '47863826'],
  ] as const
  for (const [seconds, ...codes] of vectors) {
    const step = totpStep(new Date(seconds * 1000))
    const found = (['sha1', 'sha256', 'sha512'] as const).map((algorithm, at) =>
      totpCode(long([20, 32, 64][at] ?? 0), step, { digits: 8, algorithm }),
    )
    assert.deepEqual(found, codes, String(seconds))
  }
})

test('a code is taken one step early or late, not two', () => {
  const at = new Date(1_800_000_000_000)
  const step = totpStep(at)
  const codes = [-2, -1, 0, 1, 2].map((shift) => totpCode(secret, step + shift))
  assert.equal(new Set(codes).size, 5)
  const found = codes.map((code) => matchingStep(secret, code, at))
  assert.deepEqual(found, [null, step - 1, step, step + 1, null])
})

test('an authenticator reads the secret in base 32', () => {
  assert.equal(toBase32(secret), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  assert.equal(toBase32(Buffer.from('foob')), 'MZXW6YQ')
  assert.equal(
    totpUri(secret, 'a+b@x.org'),
    'otpauth://totp/Millrace:a%2Bb%40x.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Millrace',
  )
})

test('a recovery code is known again however it is typed', () => {
  const { codes, hashes } = makeRecoveryCodes(systemRandom)
  assert.equal(new Set(codes).size, 10)
  for (const [at, code] of codes.entries()) {
    assert.match(code, /^([0-9a-z]{4}-){3}[0-9a-z]{4}$/)
    const typed = code.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l')
    assert.equal(recoveryHash(typed), hashes[at])
  }
  for (const none of ['', '123456', 'a'.repeat(17), "' OR 1=1 --"]) {
    assert.equal(recoveryHash(none), null, none)
  }
})
