import assert from 'node:assert/strict'
import { test } from 'node:test'

import { nextHop, type Hop } from '#egress/redirect.ts'

const hop: Hop = {
  method: 'PUT',
  url: new URL('https://a.test/x/y?z'),
  headers: { 'content-type': 'text/plain', 'x-key': 'k' },
  body: Buffer.from('b'),
}

test('a redirect is read relative to the address that sent it', () => {
  assert.equal(nextHop(hop, 307, 'n').url.href, 'https://a.test/x/n')
  assert.equal(nextHop(hop, 307, '//b.test/n').url.href, 'https://b.test/n')
  assert.deepEqual(nextHop(hop, 307, '/n').headers, hop.headers)
  assert.deepEqual(nextHop(hop, 307, '//b.test').headers, { 'content-type': 'text/plain' })
})

test('a body that is not sent again leaves no header behind that describes it', () => {
  const next = nextHop(hop, 303, '/n')
  assert.deepEqual([next.method, next.body, next.headers], ['GET', undefined, { 'x-key': 'k' }])
})

test('an encrypted call is not continued without encryption', () => {
  for (const location of ['http://a.test/x', 'http://b.test/']) {
    assert.throws(() => nextHop(hop, 307, location), { code: 'egress-redirected' })
  }
})
