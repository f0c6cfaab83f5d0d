import assert from 'node:assert/strict'
import { test } from 'node:test'

import { openTaskService } from '../../../test/support/open-task-service.ts'

test('any service hands tasks over, watches them, and carries them out', async (t) => {
  const service = await openTaskService(t)
  const { call } = service
  const lease = async (more: object = {}) =>
    (await call('POST', '/v1/tasks/lease', { names: ['work'], ...more })).json.tasks

  await t.test(
    'the same request with the same key is one task, another request is refused',
    async () => {
      const key = { 'idempotency-key': 'order-17' }
      const body = { name: 'idem', payload: { n: 1 } }
      const first = await call('POST', '/v1/tasks', body, key)
      const second = await call('POST', '/v1/tasks', body, key)
      assert.deepEqual([first.status, second.status], [200, 200])
      assert.equal(first.json.id, second.json.id)
      assert.deepEqual([first.json.existed, second.json.existed], [false, true])
      const other = await call('POST', '/v1/tasks', { ...body, payload: { n: 2 } }, key)
      assert.deepEqual([other.status, other.json.code], [422, 'idempotency-reused'])
      // For many tasks, the key of the call makes one for each place.
      const many = [body, body, { ...body, idempotencyKey: 'order-17' }]
      const [a, b, c] = (await call('POST', '/v1/tasks', many, { 'idempotency-key': 'call' })).json
        .tasks
      const again = await call('POST', '/v1/tasks', many, { 'idempotency-key': 'call' })
      assert.notEqual(a.id, b.id)
      assert.equal(c.id, first.json.id)
      assert.deepEqual(
        again.json.tasks.map(({ id }: { id: string }) => id),
        [a.id, b.id, c.id],
      )
      const twice = await call('POST', '/v1/tasks', { ...body, idempotencyKey: 'x' }, key)
      assert.equal(twice.status, 400)
    },
  )

  await t.test('a payload comes out as it went in, whatever numbers it has', async () => {
    const text = '{"id":12345678901234567890,"deep":[0.1234567890123456789,"\\u0000é"],"n":1.5}'
    const posted = await call('POST', '/v1/tasks', `{"name":"exact","payload":${text}}`)
    assert.match(
      (await call('GET', `/v1/tasks/${posted.json.id}`)).text,
      /"payload":\{"id":12345678901234567890,"deep":\[0\.1234567890123456789,"\\u0000é"\],"n":1\.5\}/,
    )
    const leased = await call('POST', '/v1/tasks/lease', { names: ['exact'] })
    assert.match(leased.text, /"id":12345678901234567890/)
    const { fence } = leased.json.tasks[0]
    await call(
      'POST',
      `/v1/tasks/${posted.json.id}/complete`,
      `{"fence":${fence},"result":${text}}`,
    )
    assert.match(
      (await call('GET', `/v1/tasks/${posted.json.id}`)).text,
      /"result":\{"id":12345678901234567890/,
    )
  })

  await t.test('what is too large, unknown or unreadable is refused with a way out', async () => {
    const large = await call('POST', '/v1/tasks', { name: 'x', payload: 'y'.repeat(300_000) })
    assert.deepEqual([large.status, large.json.code], [413, 'task-payload-too-large'])
    for (const body of [
      {},
      { name: 'a/b' },
      { name: 'x', surprise: 1 },
      { name: 'x', priority: 101 },
      { name: 'x', timeout: 'soon' },
      { name: 'x', retry: { tries: 3 } },
      { name: 'x', runAt: '2030-01-01T00:00:00Z', delay: 5 },
      { name: 'x', concurrencyLimit: 2 },
      { tasks: [], name: 'x' },
      { tasks: [{ name: 'x' }], name: 'x' },
      '{"name":"x","priority":12345678901234567890}',
    ]) {
      const answer = await call('POST', '/v1/tasks', body)
      assert.equal(answer.status, 400, JSON.stringify(body))
      assert.ok(answer.json.remedy)
    }
    for (const id of ['task_00000000000', 'task_zzzzzzzzzzz', 'nonsense', '999999999']) {
      const unknown = await call('GET', `/v1/tasks/${id}`)
      assert.deepEqual([unknown.status, unknown.json.code], [404, 'background-task-unknown'])
    }
  })

  await t.test('a leased task is renewed, reported on, and safe from former holders', async () => {
    const { id } = (
      await call('POST', '/v1/tasks', { name: 'work', retry: { attempts: 2, firstMs: 0 } })
    ).json
    const [first] = await lease({ worker: 'w1' })
    assert.deepEqual([first.id, first.attempt], [id, 1])
    assert.deepEqual(await lease(), [])
    const at = (verb: string, body: object) => call('POST', `/v1/tasks/${id}/${verb}`, body)
    const beat = await at('heartbeat', { fence: first.fence, progress: { done: 1, total: 4 } })
    assert.deepEqual([beat.status, beat.json.cancel], [200, false])
    assert.equal((await at('release', { fence: first.fence })).status, 200)
    const [second] = await lease({ waitMs: 5000 })
    assert.equal(second.id, id)
    for (const verb of ['heartbeat', 'release', 'fail', 'complete']) {
      const body = { fence: first.fence, ...(verb === 'fail' ? { error: 'x' } : {}) }
      const stale = await at(verb, body)
      assert.deepEqual([stale.status, stale.json.code], [409, 'lease-lost'], verb)
    }
    const failed = await at('fail', {
      fence: second.fence,
      error: 'printer on fire',
      retryAfterMs: 0,
    })
    assert.equal(failed.json.state, 'ready')
    const [third] = await lease({ waitMs: 5000 })
    const last = await at('fail', { fence: third.fence, error: 'still on fire' })
    assert.equal(last.json.state, 'failed')
    const shown = (await call('GET', `/v1/tasks/${id}`)).json
    assert.match(shown.error.message, /still on fire/)
    assert.equal((await at('retry', {})).status, 200)
    const [fourth] = await lease({ waitMs: 5000 })
    await at('cancel', {})
    assert.equal((await at('heartbeat', { fence: fourth.fence })).json.cancel, true)
    assert.equal(
      (await at('fail', { fence: fourth.fence, error: 'stopped' })).json.state,
      'cancelled',
    )
    assert.equal((await at('discard', {})).status, 409)
  })

  await t.test('a worker that waits gets a task as soon as there is one', async () => {
    const waiting = lease({ waitMs: 20_000 })
    const { id } = (await call('POST', '/v1/tasks', { name: 'work' })).json
    const [task] = await waiting
    assert.equal(task.id, id)
    const watching = call('GET', `/v1/tasks/${id}?waitMs=20000`)
    await call('POST', `/v1/tasks/${id}/complete`, { fence: task.fence, result: { ok: true } })
    assert.deepEqual((await watching).json.result, { ok: true })
  })

  await t.test(
    'lists go on where they ended, newest first, and only by what is asked for',
    async () => {
      const names = Array.from({ length: 7 }, () => ({ name: 'listed', delay: '1h' }))
      const { tasks } = (await call('POST', '/v1/tasks', names)).json
      const seen: string[] = []
      let cursor = ''
      do {
        const page = await call('GET', `/v1/tasks?name=listed&states=ready&limit=3${cursor}`)
        seen.push(...page.json.tasks.map(({ id }: { id: string }) => id))
        cursor = page.json.next === null ? '' : `&cursor=${page.json.next}`
      } while (cursor !== '')
      assert.deepEqual(seen, tasks.map(({ id }: { id: string }) => id).toReversed())
      const future = await call('GET', '/v1/tasks?since=2100-01-01T00:00:00Z')
      assert.deepEqual(future.json.tasks, [])
    },
  )

  await t.test(
    'a key that may only read posts nothing, and nobody sees or touches foreign tasks',
    async () => {
      const { id } = (await call('POST', '/v1/tasks', { name: 'private', payload: 'canary' })).json
      const { fence } = (await call('POST', '/v1/tasks/lease', { names: ['private'] })).json
        .tasks[0]
      const reader = { authorization: `Bearer ${service.readKey}` }
      const stranger = { authorization: `Bearer ${service.otherKey}` }
      assert.equal((await call('GET', `/v1/tasks/${id}`, undefined, reader)).status, 200)
      assert.equal((await call('POST', '/v1/tasks', { name: 'x' }, reader)).status, 403)
      assert.equal((await call('POST', '/v1/tasks/lease', { names: ['x'] }, reader)).status, 403)
      const foreign = [
        await call('GET', `/v1/tasks/${id}`, undefined, stranger),
        await call('GET', `/v1/tasks/${id}/logs`, undefined, stranger),
        ...(await Promise.all(
          [
            ['cancel', {}],
            ['retry', {}],
            ['discard', {}],
            ['heartbeat', { fence }],
            ['complete', { fence, result: 1 }],
            ['fail', { fence, error: 'x' }],
            ['release', { fence }],
          ].map(([verb, body]) =>
            call('POST', `/v1/tasks/${id}/${verb as string}`, body, stranger),
          ),
        )),
      ]
      for (const { status, text } of foreign) {
        assert.equal(status, 404, text)
        assert.doesNotMatch(text, /canary/)
      }
      const list = await call('GET', '/v1/tasks', undefined, stranger)
      assert.deepEqual(list.json.tasks, [])
      assert.deepEqual(
        (await call('POST', '/v1/tasks/lease', { names: ['private', 'work'] }, stranger)).json
          .tasks,
        [],
      )
      assert.equal((await call('GET', `/v1/tasks/${id}`)).json.state, 'running')
    },
  )
})
