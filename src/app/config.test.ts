import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'

import { parseConfig, parseSize, printableSetting } from '#app/config.ts'
import { MillraceError } from '#kernel/errors.ts'

test('an empty environment gives the defaults, frozen', () => {
  const config = parseConfig({})
  assert.equal(config.home, resolve('.millrace'))
  assert.equal(config.port, 7420)
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.databaseUrl, null)
  assert.equal(config.tenant, null)
  assert.equal(config.memoryBytes, 2 ** 30)
  assert.ok(Object.isFrozen(config))
})

test('an empty variable counts as unset', () => {
  assert.equal(parseConfig({ MILLRACE_PORT: '', DATABASE_URL: '' }).port, 7420)
})

test('all problems are told at once, without the secret', () => {
  const bad = {
    MILLRACE_PORT: 'eighty',
    MILLRACE_MEMORY: '1MB',
    MILLRACE_URL: 'ftp://somewhere',
    DATABASE_URL: 'mysql://root:hunter2@db/x',
    MILLRACE_LOG: 'loud',
  }
  assert.throws(
    () => parseConfig(bad),
    (error) => {
      assert.ok(error instanceof MillraceError)
      assert.equal(error.code, 'settings-invalid')
      for (const variable of Object.keys(bad)) assert.match(error.message, new RegExp(variable))
      assert.match(error.message, /"eighty"/)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    },
  )
})

test('a server without a key is a problem', () => {
  assert.throws(() => parseConfig({ MILLRACE_URL: 'https://millrace.test' }), /MILLRACE_KEY/)
})

test('printed settings hide keys and passwords', () => {
  const config = parseConfig({
    MILLRACE_URL: 'https://millrace.test/',
    MILLRACE_KEY: 'mk_secret',
    DATABASE_URL: 'postgres://ada:hunter2@db:5432/millrace',
  })
  assert.equal(printableSetting(config, 'url'), 'https://millrace.test')
  assert.equal(printableSetting(config, 'key'), '••••••••')
  assert.equal(printableSetting(config, 'databaseUrl'), 'postgres://ada:••••••••@db:5432/millrace')
})

test('sizes are decimal or binary', () => {
  assert.equal(parseSize('512MiB'), 512 * 2 ** 20)
  assert.equal(parseSize('2GB'), 2e9)
  assert.equal(parseSize('1.5 G'), 1.5e9)
  assert.equal(parseSize('123456'), 123_456)
  assert.equal(parseSize('lots'), null)
})
