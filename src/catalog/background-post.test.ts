import assert from 'node:assert/strict'
import { test } from 'node:test'

import { postTasks, type NewBackgroundTask } from '#catalog/background-post.ts'
import { getBackgroundTask, listBackgroundTasks } from '#catalog/background-tasks.ts'
import { lanesOf } from '#catalog/queue.ts'
import { createTenant } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import { claimBatch } from '../../test/support/catalog-builders.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const item = (more: Partial<NewBackgroundTask> = {}): NewBackgroundTask => ({
  name: 'mail',
  handler: 'pull',
  payload: '{"to":"a"}',
  askedBy: 'test',
  ...more,
})
const pull = { lanes: lanesOf.pull(['mail']) }

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a task keeps its payload byte for byte, whatever JSON it is', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'one')
    const payloads = [
      '{"id":12345678901234567890, "b" : 1.0}',
      '"\\u0000\\ud800"',
      'null',
      '[]',
      '7',
    ]
    const posted = await catalog.asTenant(tenant, (session) =>
      postTasks(
        session,
        payloads.map((payload) => item({ payload })),
      ),
    )
    for (const [index, { id, isNew }] of posted.entries()) {
      assert.ok(isNew)
      const task = await catalog.asTenant(tenant, (session) => getBackgroundTask(session, id))
      assert.equal(task?.payload, payloads[index])
      assert.equal(task?.state, 'ready')
    }
  })

  test('tasks are claimed by priority, then in the order of the list, and not before their time', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'one')
    const [low, later, first, high, second] = await catalog.asTenant(tenant, (session) =>
      postTasks(session, [
        item({ priority: -1 }),
        item({ delayMs: 60_000 }),
        item(),
        item({ priority: 5 }),
        item({ runAt: new Date(0) }),
      ]),
    )
    const batch = await claimBatch(catalog, pull)
    assert.deepEqual(
      batch.map(({ id }) => id),
      [high?.id, first?.id, second?.id, low?.id],
    )
    assert.deepEqual(await claimBatch(catalog, pull), [])
    await shiftClock(60_001)
    assert.deepEqual(
      (await claimBatch(catalog, pull)).map(({ id }) => id),
      [later?.id],
    )
  })

  test('the same key with the same request is the same task, with another one an error', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'one')
    const other = await createTenant(catalog, 'two')
    const post = (owner: typeof tenant, items: NewBackgroundTask[]) =>
      catalog.asTenant(owner, (session) => postTasks(session, items))
    const key = { idempotencyKey: 'k1' }
    const [made] = await post(tenant, [item(key)])
    assert.deepEqual(await post(tenant, [item(), item({ ...key, askedBy: 'somebody else' })]), [
      { id: (made?.id ?? 0) + 1, isNew: true },
      { id: made?.id, isNew: false },
    ])
    const twice = await post(tenant, [
      item({ idempotencyKey: 'k2' }),
      item({ idempotencyKey: 'k2' }),
    ])
    assert.equal(twice[0]?.id, twice[1]?.id)
    assert.equal((await post(other, [item(key)]))[0]?.isNew, true)

    const refused = (error: unknown) =>
      error instanceof MillraceError &&
      error.code === 'idempotency-reused' &&
      error.details['position'] === 1
    const changed = item({ ...key, payload: '{}' })
    await assert.rejects(post(tenant, [item({ name: 'never' }), changed]), refused)
    await assert.rejects(
      post(tenant, [item({ idempotencyKey: 'k3' }), { ...changed, idempotencyKey: 'k3' }]),
      refused,
    )
    const names = await catalog.asTenant(tenant, (session) =>
      listBackgroundTasks(session, { name: 'never', limit: 10 }),
    )
    assert.deepEqual(names, [])
  })

  test('twins that come at the same time make each task once', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'one')
    const items = Array.from({ length: 40 }, (_, index) => item({ idempotencyKey: `k${index}` }))
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, twin) =>
        catalog.asTenant(tenant, (session) =>
          postTasks(session, twin % 2 === 0 ? items : items.toReversed()),
        ),
      ),
    )
    const ids = answers.map((answer, twin) =>
      (twin % 2 === 0 ? answer : answer.toReversed()).map(({ id }) => id),
    )
    for (const one of ids) assert.deepEqual(one, ids[0])
    assert.equal(answers.flat().filter(({ isNew }) => isNew).length, items.length)
    const [rows] = await admin<{ tasks: number }>('SELECT count(*) AS tasks FROM task')
    assert.equal(rows?.tasks, items.length)
  })

  test('ten thousand tasks are posted in one call', async (t) => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'one')
    const items = Array.from({ length: 10_000 }, (_, index) =>
      item({ payload: `{"n":${index}}`, idempotencyKey: `k${index}` }),
    )
    const startedMs = performance.now()
    await catalog.asTenant(tenant, (session) => postTasks(session, items))
    const ms = Math.round(performance.now() - startedMs)
    t.diagnostic(`10,000 tasks on ${engine.name}: ${ms} ms`)
    if (engine.name === 'postgres') assert.ok(ms < 4_000, `${ms} ms`)
    assert.equal((await claimBatch(catalog, pull)).length, 256)
  })
})
