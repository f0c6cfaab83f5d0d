import assert from 'node:assert/strict'
import { test } from 'node:test'

import { z } from 'zod'

import { buildPack } from '../../test/support/build-pack.ts'

const task = (fields: string) => `import { defineTask } from 'millrace'
export default defineTask({ description: 'Mails.', ${fields} run: () => 1 })
`

test('a module of tasks/ is a task of its file’s name, bundled, with a closed schema', async (t) => {
  const pack = await buildPack(t, {
    'tasks/send-mail.ts': `import { subject } from '../shared/subject.ts'
import { defineTask } from 'millrace'
export default defineTask({
  description: 'Mails.',
  payload: { type: 'object', properties: { to: { type: 'string' }, at: { type: 'object', properties: {} } } },
  timeout: '1h30m',
  retry: { attempts: 7 },
  tags: ['mail', 'big', 'mail'],
  run: () => subject,
})
`,
    'shared/subject.ts': `export const subject = 'hello'\n`,
  })
  const [mail] = (await pack.read()).tasks
  assert.ok(mail)
  const { code, codeVersion, payloadSchema, ...rest } = mail
  assert.match(code, /hello/)
  assert.match(codeVersion, /^[0-9a-f]{64}$/)
  assert.deepEqual(rest, {
    name: 'send-mail',
    pack: 'shop',
    description: 'Mails.',
    file: 'tasks/send-mail.ts',
    tags: ['big', 'mail'],
    timeoutMs: 5_400_000,
    retry: { attempts: 7 },
  })
  const schema = z.fromJSONSchema(payloadSchema ?? {})
  assert.ok(schema.safeParse({ to: 'a', at: {} }).success)
  assert.ok(!schema.safeParse({ to: 'a', surprise: 1 }).success)
  assert.ok(!schema.safeParse({ at: { surprise: 1 } }).success)
})

test('another text has another code version, the same text the same', async (t) => {
  const pack = await buildPack(t, { 'tasks/mail.ts': task('') })
  const first = (await pack.read()).tasks[0]?.codeVersion
  assert.equal((await pack.read()).tasks[0]?.codeVersion, first)
  await pack.write('tasks/mail.ts', task('tags: ["x"],'))
  assert.notEqual((await pack.read()).tasks[0]?.codeVersion, first)
})

test('a flaw is named with its file and the way out', async (t) => {
  for (const [file, text, message] of [
    [
      'tasks/mail.ts',
      task(`timeout: 'soon',`),
      /tasks\/mail\.ts: timeout: "soon" is not a duration/,
    ],
    ['tasks/mail.ts', task('surprise: 1,'), /tasks\/mail\.ts: .*surprise/],
    ['tasks/mail.ts', task('retry: { attempts: 0 },'), /retry\.attempts/],
    ['tasks/mail.ts', task(`payload: { type: 'thing' },`), /payload: /],
    ['tasks/Mail Now.ts', task(''), /"Mail Now" cannot name a task/],
  ] as const) {
    const pack = await buildPack(t, { [file]: text })
    await assert.rejects(pack.read(), message)
  }
})
