import assert from 'node:assert/strict'
import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { parseConfig } from '#app/config.ts'
import { openOwnSecrets } from '#app/secret-keys.ts'
import { silentLogger, type Logger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { secretPlace } from '#secrets/secret-place.ts'
import { buildFolder } from '../../test/support/open-parts.ts'

const here = secretPlace(1, 'a.b')
const shared = 'postgres://nobody@127.0.0.1/none'
const open = (env: Record<string, string>, log: Logger = silentLogger) =>
  openOwnSecrets(parseConfig(env), { random: systemRandom, log })
const coded = (code: string) => (error: Error & { code: string }) => error.code === code

test('an embedded home makes its own key once, for its user alone', async (t) => {
  const home = await buildFolder(t)
  const sealed = (await open({ MILLRACE_HOME: home })).seal('x', here)
  const file = join(home, 'secret.key')
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  const text = await readFile(file, 'utf8')
  assert.equal((await open({ MILLRACE_HOME: home })).open(sealed, here), 'x')
  assert.equal(await readFile(file, 'utf8'), text)
  await chmod(file, 0o604)
  await assert.rejects(open({ MILLRACE_HOME: home }), coded('secret-key-unusable'))
})

test('a shared deployment starts without a key, says so, and seals nothing', async (t) => {
  const home = await buildFolder(t)
  const lines: string[] = []
  const log: Logger = { ...silentLogger, warn: (line) => void lines.push(line) }
  const secrets = await open({ MILLRACE_HOME: home, DATABASE_URL: shared }, log)
  assert.throws(() => secrets.seal('x', here), coded('secret-key-none'))
  assert.match(lines.join(), /MILLRACE_SECRET_KEY_FILE/)
})

test('a file of keys that everybody may read, that is not there or is the sample, is refused', async (t) => {
  const file = join(await buildFolder(t), 'keys')
  const env = { DATABASE_URL: shared, MILLRACE_SECRET_KEY_FILE: file }
  const refused = (problem: RegExp) =>
    assert.rejects(open(env), (error: Error & { code: string }) => {
      assert.match(error.message, problem)
      return coded('secret-key-unusable')(error)
    })
  await refused(/ENOENT/)
  const guide = await readFile(join(import.meta.dirname, '../../docs/guides/secrets.md'), 'utf8')
  const [sample] = /\S{43}=/.exec(guide) ?? []
  assert.ok(sample, 'the guide shows a key')
  await writeFile(file, `${sample}\n`, { mode: 0o600 })
  await refused(/sample key/)
  await writeFile(file, `${Buffer.from(systemRandom.bytes(32)).toString('base64')}\n`)
  await chmod(file, 0o644)
  await refused(/everybody on this machine/)
  await chmod(file, 0o640)
  assert.notEqual((await open(env)).currentKeyId, null)
})
