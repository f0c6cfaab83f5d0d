import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ownDatabase } from '../../test/support/own-database.ts'
import { openTaskService } from '../../test/support/open-task-service.ts'

const add = `import { defineTask } from 'millrace'
export default defineTask({
  description: 'Adds two numbers.',
  payload: {
    type: 'object',
    properties: { a: { type: 'number' }, b: { type: 'number' } },
    required: ['a', 'b'],
  },
  run: ({ a, b }: { a: number; b: number }) => a + b,
})
`
const flaky = `import { defineTask } from 'millrace'
export default defineTask({
  description: 'Fails until its third attempt.',
  retry: { firstMs: 10, factor: 1, ceilingMs: 10 },
  run: (payload: { how?: string }, { attempt, idempotencyKey, log }) => {
    log('attempt ' + attempt)
    if (payload.how === 'for good') throw Object.assign(new Error('wrong address'), { retryable: false })
    if (payload.how === 'crash') process.abort()
    if (attempt < 3) throw new Error('not yet')
    return { attempt, idempotencyKey }
  },
})
`
const long = `import { defineTask } from 'millrace'
import { setTimeout } from 'node:timers/promises'
export default defineTask({
  description: 'Takes its time.',
  run: async (payload: { ms: number; deaf?: boolean; spin?: boolean }, { signal, progress }) => {
    progress(1, 2, 'half way')
    if (payload.spin) for (;;);
    await setTimeout(payload.ms, undefined, payload.deaf ? {} : { signal })
    return 'done'
  },
})
`
const hungry = `import { defineTask } from 'millrace'
export default defineTask({
  description: 'Eats memory.',
  retry: { attempts: 1 },
  run: async () => {
    const kept = []
    for (;;) {
      kept.push(Buffer.alloc(16_000_000, 1))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  },
})
`

test('a function carries out what is posted, and its result is the task', async (t) => {
  const service = await openTaskService(t, { 'add.ts': add })
  const posted = await service.call('POST', '/v1/tasks', { name: 'add', payload: { a: 2, b: 40 } })
  assert.equal(posted.status, 200)
  assert.match(posted.json.id, /^task_/)
  const task = await service.ended(posted.json.id)
  assert.deepEqual([task.state, task.result, task.attempts], ['done', 42, 1])
  assert.equal(task.attempted.length, 1)
})

test('a function that returns nothing has done its task', async (t) => {
  const silent = `import { defineTask } from 'millrace'
export default defineTask({ description: 'Says nothing.', run: () => {} })
`
  const service = await openTaskService(t, { 'silent.ts': silent })
  const { json } = await service.call('POST', '/v1/tasks', { name: 'silent' })
  const task = await service.ended(json.id)
  assert.deepEqual([task.state, task.result], ['done', null])
})

test('a payload that does not fit is refused with its position, and nothing is posted', async (t) => {
  const service = await openTaskService(t, { 'add.ts': add })
  const good = { name: 'add', payload: { a: 1, b: 2 } }
  const answer = await service.call('POST', '/v1/tasks', [
    good,
    { name: 'add', payload: { a: 'x', b: 2, c: 3 } },
    { name: 'add', priority: 1000 },
  ])
  assert.equal(answer.status, 400)
  assert.match(answer.text, /tasks\.2\.priority/)
  const second = await service.call('POST', '/v1/tasks', [
    good,
    { name: 'add', payload: { a: 'x', b: 2, c: 3 } },
  ])
  assert.equal(second.status, 400)
  assert.match(second.text, /tasks\.1\.payload\.a/)
  assert.match(second.text, /tasks\.1\.payload\.c/)
  assert.deepEqual((await service.call('GET', '/v1/tasks')).json.tasks, [])
})

