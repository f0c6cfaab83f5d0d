import assert from 'node:assert/strict'
import { test } from 'node:test'

import { getDelivery, listDeliveries } from '#catalog/deliveries.ts'
import {
  DELIVERY_TASK,
  insertDelivery,
  keepArtefact,
  markReady,
  retryDelivery,
  takeArtefact,
  type NewDelivery,
} from '#catalog/delivery-tasks.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { sweepDeliveries } from '#catalog/delivery-sweep.ts'
import { claim, expireTasks, lanesOf } from '#catalog/queue.ts'
import { cancelTask, endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { fullAccess } from '#model/access.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

function newDelivery(id: string, more: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id,
    askedBy: 'key mk_1',
    access: fullAccess,
    question: { subject: { kind: 'dataset', dataset: 'events', partitions: null } },
    receiptId: 'rcp_1',
    commitNumber: 1,
    asOf: new Date(0),
    completeness: { expected: 1, published: 1, missing: [] },
    title: 'events',
    format: 'csv',
    cells: 'raw',
    target: { kind: 'file' },
    notify: { mail: [], attach: false, callbackUrl: null },
    artefactId: 'a1',
    dedupeKey: null,
    requestHash: 'h',
    keepMs: 60_000,
    rowsExpected: null,
    linkSecret: null,
    downloadsMax: null,
    ...more,
  }
}

