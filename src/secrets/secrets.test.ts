import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { systemRandom } from '#kernel/random.ts'
import { keyLine, parseKeyRing } from '#secrets/key-ring.ts'
import { secretPlace } from '#secrets/secret-place.ts'
import { openSecrets, sealedBy } from '#secrets/secrets.ts'

const newKey = () => keyLine(systemRandom.bytes(32))
const ringOf = (...lines: readonly string[]) => parseKeyRing(lines.join(''), 'keys')
const openRing = (...lines: readonly string[]) => openSecrets(ringOf(...lines), systemRandom)
const here = secretPlace(7, 'call_handler.secret', 'resize')

const coded = (code: string) => (error: unknown) =>
  error instanceof MillraceError && error.code === code

test('what was sealed for a place opens there, each time sealed differently', () => {
  const secrets = openRing(newKey())
  for (const plain of ['', 'whsec_abc', 'ключ 🔑\0\n', 'x'.repeat(100_000)]) {
    const sealed = secrets.seal(plain, here)
    assert.equal(secrets.open(sealed, here), plain)
    assert.notEqual(secrets.seal(plain, here), sealed)
    assert.equal(sealedBy(sealed), secrets.currentKeyId)
  }
})

test('it opens for no other tenant, column or row, and not for the deployment', () => {
  const secrets = openRing(newKey())
  const sealed = secrets.seal('hidden', here)
  for (const elsewhere of [
    secretPlace(8, 'call_handler.secret', 'resize'),
    secretPlace(null, 'call_handler.secret', 'resize'),
    secretPlace(7, 'call_handler.url', 'resize'),
    secretPlace(7, 'call_handler.secret', 'resize2'),
    secretPlace(7, 'call_handler.secret', 'resize', ''),
    secretPlace(7, 'call_handler.secret'),
  ]) {
    assert.throws(() => secrets.open(sealed, elsewhere), coded('secret-damaged'), elsewhere.place)
  }
  const two = (...keys: string[]) => secretPlace(1, 'a.b', ...keys).place
  assert.notEqual(two('x/y', 'z'), two('x', 'y/z'))
})

test('one changed character, anywhere, and it does not open', () => {
  const secrets = openRing(newKey())
  const sealed = secrets.seal('hidden', here)
  for (let at = 0; at < sealed.length; at++) {
    for (const other of ['A', 'B', '0', '-', '=']) {
      if (sealed[at] === other) continue
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
      assert.throws(() => secrets.open(changed, here), MillraceError, changed)
    }
  }
  for (const cut of [sealed.slice(0, -1), sealed.slice(0, 30), `${sealed}A`, '', 'hidden']) {
    assert.throws(() => secrets.open(cut, here), MillraceError, cut)
  }
})

test('the first key of the file seals, all open, and one that is gone is named', () => {
  const [former, later] = [newKey(), newKey()]
  const before = openRing(former)
  const sealed = before.seal('hidden', here)
  const both = openRing(later, former)
  assert.equal(both.open(sealed, here), 'hidden')
  assert.equal(sealedBy(both.seal('x', here)), ringOf(later)[0]?.id)
  assert.deepEqual(both.keyIds, [ringOf(later)[0]?.id, ringOf(former)[0]?.id])
  assert.throws(
    () => openRing(later).open(sealed, here),
    (error) =>
      coded('secret-key-missing')(error) && String(error).includes(`${before.currentKeyId}`),
  )
})

test('without a key nothing is sealed, and the error says how to make one', () => {
  const none = openSecrets([], systemRandom)
  assert.equal(none.currentKeyId, null)
  assert.throws(() => none.seal('x', here), coded('secret-key-none'))
})

test('a file of keys is refused for what is no key, known to everybody or there twice', () => {
  const good = newKey()
  assert.equal(ringOf('# former one\n', '\n', good, `  ${newKey()}`, '# end').length, 2)
  for (const [text, problem] of [
    ['', /no key/],
    ['# only this\n', /no key/],
    ['hunter2\n', /line 1 is not 32 bytes/],
    [`${good}${good.slice(4)}`, /line 2 is not 32 bytes/],
    [`${good}\n\n${good}`, /line 4 repeats/],
    ['MILLRACEsampleKEYmillraceSAMPLEkeyMillrace0=', /sample key/],
    [Buffer.alloc(32).toString('base64'), /not made by chance/],
    [Buffer.alloc(32, 'abc').toString('base64'), /not made by chance/],
  ] as const) {
    assert.throws(
      () => parseKeyRing(text, 'keys'),
      (error: Error) => {
        assert.match(error.message, problem)
        return coded('secret-key-unusable')(error) && !error.message.includes('hunter2')
      },
    )
  }
})
