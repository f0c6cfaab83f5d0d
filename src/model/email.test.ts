import assert from 'node:assert/strict'
import { test } from 'node:test'

import { normalEmail } from '#model/email.ts'

test('one address is written one way', () => {
  for (const [text, normal] of [
    ['anna@example.com', 'anna@example.com'],
    [' Anna@Example.COM ', 'anna@example.com'],
    ['a.b+c@x.example.co', 'a.b+c@x.example.co'],
    ['jörg@bücher.example', 'jörg@xn--bcher-kva.example'],
    ['jo\u0308rg@BU\u0308CHER.example', 'jörg@xn--bcher-kva.example'],
    ["o'neil@x.org", "o'neil@x.org"],
  ] as const) {
    assert.equal(normalEmail(text), normal, text)
  }
})

test('what is no address, or more than one, is refused', () => {
  for (const text of [
    '',
    'anna',
    '@x.org',
    'anna@',
    'anna@x',
    'anna@localhost',
    'anna@127.0.0.1',
    'anna@[::1]',
    'a@b@x.org',
    'a b@x.org',
    'a@x.org, b@x.org',
    'a@x.org\nBcc: b@x.org',
    'a\0@x.org',
    '"a"@x.org',
    'a..b@x.org',
    '.a@x.org',
    '<a@x.org>',
    'a@-x.org',
    'a\u202e@x.org',
    `${'a'.repeat(65)}@x.org`,
    `a@${'x'.repeat(60)}.${'y'.repeat(63)}.${'z'.repeat(63)}.${'w'.repeat(63)}.org`,
  ]) {
    assert.equal(normalEmail(text), null, JSON.stringify(text))
  }
})
