import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { eventRange, listEvents, sweepEvents, tellEvent } from '#catalog/events.ts'
import { lanesOf } from '#catalog/queue.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { undoRun } from '#catalog/undo.ts'
import { toErrorData } from '#kernel/errors.ts'
import { domainEvents, type DomainEvent } from '#model/domain-event.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'
import { postTask } from '../../test/support/background-builders.ts'

const DAY_MS = 86_400_000

async function events(
  catalog: Catalog,
  tenant: Tenant,
  after = 0,
): Promise<readonly DomainEvent[]> {
  const ask = { after, limit: 1000 }
  const { events: found } = await catalog.asTenant(tenant, (s) => listEvents(s, ask))
  for (const { kind, data } of found) domainEvents[kind].data.parse(data)
  return found
}

const kindsOf = (found: readonly DomainEvent[]) => found.map(({ kind }) => kind)

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  describe('events', () => {
    test('are noted by what makes them true, with the fields that are told', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const { runId, taskIds } = await buildRun(catalog, tenant, [buildTask('events', '2021-04')])
      const quarantine = {
        path: 'q',
        sizeBytes: 9,
        sha256: 'ef'.repeat(32),
        rows: 3,
        role: 'quarantine',
      } as const
      const data = {
        path: 'd',
        sizeBytes: 9,
        sha256: 'ef'.repeat(32),
        rows: 5,
        role: 'data',
      } as const
      const files = { files: [data, quarantine] }
      await publishBatch(catalog, tenant, await claimBatch(catalog), {}, files)
      await buildRun(catalog, tenant, [buildTask('events', '2021-04')])
      const again = {
        files: [
          { ...data, path: 'd2' },
          { ...quarantine, path: 'q2' },
        ],
      }
      await publishBatch(catalog, tenant, await claimBatch(catalog), {}, again)
      await catalog.asTenant(tenant, (s) => undoRun(s, runId))
      const found = await events(catalog, tenant)
      assert.deepEqual(
        found.map(({ sequence }) => sequence),
        found.map((_event, at) => at + 1),
      )
      assert.deepEqual(kindsOf(found), [
        'run.started',
        'partition.published',
        'quarantine.grew',
        'run.finished',
        'run.started',
        'partition.published',
        'run.finished',
      ])
      assert.deepEqual(found[1]?.data, {
        dataset: 'events',
        run: runId,
        commit: 1,
        partitions: ['2021-04'],
      })
      assert.deepEqual(found[2]?.data, {
        dataset: 'events',
        run: runId,
        partitions: ['2021-04'],
        rows: 3,
        before: 0,
      })
      assert.deepEqual(
        [found[0]?.id, found[0]?.tenant, taskIds.length],
        ['evt_alpha_1', 'alpha', 1],
      )
    })

    test('tell of what was held, failed, was cancelled or undone', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const { runId } = await buildRun(catalog, tenant, [buildTask('events', '2021-04')])
      await publishBatch(catalog, tenant, await claimBatch(catalog), { held: true })
      await buildRun(catalog, tenant, [buildTask('events', '2021-05')])
      const [failing] = await claimBatch(catalog)
      const error = toErrorData(new Error('no'))
      const end = {
        taskId: failing?.id ?? 0,
        fence: failing?.fence ?? 0,
        state: 'failed',
        error,
      } as const
      await catalog.asTenant(tenant, (s) => endTasks(s, failing?.runId ?? '', [end]))
      const task = await postTask(catalog, tenant)
      const [mail] = await claimBatch(catalog, {
        lanes: lanesOf.pull(['mail']),
        tenantId: tenant.id,
      })
      if (mail) {
        const lost = { taskId: mail.id, fence: mail.fence, state: 'failed', error } as const
        await catalog.asTenant(tenant, (s) => endTasks(s, '', [lost]))
      }
      await buildRun(catalog, tenant, [])
      const { runId: done } = await buildRun(catalog, tenant, [buildTask('events', '2021-06')])
      await publishBatch(catalog, tenant, await claimBatch(catalog))
      await catalog.asTenant(tenant, (s) => undoRun(s, done))
      const found = await events(catalog, tenant)
      assert.deepEqual(kindsOf(found), [
        'run.started',
        'partition.held',
        'run.failed',
        'run.started',
        'partition.failed',
        'run.failed',
        ...(mail ? ['task.failed'] : []),
        'run.started',
        'run.finished',
        'run.started',
        'partition.published',
        'run.finished',
        'run.undone',
      ])
      assert.deepEqual(found[1]?.data, { dataset: 'events', run: runId, partitions: ['2021-04'] })
      assert.ok(task > 0 && mail, 'a background task has failed')
    })

    test('of what was rolled back take no number', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      await catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run: 'one' }))
      await assert.rejects(
        catalog.asTenant(tenant, async (s) => {
          await tellEvent(s, 'run.started', { run: 'never' })
          throw new Error('came to nothing')
        }),
      )
      await catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run: 'two' }))
      const found = await events(catalog, tenant)
      assert.deepEqual(
        found.map(({ sequence, data }) => [sequence, data]),
        [
          [1, { run: 'one' }],
          [2, { run: 'two' }],
        ],
      )
    })

    if (engine.name === 'postgres') {
      test('are in the order of their commits: who has read one misses none that comes later', async () => {
        const { catalog } = open()
        const tenant = await createTenant(catalog, 'alpha')
        const begun = Promise.withResolvers<void>()
        const go = Promise.withResolvers<void>()
        // Noted first, and committed last.
        const slow = catalog.asTenant(tenant, async (s) => {
          await tellEvent(s, 'run.started', { run: 'slow' })
          begun.resolve()
          await go.promise
        })
        await begun.promise
        await catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run: 'fast' }))
        const first = await events(catalog, tenant)
        assert.deepEqual(
          first.map(({ sequence, data }) => [sequence, data]),
          [[1, { run: 'fast' }]],
        )
        go.resolve()
        await slow
        const rest = await events(catalog, tenant, 1)
        assert.deepEqual(
          rest.map(({ sequence, data }) => [sequence, data]),
          [[2, { run: 'slow' }]],
        )
      })

      test('of many transactions at the same time are seen one after the other, without a gap', async () => {
        const { catalog } = open()
        const tenant = await createTenant(catalog, 'alpha')
        let writing = true
        const seen: number[] = []
        const reader = (async () => {
          for (let last = 0; writing || last < 200;) {
            for (const { sequence } of await events(catalog, tenant, last)) {
              seen.push(sequence)
              last = sequence
            }
          }
        })()
        const write = async () => {
          for (let at = 0; at < 25; at++) {
            await catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run: `${at}` }))
          }
        }
        await Promise.all(Array.from({ length: 8 }, write))
        writing = false
        await reader
        assert.deepEqual(
          seen,
          Array.from({ length: 200 }, (_none, at) => at + 1),
        )
      })
    }

    test('of one tenant are no other tenant’s, and each counts by itself', async () => {
      const { catalog } = open()
      const [alpha, beta] = [
        await createTenant(catalog, 'alpha'),
        await createTenant(catalog, 'beta'),
      ]
      await catalog.asTenant(alpha, (s) => tellEvent(s, 'run.started', { run: 'a' }))
      await catalog.asTenant(beta, (s) => tellEvent(s, 'run.started', { run: 'b' }))
      const [own] = await events(catalog, beta)
      assert.deepEqual([own?.sequence, own?.data], [1, { run: 'b' }])
    })

    test('are chosen by kind and dataset, and a page tells how far it looked', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      await catalog.asTenant(tenant, async (s) => {
        for (const dataset of ['a', 'b', 'a']) {
          await tellEvent(s, 'partition.held', { dataset, run: 'r', partitions: ['1'] })
          await tellEvent(s, 'run.failed', { run: 'r' })
        }
      })
      const page = (after: number, limit: number) =>
        catalog.asTenant(tenant, (s) =>
          listEvents(s, { after, limit, kinds: ['partition.held'], datasets: ['a'] }),
        )
      const first = await page(0, 1)
      assert.deepEqual([first.events.map(({ sequence }) => sequence), first.cursor], [[1], 1])
      const rest = await page(1, 10)
      assert.deepEqual([rest.events.map(({ sequence }) => sequence), rest.cursor], [[5], 6])
    })

    test('are removed after a time, and it is known up to which', async () => {
      const { catalog, shiftClock } = open()
      const tenant = await createTenant(catalog, 'alpha')
      for (const run of ['a', 'b', 'c']) {
        await catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run }))
      }
      await shiftClock(8 * DAY_MS)
      await catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run: 'd' }))
      const sweep = (max: number) => catalog.asSystem((s) => sweepEvents(s, 7 * DAY_MS, max))
      assert.deepEqual([await sweep(2), await sweep(2), await sweep(2)], [2, 1, 0])
      assert.deepEqual(await catalog.asTenant(tenant, eventRange), { last: 4, swept: 3 })
      assert.deepEqual(
        (await events(catalog, tenant)).map(({ sequence }) => sequence),
        [4],
      )
    })

    test('many of one transaction cost what they are, not what they are squared', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      await catalog.asTenant(tenant, (s) =>
        s.query(
          `INSERT INTO outbox (tenant_id, kind, payload)
           SELECT $1, 'run.started', jsonb_build_object('run', n::text) FROM generate_series(1, 5000) n`,
          [tenant.id],
        ),
      )
      assert.equal((await catalog.asTenant(tenant, eventRange)).last, 5000)
    })
  })
})
