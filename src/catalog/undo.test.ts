import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { readSet } from '#catalog/files.ts'
import { getRun } from '#catalog/runs.ts'
import { loadState } from '#catalog/state.ts'
import { markSwept, sweepable } from '#catalog/sweep.ts'
import { createTenant } from '#catalog/tenants.ts'
import { undoRun, type Undone } from '#catalog/undo.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'

/** One run that publishes these partitions of `days` with this data version. */
async function publishDays(
  catalog: Catalog,
  tenant: Tenant,
  dataVersion: string,
  ...partitions: string[]
): Promise<string> {
  const { runId } = await buildRun(
    catalog,
    tenant,
    partitions.map((key) => buildTask('days', key)),
  )
  await publishBatch(catalog, tenant, await claimBatch(catalog), { dataVersion })
  return runId
}

function undo(catalog: Catalog, tenant: Tenant, runId: string): Promise<Undone> {
  return catalog.asTenant(tenant, (session) => undoRun(session, runId))
}

async function served(catalog: Catalog, tenant: Tenant): Promise<(string | boolean | null)[][]> {
  const [state] = await catalog.asTenant(tenant, (session) => loadState(session, ['days']))
  return (state?.keys ?? []).map((key, index) => [
    key,
    state?.dataVersions[index] ?? null,
    state?.undone[index] ?? false,
  ])
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('undo puts the former versions back, as a commit of its own', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await publishDays(catalog, tenant, 'old', '1')
    const run = await publishDays(catalog, tenant, 'new', '1', '2')
    const undone = await undo(catalog, tenant, run)
    assert.deepEqual(undone, {
      commitNumber: 3,
      restored: [
        { dataset: 'days', partition: '1', to: 'former' },
        { dataset: 'days', partition: '2', to: 'nothing' },
      ],
      kept: [],
    })
    assert.deepEqual(await served(catalog, tenant), [
      ['1', 'old', true],
      ['2', null, true],
    ])
    const set = await catalog.asTenant(tenant, (session) => readSet(session, 'days', null))
    assert.deepEqual(
      set.partitions.map(({ partition }) => partition),
      ['1'],
    )
    assert.ok((await catalog.asTenant(tenant, (session) => getRun(session, run)))?.undoneAt)
  })

  test('undo leaves what a later run has published, and says which run', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const first = await publishDays(catalog, tenant, 'old', '1', '2')
    const second = await publishDays(catalog, tenant, 'new', '2')
    const undone = await undo(catalog, tenant, first)
    assert.deepEqual(undone.restored, [{ dataset: 'days', partition: '1', to: 'nothing' }])
    assert.deepEqual(undone.kept, [{ dataset: 'days', partition: '2', byRun: second }])
    assert.deepEqual(await served(catalog, tenant), [
      ['1', null, true],
      ['2', 'new', false],
    ])
  })

  test('undo never brings back what another undo has taken away', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await publishDays(catalog, tenant, 'good', '1')
    const wrong = await publishDays(catalog, tenant, 'wrong', '1')
    const worse = await publishDays(catalog, tenant, 'worse', '1')
    await undo(catalog, tenant, wrong)
    await undo(catalog, tenant, worse)
    assert.deepEqual(await served(catalog, tenant), [['1', 'good', true]])
  })

  test('undoing twice changes nothing; the next publish ends the mark', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const run = await publishDays(catalog, tenant, 'old', '1')
    await undo(catalog, tenant, run)
    assert.deepEqual(await undo(catalog, tenant, run), {
      commitNumber: null,
      restored: [],
      kept: [],
    })
    await publishDays(catalog, tenant, 'new', '1')
    assert.deepEqual(await served(catalog, tenant), [['1', 'new', false]])
  })

  test('a running or unknown run is not undone', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [buildTask('days', '1')])
    await assert.rejects(undo(catalog, tenant, runId), { code: 'run-running' })
    await assert.rejects(undo(catalog, tenant, 'run_none'), { code: 'run-unknown' })
  })

  test('files are swept when no version needs them: not the current, not a former one for a time', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const paths = (keepFormerMs: number) =>
      catalog.asTenant(
        tenant,
        async (session) =>
          (await sweepable(session, { keepFormerMs })).map(({ path }) => /t(\d+)/.exec(path)?.[0])
            .length,
      )
    await publishDays(catalog, tenant, 'old', '1', '2')
    const run = await publishDays(catalog, tenant, 'new', '1')
    assert.equal(await paths(0), 0, 'partition 2 is still read from the first file')
    await publishDays(catalog, tenant, 'new', '2')
    assert.equal(await paths(60_000), 0, 'replaced a moment ago')
    await shiftClock(60_001)
    assert.equal(await paths(60_000), 1)
    await catalog.asTenant(tenant, async (session) => {
      const files = await sweepable(session, { keepFormerMs: 60_000 })
      await markSwept(
        session,
        files.map(({ id }) => id),
      )
    })
    assert.equal(await paths(0), 0)
    const undone = await undo(catalog, tenant, run)
    assert.deepEqual(undone.kept, [{ dataset: 'days', partition: '1', byRun: null }])
    assert.equal(undone.commitNumber, null)
  })
})