test('an attempt that throws is followed by others, unless it says that they are useless', async (t) => {
  const service = await openTaskService(t, { 'flaky.ts': flaky })
  const [again, useless, crash] = (
    await service.call('POST', '/v1/tasks', [
      { name: 'flaky', payload: {}, idempotencyKey: 'mine' },
      { name: 'flaky', payload: { how: 'for good' } },
      { name: 'flaky', payload: { how: 'crash' }, retry: { attempts: 2 } },
    ])
  ).json.tasks
  const first = await service.ended(again.id)
  assert.deepEqual(first.result, { attempt: 3, idempotencyKey: 'mine' })
  assert.equal(first.attempted.length, 3)
  assert.match(first.attempted[0].error.message, /not yet/)
  const second = await service.ended(useless.id)
  assert.deepEqual(
    [second.state, second.attempts, second.error.code],
    ['failed', 1, 'task-refused'],
  )
  const third = await service.ended(crash.id)
  assert.deepEqual(
    [third.state, third.attempts, third.error.code],
    ['failed', 2, 'task-child-ended'],
  )
  const logs = await service.call('GET', `/v1/tasks/${again.id}/logs`)
  assert.match(logs.text, /attempt 3/)

  const dead = await service.call('GET', '/v1/tasks?states=failed&name=flaky')
  assert.deepEqual(
    new Set(dead.json.tasks.map(({ id }: { id: string }) => id)),
    new Set([useless.id, crash.id]),
  )
  assert.deepEqual((await service.call('POST', '/v1/tasks/discard-all', { name: 'flaky' })).json, {
    tasks: 2,
  })
})

test('an attempt whose time is up is told, and killed two seconds later if it does not listen', async (t) => {
  const service = await openTaskService(t, { 'long.ts': long })
  const once = { timeout: '300ms', retry: { attempts: 1 } }
  const posted = await service.call('POST', '/v1/tasks', [
    { name: 'long', payload: { ms: 60_000 }, ...once },
    { name: 'long', payload: { ms: 60_000, deaf: true }, ...once },
    { name: 'long', payload: { ms: 1, spin: true }, ...once },
  ])
  for (const { id } of posted.json.tasks) {
    const task = await service.ended(id)
    assert.deepEqual([task.state, task.error?.code], ['failed', 'task-too-slow'])
  }
  const after = await service.call('POST', '/v1/tasks', { name: 'long', payload: { ms: 1 } })
  assert.equal((await service.ended(after.json.id)).state, 'done')
})

test('a cancel reaches a running task at once, and the others of its batch go on', async (t) => {
  const service = await openTaskService(t, { 'long.ts': long })
  const posted = await service.call('POST', '/v1/tasks', [
    { name: 'long', payload: { ms: 60_000 } },
    { name: 'long', payload: { ms: 10 } },
    { name: 'long', payload: { ms: 60_000 }, delay: '1h' },
  ])
  const [runs, next, later] = posted.json.tasks
  let shown
  do shown = (await service.call('GET', `/v1/tasks/${runs.id}`)).json
  while (shown.progress === null)
  assert.deepEqual([shown.progress.done, shown.progress.message], [1, 'half way'])
  const startedMs = performance.now()
  assert.equal((await service.call('POST', `/v1/tasks/${runs.id}/cancel`)).json.state, 'running')
  assert.equal((await service.ended(runs.id)).state, 'cancelled')
  assert.ok(performance.now() - startedMs < 3_000)
  assert.equal((await service.ended(next.id)).state, 'done')
  assert.equal((await service.call('POST', `/v1/tasks/${later.id}/cancel`)).json.state, 'cancelled')
  await service.call('POST', `/v1/tasks/${later.id}/retry`)
  assert.equal((await service.call('POST', `/v1/tasks/${later.id}/cancel`)).status, 200)
})

test('a function that eats memory is stopped, and the server lives', async (t) => {
  const service = await openTaskService(t, { 'hungry.ts': hungry })
  const { json } = await service.call('POST', '/v1/tasks', { name: 'hungry' })
  const task = await service.ended(json.id)
  assert.equal(task.state, 'failed')
  assert.equal(task.error.code, 'task-memory')
})

test('a task starts within milliseconds when a slot is free', async (t) => {
  const databaseUrl = await ownDatabase(t)
  if (databaseUrl === null) return t.skip('no PostgreSQL is installed')
  const service = await openTaskService(t, { 'add.ts': add }, { databaseUrl })
  const times: number[] = []
  for (let round = 0; round < 40; round++) {
    const startedMs = performance.now()
    const posted = await service.call('POST', '/v1/tasks', { name: 'add', payload: { a: 1, b: 2 } })
    const task = await service.ended(posted.json.id)
    times.push(performance.now() - startedMs)
    assert.equal(task.state, 'done')
  }
  times.sort((a, b) => a - b)
  const [p50, p95] = [times[20] ?? 0, times[38] ?? 0]
  t.diagnostic(
    `posted, done and seen over REST: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
  )
})
