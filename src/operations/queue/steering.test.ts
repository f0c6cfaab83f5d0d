import assert from 'node:assert/strict'
import { test } from 'node:test'

import { openTaskService } from '../../../test/support/open-task-service.ts'

test('a tenant bounds and pauses its own work, and is told why a task waits', async (t) => {
  const { call } = await openTaskService(t)
  const lease = async () =>
    (await call('POST', '/v1/tasks/lease', { names: ['mail'], max: 10 })).json.tasks.length
  const posted = await call('POST', '/v1/tasks', [
    { name: 'mail', payload: 1 },
    { name: 'mail', payload: 2 },
  ])
  const second = posted.json.tasks[1].id
  const why = async () => (await call('GET', `/v1/tasks/${second}/why`)).json.sentence

  const limit = { dataset: 'mail', running: 1, rate: '5/1h' }
  assert.equal((await call('POST', '/v1/limits', limit)).status, 200)
  assert.equal(await lease(), 1)
  assert.equal(await why(), 'The limit of dataset "mail" is reached: 1 of 1 running.')
  const [listed] = (await call('GET', '/v1/limits')).json.limits
  assert.deepEqual(
    [listed.scope, listed.value, listed.running, listed.rate, listed.runningNow, listed.startsLeft],
    ['dataset', 'mail', 1, '5/1h', 1, 4],
  )
  assert.equal((await call('POST', '/v1/limits', { ...limit, rate: 'often' })).status, 400)

  const pause = { dataset: 'mail', reason: 'the server of mail is down' }
  await call('POST', '/v1/queue/pause', pause)
  await call('POST', '/v1/limits/remove', { dataset: 'mail' })
  assert.match(await why(), /^Dataset "mail" is paused since .*: the server of mail is down\.$/)
  assert.equal(await lease(), 0)
  const shown = (await call('GET', '/v1/queue')).json
  assert.deepEqual(
    shown.tenants.map((row: { ready: number; running: number }) => [row.ready, row.running]),
    [[1, 1]],
  )
  assert.equal(shown.pauses[0].reason, pause.reason)
  assert.equal((await call('POST', '/v1/queue/resume', { dataset: 'mail' })).json.resumed, true)
  assert.equal(await lease(), 1)
})
