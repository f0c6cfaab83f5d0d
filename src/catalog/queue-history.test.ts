import assert from 'node:assert/strict'
import { test } from 'node:test'

import { deadLetterGroups } from '#catalog/dead-letters.ts'
import { queueChanges, waitingGroups } from '#catalog/queue-history.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { fireNow, noteFiring } from '#catalog/trigger-firings.ts'
import { listTimedTriggers } from '#catalog/trigger-timeline.ts'
import { createTrigger } from '#catalog/triggers.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { leaseTasks, postTask } from '../../test/support/background-builders.ts'
import { buildRun, buildTask } from '../../test/support/catalog-builders.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const MINUTE = 60_000

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('the queue of the past is told from when tasks came to be, began and ended', async () => {
    const { catalog, setClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'other')
    await setClock(NOON - 120 * MINUTE)
    await postTask(catalog, tenant, { name: 'mail' })
    await setClock(NOON - 55 * MINUTE)
    await postTask(catalog, tenant, { name: 'mail' })
    await postTask(catalog, other, { name: 'mail' })
    await setClock(NOON - 35 * MINUTE)
    const leased = await leaseTasks(catalog, tenant)
    assert.equal(leased.length, 2)
    await setClock(NOON - 15 * MINUTE)
    const [{ id: taskId, fence } = { id: 0, fence: 0 }] = leased
    await catalog.asTenant(tenant, (session) =>
      endTasks(session, '', [{ taskId, fence, state: 'done' }]),
    )
    await setClock(NOON)
    const { from, changes } = await catalog.asTenant(tenant, (session) =>
      queueChanges(session, { withinMs: 60 * MINUTE, spans: 6 }),
    )
    assert.equal(from.getTime(), NOON - 60 * MINUTE)
    assert.deepEqual(
      changes
        .map(({ span, waiting, running }) => [span, waiting, running])
        .toSorted(([a = 0], [b = 0]) => a - b),
      [
        [-1, 1, 0],
        [0, 1, 0],
        [2, -2, 2],
        [4, 0, -1],
      ],
    )
  })

  test('what waits is grouped by what it waits for, the oldest first', async () => {
    const { catalog, setClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    await setClock(NOON)
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('days', '1'),
      buildTask('days', '2'),
      buildTask('months', '1', [0, 1]),
    ])
    await setClock(NOON + MINUTE)
    await postTask(catalog, tenant, { name: 'later', delayMs: 60 * MINUTE })
    const groups = await catalog.asTenant(tenant, (session) => waitingGroups(session, 10))
    assert.deepEqual(
      groups.map(({ name, runId: run, state, tasks, first }) => [name, run, state, tasks, first]),
      [
        ['days', runId, 'ready', 2, taskIds[0]],
        ['months', runId, 'inputs', 1, taskIds[2]],
        ['later', null, 'delayed', 1, groups[2]?.first],
      ],
    )
  })

  test('dead letters are counted by name and reason', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const fail = async (name: string, message: string) => {
      const id = await postTask(catalog, tenant, { name })
      const [task] = await leaseTasks(catalog, tenant, name)
      const error = toErrorData(new MillraceError('internal', { message }))
      await catalog.asTenant(tenant, (session) =>
        endTasks(session, '', [{ taskId: id, fence: task?.fence ?? 0, state: 'failed', error }]),
      )
      return id
    }
    await fail('mail', 'no mailbox 17')
    const newest = await fail('mail', 'no mailbox 4')
    await fail('mail', 'too slow')
    await fail('print', 'three')
    const { groups, tasks } = await catalog.asTenant(tenant, (session) =>
      deadLetterGroups(session, 100),
    )
    assert.equal(tasks, 4)
    assert.deepEqual(
      groups.map(({ name, code, tasks: count }) => [name, code, count]),
      [
        ['mail', 'internal', 2],
        ['mail', 'internal', 1],
        ['print', 'internal', 1],
      ],
    )
    assert.equal(groups[0]?.task, newest)
    assert.match(groups[0]?.message ?? '', /mailbox 4/)
  })

  test('triggers come with what they did, and page by kind and name', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [buildTask('days', '1')])
    const found = await catalog.asTenant(tenant, async (session) => {
      const make = (kind: 'schedule' | 'sensor', name: string) =>
        createTrigger(session, {
          id: `${kind}-${name}`,
          kind,
          name,
          definition: {},
          createdBy: 'test',
          dueAt: null,
          nextAt: null,
        })
      await make('schedule', 'nightly')
      await make('sensor', 'events')
      const dueAt = await fireNow(session, 'schedule-nightly')
      await noteFiring(session, 'schedule-nightly', dueAt, { state: 'ran', runId })
      const look = (after: { kind: 'schedule'; name: string } | null, since = new Date(0)) =>
        listTimedTriggers(session, { since, after, limit: 10 })
      const all = await look(null)
      const rest = await look({ kind: 'schedule', name: 'nightly' })
      const quiet = await look(null, new Date(dueAt.getTime() + 1))
      return { all, rest, quiet, dueAt }
    })
    assert.deepEqual(
      found.all.map(({ kind, name, dots }) => [
        kind,
        name,
        dots.map(({ state, runState }) => [state, runState]),
      ]),
      [
        ['schedule', 'nightly', [['ran', 'running']]],
        ['sensor', 'events', []],
      ],
    )
    assert.equal(new Date(found.all[0]?.dots[0]?.at ?? 0).getTime(), found.dueAt.getTime())
    assert.deepEqual(
      found.rest.map(({ name }) => name),
      ['events'],
    )
    assert.deepEqual(found.quiet[0]?.dots, [])
  })
})
