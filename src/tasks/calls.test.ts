import assert from 'node:assert/strict'
import { test } from 'node:test'

import { isSigned, openReceiver } from '../../test/support/receiver.ts'
import { openTaskService } from '../../test/support/open-task-service.ts'

const quick = { retry: { firstMs: 10, factor: 1, ceilingMs: 10 } }

test('other services carry out tasks over signed requests', async (t) => {
  const service = await openTaskService(t)
  const { call, ended } = service

  await t.test('a signed POST brings the payload, and its answer is the result', async (t) => {
    const receiver = await openReceiver(t, ({ body }) => ({
      body: `{"id":12345678901234567890,"got":${JSON.stringify(JSON.parse(body).name)}}`,
    }))
    const made = await call('POST', '/v1/task-handlers/mail', { url: `${receiver.url}/mail` })
    assert.match(made.json.secret, /^whsec_/)
    const posted = await call(
      'POST',
      '/v1/tasks',
      '{"name":"mail","payload":{"order":98765432109876543210}}',
    )
    const shown = await ended(posted.json.id)
    assert.equal(shown.state, 'done')
    const [request] = receiver.received
    assert.ok(request)
    assert.ok(isSigned(request, made.json.secret))
    assert.match(request.body, /"payload":\{"order":98765432109876543210\}/)
    assert.equal(request.headers['webhook-id'], posted.json.id)
    const age = Date.now() / 1000 - Number(request.headers['webhook-timestamp'])
    assert.ok(Math.abs(age) < 60)
    const raw = await call('GET', `/v1/tasks/${posted.json.id}`)
    assert.match(raw.text, /"result":\{"id":12345678901234567890,"got":"mail"\}/)
    assert.doesNotMatch((await call('GET', '/v1/task-handlers')).text, /whsec_/)
    const again = await call('POST', '/v1/task-handlers/mail', { url: receiver.url, timeout: '5s' })
    assert.equal(again.json.secret, null)
  })

  await t.test('what may pass is called again, what is refused is not', async (t) => {
    const receiver = await openReceiver(t, ({ body }, count) => {
      const { how } = JSON.parse(body).payload
      if (how === 'refuse') return { status: 422, body: 'no such customer' }
      if (how === 'text') return { body: 'OK' }
      if (how === 'redirect') return { status: 302, headers: { location: 'http://127.0.0.1:1/' } }
      return count < 3 ? { status: 503, headers: { 'retry-after': '0' } } : { body: '' }
    })
    await call('POST', '/v1/task-handlers/odd', { url: receiver.url })
    const post = (how: string) =>
      call('POST', '/v1/tasks', { name: 'odd', payload: { how }, ...quick })
    const busy = await ended((await post('busy')).json.id)
    assert.deepEqual([busy.state, busy.attempts, busy.result], ['done', 3, null])
    assert.equal(busy.attempted[0].error.code, 'task-call-failed')
    for (const [how, code] of [
      ['refuse', 'task-call-refused'],
      ['text', 'task-call-answer'],
      ['redirect', 'egress-redirected'],
    ] as const) {
      const task = await ended((await post(how)).json.id)
      assert.deepEqual([task.state, task.attempts, task.error.code], ['failed', 1, code], how)
    }
  })

  await t.test('Retry-After puts the next attempt off', async (t) => {
    const receiver = await openReceiver(t, () => ({
      status: 429,
      headers: { 'retry-after': '600' },
    }))
    await call('POST', '/v1/task-handlers/full', { url: receiver.url })
    const { id } = (await call('POST', '/v1/tasks', { name: 'full', ...quick })).json
    let task
    do task = (await call('GET', `/v1/tasks/${id}`)).json
    while (task.runAt === null)
    const delayMs = Date.parse(task.runAt) - Date.now()
    assert.ok(delayMs > 500_000 && delayMs <= 600_000, `${delayMs} ms`)
    assert.equal(receiver.received.length, 1)
  })

  await t.test('202 lets the service work on, and complete the task later', async (t) => {
    const receiver = await openReceiver(t, () => ({ status: 202, body: '{"leaseMs":30000}' }))
    await call('POST', '/v1/task-handlers/render', { url: receiver.url })
    const { id } = (await call('POST', '/v1/tasks', { name: 'render' })).json
    while (receiver.received.length === 0) await call('GET', `/v1/tasks/${id}?waitMs=20`)
    const { fence } = JSON.parse(receiver.received[0]?.body ?? '{}')
    let beat
    do
      beat = await call('POST', `/v1/tasks/${id}/heartbeat`, {
        fence,
        progress: { done: 3, total: 9 },
      })
    while (beat.status !== 200)
    assert.equal(beat.json.cancel, false)
    assert.equal((await call('GET', `/v1/tasks/${id}`)).json.progress.done, 3)
    const stale = await call('POST', `/v1/tasks/${id}/complete`, { fence: fence + 1, result: 1 })
    assert.deepEqual([stale.status, stale.json.code], [409, 'lease-lost'])
    assert.equal((await call('POST', `/v1/tasks/${id}/complete`, { fence, result: 7 })).status, 200)
    assert.equal((await call('POST', `/v1/tasks/${id}/complete`, { fence, result: 7 })).status, 200)
    assert.equal((await ended(id)).result, 7)
  })

  await t.test(
    'an address that is not allowed can neither be saved nor told of an end',
    async () => {
      for (const url of [
        'http://10.0.0.1/',
        'http://169.254.169.254/latest',
        'file:///etc/passwd',
      ]) {
        const saved = await call('POST', '/v1/task-handlers/bad', { url })
        assert.ok([400, 422].includes(saved.status), `${url}: ${saved.status}`)
        const posted = await call('POST', '/v1/tasks', [
          { name: 'x' },
          { name: 'x', callbackUrl: url },
        ])
        assert.equal(posted.status, 400)
        assert.match(posted.text, /tasks\.1\.callbackUrl/)
      }
    },
  )

  await t.test('an end is told, signed, until it is received', async (t) => {
    const hook = await openReceiver(t, (_request, count) => ({ status: count < 2 ? 500 : 204 }))
    const receiver = await openReceiver(t, () => ({ body: '{"n":98765432109876543210}' }))
    await call('POST', '/v1/task-handlers/told', { url: receiver.url })
    const { id } = (await call('POST', '/v1/tasks', { name: 'told', callbackUrl: hook.url })).json
    const { secret } = (await call('POST', '/v1/callbacks/secret', {})).json
    await ended(id)
    let callback
    do ({ callback } = (await call('GET', `/v1/tasks/${id}?waitMs=50`)).json)
    while (callback.state !== 'delivered')
    assert.equal(callback.attempts, 2)
    const [first, second] = hook.received
    assert.ok(first && second)
    assert.ok(isSigned(first, secret) && isSigned(second, secret))
    assert.equal(first.headers['webhook-id'], second.headers['webhook-id'])
    assert.match(second.body, /"result":\{"n":98765432109876543210\}/)
    const { task, state, type } = JSON.parse(second.body)
    assert.deepEqual([task, state, type], [id, 'done', 'task.ended'])
  })
})
