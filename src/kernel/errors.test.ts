import assert from 'node:assert/strict'
import { test } from 'node:test'

import { errorCatalog } from '#kernel/error-catalog.ts'
import type { ErrorEntry } from '#kernel/error-entry.ts'
import {
  fromErrorData,
  MillraceError,
  toErrorData,
  toMillraceError,
  type ErrorCode,
} from '#kernel/errors.ts'

const entries = Object.entries(errorCatalog) as [ErrorCode, ErrorEntry][]

test('an error names the thing and the value, and its remedy too', () => {
  const error = new MillraceError('dataset-unknown', { dataset: 'top', known: ['a', 'b'] })
  assert.equal(error.message, 'no dataset is named "top"')
  assert.equal(error.remedy, 'The datasets are: a, b.')
})

test('a detail that is missing stays visible as its placeholder', () => {
  const error = new MillraceError('dataset-unknown')
  assert.equal(error.message, 'no dataset is named "{dataset}"')
})

test('details are filled in as they are, also where they look like placeholders', () => {
  const error = new MillraceError('dataset-unknown', { dataset: '{known} $& $1', known: [] })
  assert.equal(error.message, 'no dataset is named "{known} $& $1"')
})

test('an error survives the way over a wire', () => {
  const cause = new Error('outer', { cause: new Error('inner') })
  const error = new MillraceError('tenant-unknown', { tenant: 'acme' }, { cause })
  const data = toErrorData(error)
  assert.deepEqual(data.causes, ['outer', 'inner'])
  const back = fromErrorData(JSON.parse(JSON.stringify(data)))
  assert.deepEqual(toErrorData(back), data)
})

test('an error of a newer server keeps its message', () => {
  for (const code of ['not-known-here', 'toString', '__proto__']) {
    const data = { ...toErrorData(new MillraceError('internal')), message: 'the news', code }
    const error = fromErrorData(data as never)
    assert.equal(error.code, 'internal')
    assert.match(error.message, /the news/)
  }
})

test('whatever is thrown becomes an error of ours, and ours stays itself', () => {
  const own = new MillraceError('tenant-unknown', { tenant: 'acme' })
  assert.equal(toMillraceError(own), own)
  const thrown = new TypeError('x is not a function')
  const wrapped = toMillraceError(thrown)
  assert.deepEqual([wrapped.code, wrapped.cause], ['internal', thrown])
  assert.match(wrapped.message, /x is not a function/)
  assert.match(toMillraceError('a text').message, /a text/)
  assert.match(toMillraceError(undefined).message, /undefined/)
})

test('a chain of causes that goes in circles ends', () => {
  const cause = new Error('round')
  cause.cause = cause
  const { causes } = toErrorData(new MillraceError('internal', {}, { cause }))
  assert.equal(causes.length, 5)
})

test('every entry of the catalogue has a text, a way out and a status that fits its kind', () => {
  assert.ok(entries.length > 20)
  for (const [code, { kind, status, text, remedy, retryable }] of entries) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/)
    assert.ok(text.length > 0 && remedy.length > 0, code)
    assert.ok(status >= 400 && status < 600, code)
    if (kind === 'user') assert.ok(status < 500, `${code}: a caller's mistake is not a 5xx`)
    // Too many requests are a caller's mistake that time heals.
    if ((kind === 'user' && status !== 429) || kind === 'definition') {
      assert.ok(!retryable, `${code}: trying again does not help`)
    }
    assert.doesNotMatch(text, /failed to|something went wrong|[.!]$/i, code)
    assert.match(remedy, /[.}]$/, `${code}: the remedy is a sentence`)
  }
})
