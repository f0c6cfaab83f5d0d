import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'

import { parseConfig, printableSetting } from '#app/config.ts'
import { lakeAccess, lakePlace } from '#app/lake-settings.ts'
import { parseSize, parseSpan } from '#app/setting-rules.ts'
import { MillraceError } from '#kernel/errors.ts'

test('an empty environment gives the defaults, frozen', () => {
  const config = parseConfig({})
  assert.equal(config.home, resolve('.millrace'))
  assert.equal(config.port, null)
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.databaseUrl, null)
  assert.equal(config.tenant, null)
  assert.equal(config.memoryBytes, 2 ** 30)
  assert.ok(Object.isFrozen(config))
})

test('an empty variable counts as unset', () => {
  assert.equal(parseConfig({ MILLRACE_PORT: '', DATABASE_URL: '' }).port, null)
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

test('times have a unit', () => {
  assert.equal(parseSpan('2s'), 2_000)
  assert.equal(parseSpan('1.5m'), 90_000)
  assert.equal(parseSpan('250ms'), 250)
  assert.equal(parseSpan('30'), null)
  assert.equal(parseConfig({ MILLRACE_LEASE: '2s' }).leaseMs, 2_000)
  assert.throws(() => parseConfig({ MILLRACE_LEASE: '1s' }), /MILLRACE_LEASE: "1s" is not a time/)
})

test('parts and tags are lists, and an unknown part is named', () => {
  assert.deepEqual(parseConfig({}).parts, ['api', 'scheduler', 'worker', 'notifier'])
  assert.deepEqual(parseConfig({ MILLRACE_PARTS: 'worker, api' }).parts, ['api', 'worker'])
  assert.throws(() => parseConfig({ MILLRACE_PARTS: 'api,cook' }), /part "cook"/)
  assert.deepEqual(parseConfig({ MILLRACE_TAGS: 'gpu,big' }).tags, ['gpu', 'big'])
  assert.throws(() => parseConfig({ MILLRACE_TAGS: 'a b' }), /not a tag/)
})

test('the lake is a folder or a place on S3, reached with the keys that are set', () => {
  assert.equal(lakePlace(parseConfig({ MILLRACE_HOME: '/h' })), '/h/lake')
  const config = parseConfig({
    MILLRACE_LAKE: 's3://bucket/prefix',
    MILLRACE_S3_ENDPOINT: 'http://127.0.0.1:9000/',
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'hunter2',
  })
  assert.equal(lakePlace(config), 's3://bucket/prefix')
  const { endpoint, region, credentials } = lakeAccess(config)
  assert.deepEqual([endpoint, region], ['http://127.0.0.1:9000', 'eu-central-1'])
  assert.equal(typeof credentials === 'object' && credentials.secretAccessKey, 'hunter2')
  assert.equal(printableSetting(config, 'awsSecretAccessKey'), '••••••••')
  assert.equal(lakeAccess(parseConfig({})).credentials, undefined)
  assert.throws(() => parseConfig({ MILLRACE_LAKE: 'gs://bucket' }), /MILLRACE_LAKE.*gs:\/\//)
})

test('a further pack is a folder, or the name of one that Millrace brings', () => {
  const { packs } = parseConfig({ MILLRACE_PACKS: 'traffic, ./traffic,/srv/shop' })
  const shipped = resolve(import.meta.dirname, '..', '..', 'packs', 'traffic')
  assert.deepEqual(packs, [shipped, resolve('traffic'), '/srv/shop'])
})