const artefact = {
  path: 'x/deliveries/a1/f1.csv',
  sizeBytes: 3,
  sha256: 'ff',
  rows: 1,
  columns: [],
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const ask = { worker: 'w', leaseMs: 60_000, maxTasks: 10, lanes: lanesOf.delivery }

  async function make(...deliveries: NewDelivery[]): Promise<{ catalog: Catalog; tenant: Tenant }> {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    for (const delivery of deliveries) {
      await catalog.asTenant(tenant, (session) => insertDelivery(session, delivery))
    }
    return { catalog, tenant }
  }

  async function claimed(catalog: Catalog): Promise<ClaimedTask[]> {
    return catalog.asSystem((session) => claim(session, ask))
  }

  async function finish(catalog: Catalog, tenant: Tenant, task: ClaimedTask): Promise<void> {
    const lease = { taskId: task.id, fence: task.fence }
    await catalog.asTenant(tenant, async (session) => {
      await keepArtefact(session, lease, { id: task.partition, artefactId: 'a1' }, artefact)
      await markReady(session, task.partition, { ...artefact, placed: null, mails: [] })
      await endTasks(session, '', [{ ...lease, state: 'done' }])
    })
  }

  const stateOf = async (catalog: Catalog, tenant: Tenant, id: string) =>
    (await catalog.asTenant(tenant, (session) => getDelivery(session, id)))?.state

  test('a delivery is a task of a lane of its own, and has its state until it is ready', async () => {
    const { catalog, tenant } = await make(newDelivery('dlv_1'))
    assert.equal(await stateOf(catalog, tenant, 'dlv_1'), 'queued')
    const slots = await catalog.asSystem((s) => claim(s, { ...ask, lanes: lanesOf.slot }))
    assert.deepEqual(slots, [])
    const [task] = await claimed(catalog)
    assert.ok(task)
    assert.deepEqual(
      [task.kind, task.dataset, task.partition],
      ['delivery', DELIVERY_TASK, 'dlv_1'],
    )
    assert.equal(await stateOf(catalog, tenant, 'dlv_1'), 'running')
    await finish(catalog, tenant, task)
    assert.equal(await stateOf(catalog, tenant, 'dlv_1'), 'ready')
    await open().shiftClock(61_000)
    assert.equal(await stateOf(catalog, tenant, 'dlv_1'), 'expired')
  })

  test('two deliveries of one artefact are never made at the same time', async () => {
    const other = newDelivery('dlv_3', { artefactId: 'a2' })
    const { catalog, tenant } = await make(newDelivery('dlv_1'), newDelivery('dlv_2'), other)
    const first = await claimed(catalog)
    const second = await claimed(catalog)
    assert.deepEqual(
      [first, second].flat().map(({ partition }) => partition),
      ['dlv_1', 'dlv_3'],
    )
    assert.deepEqual(await claimed(catalog), [])
    await finish(catalog, tenant, first[0] as ClaimedTask)
    assert.equal((await claimed(catalog))[0]?.partition, 'dlv_2')
    const made = await catalog.asTenant(tenant, (session) => takeArtefact(session, 'a1'))
    assert.equal(made?.path, artefact.path)
  })

  test('an attempt that has lost its lease keeps no artefact', async () => {
    const { catalog, tenant } = await make(newDelivery('dlv_1'))
    const [task] = await claimed(catalog)
    await open().shiftClock(61_000)
    await catalog.asSystem(expireTasks)
    await claimed(catalog)
    await assert.rejects(
      finish(catalog, tenant, task as ClaimedTask),
      (error) => error instanceof MillraceError && error.code === 'lease-lost',
    )
    assert.equal(await catalog.asTenant(tenant, (session) => takeArtefact(session, 'a1')), null)
  })

  test('a cancelled delivery is carried out when somebody asks for it again', async () => {
    const { catalog, tenant } = await make(newDelivery('dlv_1'))
    const taskId = (await catalog.asTenant(tenant, (s) => getDelivery(s, 'dlv_1')))?.taskId ?? 0
    await catalog.asTenant(tenant, (session) => cancelTask(session, taskId))
    assert.equal(await stateOf(catalog, tenant, 'dlv_1'), 'cancelled')
    assert.deepEqual(await claimed(catalog), [])
    assert.equal(await catalog.asTenant(tenant, (s) => retryDelivery(s, 'dlv_1')), true)
    assert.equal(await catalog.asTenant(tenant, (s) => retryDelivery(s, 'dlv_1')), false)
    assert.equal((await claimed(catalog))[0]?.partition, 'dlv_1')
  })

  test('what has failed for good is told among the events', async () => {
    const { catalog, tenant } = await make(newDelivery('dlv_1'))
    const [task] = await claimed(catalog)
    const { id: taskId, fence } = task as ClaimedTask
    const error = toErrorData(new MillraceError('delivery-question-gone'))
    await catalog.asTenant(tenant, (s) =>
      endTasks(s, '', [{ taskId, fence, state: 'failed', error }]),
    )
    const [event] = await open().admin<{ payload: object }>(
      `SELECT payload FROM outbox WHERE kind = 'delivery.failed'`,
    )
    assert.deepEqual(event?.payload, { delivery: 'dlv_1', code: 'delivery-question-gone' })
    const failed = await catalog.asTenant(tenant, (session) => getDelivery(session, 'dlv_1'))
    assert.deepEqual([failed?.state, failed?.error?.code], ['failed', 'delivery-question-gone'])
  })

  test('the sweep takes files away that no delivery wants, and forgets deliveries later', async () => {
    const { catalog, tenant } = await make(
      newDelivery('dlv_1'),
      newDelivery('dlv_2', { keepMs: 1e9 }),
    )
    for (const _each of [1, 2]) {
      const [task] = await claimed(catalog)
      await finish(catalog, tenant, task as ClaimedTask)
    }
    const sweep = () => catalog.asSystem((session) => sweepDeliveries(session, 86_400_000, 100))
    await open().shiftClock(3_600_000)
    assert.deepEqual(await sweep(), [])
    const list = await catalog.asTenant(tenant, (session) => listDeliveries(session, everything))
    assert.deepEqual(
      list.map(({ id, state }) => [id, state]),
      [
        ['dlv_2', 'ready'],
        ['dlv_1', 'expired'],
      ],
    )
    await open().shiftClock(2e9)
    assert.deepEqual(await sweep(), [artefact.path])
    assert.deepEqual(await sweep(), [])
    const left = await open().admin('SELECT FROM delivery UNION ALL SELECT FROM task')
    assert.equal(left.length, 0)
  })

  test('a sleeping sweep keeps a file that a delivery has just taken', async () => {
    const { catalog, tenant } = await make(
      newDelivery('dlv_1', { keepMs: 1 }),
      newDelivery('dlv_2'),
    )
    const [task] = await claimed(catalog)
    await finish(catalog, tenant, task as ClaimedTask)
    await open().shiftClock(3_600_000)
    await claimed(catalog)
    await catalog.asTenant(tenant, (session) => takeArtefact(session, 'a1'))
    assert.deepEqual(await catalog.asSystem((s) => sweepDeliveries(s, 86_400_000, 100)), [])
  })
})

const everything = { state: null, askedBy: null, after: null, limit: 10 }
