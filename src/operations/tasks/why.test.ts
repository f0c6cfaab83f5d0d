import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { Catalog } from '#catalog/catalog.ts'
import { reportWorker } from '#catalog/workers.ts'
import { whyTask, type Why } from '#catalog/why.ts'
import { whySentence } from '#operations/tasks/why-sentence.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../../test/support/database.ts'
import type { OracleTask } from '../../../test/support/queue-oracle.ts'
import { openQueueWorld, queueStep, type QueueWorld } from '../../../test/support/queue-world.ts'

const steps = fc.array(queueStep, { minLength: 12, maxLength: 30 })

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('whatever holds a ready task back is named, and without it the task is claimed', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(steps, async (acts) => {
        const world = await openQueueWorld(open())
        for (const act of acts) await world.act(act)
        const workers = await openWorkers(open().catalog)
        await world.drain([])
        const { tasks } = await world.look()
        for (const task of tasks.filter(({ state }) => state === 'ready').slice(0, 2)) {
          await freeTask(open(), world, workers, task, seen)
        }
      }),
      { seed: 20_210_417, numRuns: 10, endOnFailure: true },
    )
    for (const reason of ['paused', 'limit', 'rate', 'key', 'no-worker', 'time'] as const) {
      assert.ok(seen.has(reason), `no task waited for ${reason}; seen: ${[...seen].join(', ')}`)
    }
  })
})

interface Workers {
  tags: string[]
  /** Lets a worker with many slots be seen, with these tags from now on. */
  offer(...tags: string[]): Promise<void>
}

async function openWorkers(catalog: Catalog): Promise<Workers> {
  const workers: Workers = {
    tags: [],
    async offer(...tags) {
      workers.tags = tags
      const about = { host: 'h', version: '1', parts: [], slots: 1_000, busy: 0, stopping: false }
      const lanes = ['factory/', 'code/']
      const id = `w-${tags.join('-')}`
      await catalog.asSystem((session) =>
        reportWorker(session, { id, ...about, lanes, tags, leaseMs: 10 ** 9 }),
      )
    },
  }
  await workers.offer()
  return workers
}

/** Takes one obstacle after the other away, as `why` names them, until the task is claimed. */
async function freeTask(
  open: TestCatalog,
  world: QueueWorld,
  workers: Workers,
  { id, tenant }: OracleTask,
  seen: Set<string>,
): Promise<void> {
  const told: string[] = []
  for (let turn = 0; turn < 40; turn++) {
    const before = await world.look()
    const now = before.tasks.find((task) => task.id === id)
    if (now?.state !== 'ready') return assert.equal(now?.state, 'running')
    const why = await open.catalog.asSystem((session) => whyTask(session, tenant, id))
    assert.ok(why)
    seen.add(why.reason)
    told.push(whySentence(why, new Date(world.nowMs())))
    // The claim and `why` agree on whether something holds it back.
    const free = why.reason === 'soon' || why.reason === 'slots'
    if (free) assert.ok(before.claimable(now, workers.tags), told.join('\n'))
    await remove(open, world, workers, why)
    await world.claim(workers.tags, 3)
  }
  assert.fail(`task ${id} is still not claimed:\n${told.join('\n')}`)
}

async function remove(
  { admin }: TestCatalog,
  world: QueueWorld,
  workers: Workers,
  why: Why,
): Promise<void> {
  switch (why.reason) {
    case 'paused':
      await admin(`DELETE FROM queue_pause WHERE scope = $1 AND value = $2`, [why.scope, why.value])
      return
    case 'limit':
      await admin(`DELETE FROM queue_limit WHERE scope = $1 AND value = $2`, [why.scope, why.value])
      return
    case 'rate':
    case 'time':
    case 'retry':
      return world.advance(Math.max(1, Date.parse(why.until ?? '') - world.nowMs()))
    case 'key': {
      const { tasks } = await world.look()
      return world.end(tasks.find(({ id }) => id === why.first) as OracleTask)
    }
    case 'no-worker':
      return workers.offer('gpu')
    case 'slots':
    case 'soon':
      return
    case 'ended':
    case 'running':
    case 'inputs':
    case 'pull':
      assert.fail(`an unexpected reason: ${why.reason}`)
  }
}
