import assert from 'node:assert/strict'
import { test } from 'node:test'

import { appendLogs } from '#catalog/logs.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../../test/support/catalog-builders.ts'
import { openTaskService } from '../../../test/support/open-task-service.ts'

test('a run is told as a picture: attempts, log and path page by page, and to its tenant only', async (t) => {
  const { call, parts, tenant, otherKey } = await openTaskService(t)
  const { catalog } = parts
  // The test claims the tasks itself.
  await parts.stopWorking(0)
  const { runId, taskIds } = await buildRun(catalog, tenant, [
    buildTask('days', '1'),
    buildTask('days', '2'),
    buildTask('months', '1', [0, 1]),
  ])
  for (let step = 0; step < 2; step += 1) {
    const batch = await claimBatch(catalog, { tenantId: tenant.id })
    await publishBatch(catalog, tenant, batch)
  }
  const lines = [10, 20, 20].map((ms, at) => ({
    taskId: taskIds[0] as number,
    attempt: 1,
    at: new Date(Date.now() + ms),
    level: 'info' as const,
    message: `line ${at}`,
  }))
  await catalog.asTenant(tenant, (session) => appendLogs(session, lines))
  const get = async (path: string) => (await call('GET', `/v1/runs/${runId}/${path}`)).json

  const first = await get('timeline?limit=2')
  assert.deepEqual([first.attempts.task, first.workers], [taskIds.slice(0, 2), ['w1']])
  assert.equal(first.attempts.batch[0], first.attempts.batch[1])
  const second = await get(`timeline?limit=2&cursor=${first.next}`)
  assert.deepEqual(
    [second.attempts.task, second.datasets, second.next],
    [[taskIds[2]], ['months'], null],
  )

  const page = await get('logs?limit=2')
  const rest = await get(`logs?limit=2&cursor=${page.next}`)
  assert.deepEqual(
    [...page.lines, ...rest.lines].map(({ message }: { message: string }) => message),
    ['line 0', 'line 1', 'line 2'],
  )
  assert.equal(rest.next, null)

  const { steps } = await get('critical-path')
  assert.deepEqual(
    steps.map(({ dataset }: { dataset: string }) => dataset),
    ['days', 'months'],
  )
  assert.equal((await get('compare')).before, null)
  assert.deepEqual((await get('undo')).datasets, [
    { dataset: 'days', toFormer: 0, toNothing: 2, kept: 0 },
    { dataset: 'months', toFormer: 0, toNothing: 1, kept: 0 },
  ])
  assert.equal((await call('GET', `/v1/runs/${runId}/logs?cursor=soon`)).status, 400)
  for (const path of ['timeline', 'logs', 'critical-path', 'compare', 'undo']) {
    const foreign = { authorization: `Bearer ${otherKey}` }
    const answer = await call('GET', `/v1/runs/${runId}/${path}`, undefined, foreign)
    assert.deepEqual([answer.status, answer.json.code], [404, 'run-unknown'], path)
  }
})

test('the coming times of an expression are told before there is a schedule', async (t) => {
  const { call } = await openTaskService(t)
  const ask = (query: string) => call('GET', `/v1/schedule-preview?${query}`)
  const told = (await ask('cron=30+2+*+*+*&zone=Europe/Berlin&partition={day-1}&count=2')).json
  assert.equal(told.zone, 'Europe/Berlin')
  assert.deepEqual(
    told.times.map(({ wall }: { wall: string }) => wall.slice(11)),
    ['02:30', '02:30'],
  )
  assert.match(told.times[0].partition, /^\d{4}-\d\d-\d\d$/)
  assert.equal((await ask('cron=soon')).json.code, 'cron-invalid')
  assert.equal((await ask('cron=@daily&zone=Mars')).json.code, 'zone-unknown')
  assert.equal((await ask('cron=@daily&partition={moth-1}')).json.code, 'trigger-invalid')
})
