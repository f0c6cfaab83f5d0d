import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { inspect } from 'node:util'

import { systemClock } from '#kernel/clock.ts'
import type { LogFields, Logger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { keyLine } from '#secrets/key-ring.ts'
import { openMailServer } from '../support/mail-server.ts'
import { openCellProcess, type CellProcess } from '../support/open-cells.ts'
import { openReceiver, isSigned } from '../support/receiver.ts'

const PLAIN = ['plainS3key', 'plainS3token']

/** Files below a folder that hold the text somewhere in their bytes. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const entry of entries) {
    if (!entry.isFile() || entry.name.endsWith('secret.key')) continue
    const path = join(entry.parentPath, entry.name)
    if ((await readFile(path)).includes(text)) found.push(path)
  }
  return found
}

interface Check {
  readonly current: string
  readonly open: number
  readonly keys: readonly { key: string; secrets: number; state: string }[]
}

/** Gives a tenant a secret of each kind; returns those that are shown once. */
async function giveSecrets(
  process: CellProcess,
  key: string,
  places: { readonly s3: string; readonly hook: string },
): Promise<string[]> {
  const options = {
    location: 's3://bucket-of-the-test/{yyyy}/{MM}.csv',
    endpoint: places.s3,
    accessKeyId: 'AKIATEST',
    secretAccessKey: PLAIN[0],
    sessionToken: PLAIN[1],
  }
  const set = await process.ask({ key }, '/v1/sources/events/options', options)
  assert.equal(set.status, 200, set.text)
  const handler = await process.ask<{ secret: string }>({ key }, '/v1/task-handlers/resize', {
    url: places.hook,
  })
  const callback = await process.ask<{ secret: string | null }>({ key }, '/v1/callbacks/secret', {})
  const again = await process.ask<{ secret: string | null }>({ key }, '/v1/callbacks/secret', {})
  assert.equal(again.json.secret, null, 'shown once')
  assert.ok(handler.json.secret && callback.json.secret, handler.text)
  for (const text of PLAIN) assert.ok(!set.text.includes(text))
  return [handler.json.secret, callback.json.secret]
}

/** Runs into the error of a source that denies itself, and reads whatever tells of it. */
async function fail(process: CellProcess, key: string): Promise<string> {
  const started = await process.ask<{ run: { id: string } }>({ key }, '/v1/runs', {
    datasets: ['events'],
    partition: '2021-04',
  })
  let texts = started.text
  const id = started.json?.run?.id
  if (id !== undefined) {
    for (let state = 'running'; state === 'running';) {
      const path = `/v1/runs/${id}?waitMs=5000`
      const view = await process.ask<{ run: { state: string } }>({ key }, path)
      state = view.json.run.state
      texts += view.text
    }
  }
  for (const path of ['/v1/sources/events/options', '/v1/status', '/v1/mail', '/v1/tasks']) {
    texts += (await process.ask({ key }, path)).text
  }
  return texts
}

/** Ends a process and begins another in the home, with these keys. */
async function reopen(
  t: TestContext,
  former: CellProcess,
  home: string,
  lines: string,
): Promise<CellProcess> {
  await former.close()
  const file = join(home, 'rotated-secret.key')
  await writeFile(file, lines, { mode: 0o600 })
  return openCellProcess(t, {
    env: { ...environment, MILLRACE_HOME: home, MILLRACE_SECRET_KEY_FILE: file },
  })
}

/** Keeps every line, with all that is known of an error. */
function loggerInto(lines: string[]): Logger {
  const keep = (message: string, fields: LogFields = {}) => {
    lines.push(`${message} ${inspect(fields, { depth: 10 })}`)
  }
  const logger: Logger = { debug: keep, info: keep, warn: keep, error: keep, with: () => logger }
  return logger
}

const environment = { MILLRACE_EGRESS_ALLOW: '127.0.0.1' }

test('secrets of tenants, in a cell or not, stand nowhere readable, and survive a change of keys', async (t) => {
  const lines: string[] = []
  const log = loggerInto(lines)
  const mail = await openMailServer(t, () => ({ code: 451, text: 'later' }))
  const smtp = { MILLRACE_SMTP_URL: mail.url, MILLRACE_MAIL_FROM: 'post@example.com' }
  const first = await openCellProcess(t, { log, env: { ...environment, ...smtp } })
  const made = await first.ask({ tenant: 'default' }, '/v1/cells', { name: 'one' })
  assert.equal(made.status, 200, made.text)
  const keys = [await first.tenant('alpha'), await first.tenant('beta', 'one')]
  const hook = await openReceiver(t, () => ({ body: '{}' }))
  const denying = await openReceiver(t, () => ({ status: 403 }))
  const places = { s3: denying.url, hook: hook.url }

  const hidden = [...PLAIN]
  let told = ''
  for (const key of keys) {
    hidden.push(...(await giveSecrets(first, key, places)))
    told += await fail(first, key)
  }
  assert.ok(denying.received.length > 0)
  assert.match(told, /source-denied/)
  const tried = await first.ask({ tenant: 'alpha' }, '/v1/mail/test', { to: 'a@example.com' })
  assert.ok(tried.status < 300, tried.text)
  const before = await first.ask<Check>({ tenant: 'default' }, '/v1/secrets')
  assert.equal(before.json.open, 0)
  const formerKey = before.json.current
  assert.deepEqual(before.json.keys, [{ key: formerKey, secrets: 8, state: 'current' }])

  const formerLine = await readFile(join(first.home, 'secret.key'), 'utf8')
  const currentLine = keyLine(systemRandom.bytes(32))
  const second = await reopen(t, first, first.home, currentLine + formerLine)
  assert.notDeepEqual(await filesWith(first.home, 'bucket-of-the-test'), [], 'the search finds')
  for (const text of hidden) {
    assert.deepEqual(await filesWith(first.home, text), [], text)
    assert.ok(!told.includes(text) && !lines.join('\n').includes(text), text)
  }
  assert.ok(lines.length > 0)

  const rotated = await second.ask<object>({ tenant: 'default' }, '/v1/secrets/rotate', {})
  const after = await second.ask<Check>({ tenant: 'default' }, '/v1/secrets')
  assert.deepEqual(rotated.json, {
    key: after.json.current,
    rotated: 6,
    unreadable: 0,
    unreachable: [],
  })
  assert.deepEqual(after.json.keys, [
    { key: after.json.current, secrets: 8, state: 'current' },
    { key: formerKey, secrets: 0, state: 'unused' },
  ])

  const third = await reopen(t, second, first.home, currentLine)
  for (const [index, key] of keys.entries()) {
    const posted = await third.ask<{ id: string }>({ key }, '/v1/tasks', {
      name: 'resize',
      callbackUrl: hook.url,
    })
    assert.ok(posted.status < 300, posted.text)
    while (hook.received.length < 2 * (index + 1)) await systemClock.sleep(20)
    const [call, callback] = hook.received.slice(2 * index)
    const [handlerSecret = '', callbackSecret = ''] = hidden.slice(PLAIN.length + 2 * index)
    assert.ok(call && isSigned(call, handlerSecret), 'the call is signed as before')
    assert.ok(callback && isSigned(callback, callbackSecret), 'the callback is signed as before')
  }
})
