import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { undoRun } from '#catalog/undo.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import { createFactory } from '#factory/create-factory.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { viewMatrix } from '#factory/matrix/matrix-view.ts'
import type { MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import { squareStates } from '#factory/matrix/square-state.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { createIds } from '#kernel/ids.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Tenant } from '#model/tenant.ts'
import { readPlaces, targetsOf } from '#operations/plans/places.ts'
import { buildAnalysis, buildSource } from '../../../test/support/build-definitions.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../../test/support/catalog-builders.ts'
import { eachEngine, suiteCatalog, testParts } from '../../../test/support/database.ts'

const definitions = [
  buildSource('events', { grain: 'month' }),
  buildSource('readings', { grain: 'day', key: 'site' }),
  buildAnalysis('sums', 'month', { events: 'same' }),
  buildAnalysis(
    'sites',
    { grain: 'none', key: { name: 'site', values: null } },
    { readings: 'roll-up' },
  ),
]

function openFactory(catalog: Catalog) {
  const never = (): never => assert.fail('counting computes nothing and looks at no source')
  const parts: FactoryParts = {
    ...testParts,
    catalog,
    datasets: definitions,
    codeHash: null,
    sources: { survey: never, tryOut: never, stat: never, fetch: never, close: async () => {} },
    lake: {} as never,
    engine: {} as never,
    board: createActiveWorkBoard(),
    limits: {
      slots: 1,
      buildMemoryBytes: 0,
      convertMemoryBytes: 0,
      convertThreads: 1,
      deadlineMs: 0,
    },
    ids: createIds(testParts.clock, testParts.random),
  }
  return createFactory(parts, async () => {})
}

async function publishAll(
  catalog: Catalog,
  tenant: Tenant,
  dataset: string,
  partitions: readonly string[],
): Promise<string> {
  const { runId } = await buildRun(
    catalog,
    tenant,
    partitions.map((key) => buildTask(dataset, key)),
  )
  const codeVersion = sha256(dataset)
  await publishBatch(catalog, tenant, await claimBatch(catalog), { codeVersion })
  return runId
}

/** How many squares are in which state, without zeros. */
function told(totals: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    squareStates.flatMap((state, code) => (totals[code] ? [[state, totals[code]]] : [])),
  )
}

function statesOf(snapshot: MatrixSnapshot, dataset: string): Record<string, number> {
  return told(snapshot.datasets.get(dataset)?.totals ?? [])
}

const whole = { from: null, to: null, columns: 100, firstRow: 0, rowsMax: 100 }
const everything = { datasets: [], search: '', having: [], expand: [], ...whole }

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('squares show what is published, what follows from it, and what is being done about it', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const factory = openFactory(catalog)
    await publishAll(catalog, tenant, 'events', ['2021-01', '2021-02', '2021-03'])
    const first = await factory.matrix(tenant, { exact: true })
    assert.deepEqual(statesOf(first, 'events'), { fresh: 3 })
    assert.deepEqual(statesOf(first, 'sums'), { missing: 3 })

    await buildRun(catalog, tenant, [buildTask('sums', '2021-01'), buildTask('sums', '2021-02')])
    const queued = await factory.matrix(tenant, { exact: true })
    assert.deepEqual(statesOf(queued, 'sums'), { missing: 1, queued: 2 })
    const [one, two] = await claimBatch(catalog)
    const running = await factory.matrix(tenant, { exact: true })
    assert.deepEqual(statesOf(running, 'sums'), { missing: 1, running: 2 })

    assert.ok(one && two)
    await publishBatch(catalog, tenant, [one])
    const error = new MillraceError('partition-unknown', { dataset: 'x', partition: 'y' })
    await catalog.asTenant(tenant, (session) =>
      endTasks(session, one.runId, [
        { taskId: two.id, fence: two.fence, state: 'failed', error: toErrorData(error) },
      ]),
    )
    const ended = await factory.matrix(tenant, { exact: true })
    assert.deepEqual(statesOf(ended, 'sums'), { stale: 1, missing: 1, failed: 1 })

    await catalog.asTenant(tenant, (session) => undoRun(session, one.runId))
    const undone = await factory.matrix(tenant, { exact: true })
    assert.deepEqual(statesOf(undone, 'sums'), { undone: 1, missing: 1, failed: 1 })
  })

  test('a snapshot is taken again when something has changed, and only then', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'other')
    const factory = openFactory(catalog)
    await publishAll(catalog, tenant, 'events', ['2021-01'])
    const first = await factory.matrix(tenant, { exact: true })
    assert.equal(await factory.matrix(tenant), first)
    await publishAll(catalog, other, 'events', ['2021-01', '2021-02'])
    assert.equal(await factory.matrix(tenant), first)
    await publishAll(catalog, tenant, 'events', ['2021-02'])
    const second = await factory.matrix(tenant, { exact: true })
    assert.deepEqual(statesOf(second, 'events'), { fresh: 2 })
    assert.deepEqual(statesOf(await factory.matrix(other), 'events'), { fresh: 2 })
  })

  test('rows of different cuts share one axis; keys follow their dataset where it is expanded', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const factory = openFactory(catalog)
    await publishAll(catalog, tenant, 'events', ['2021-01', '2021-02'])
    await publishAll(catalog, tenant, 'readings', [
      '2021-02-01:north',
      '2021-02-01:south',
      '2021-02-02:north',
    ])
    const snapshot = await factory.matrix(tenant)
    const view = viewMatrix(snapshot, { ...everything, expand: ['readings'] })
    assert.deepEqual(
      view.rows.map(({ dataset, part, tiles }) => [dataset, part, tiles.level, tiles.runs]),
      [
        ['events', null, 'month', [0, 2, 1, 1]],
        ['readings', null, 'day', [31, 1, 1, 2, 0, 1, 1, 1]],
        ['readings', 'north', 'day', [31, 2, 1, 1]],
        ['readings', 'south', 'day', [31, 1, 1, 1]],
        ['sums', null, 'month', [0, 2, 16, 1]],
        ['sites', null, 'all', [0, 1, 16, 2]],
      ],
    )
    assert.equal(view.level, 'day')
    assert.deepEqual(told(view.totals), { fresh: 5, missing: 4 })
    const found = viewMatrix(snapshot, { ...everything, having: ['missing'], search: 'S' })
    assert.deepEqual(
      found.rows.map(({ dataset }) => dataset),
      ['sums', 'sites'],
    )
    const second = viewMatrix(snapshot, { ...everything, firstRow: 1, rowsMax: 1 })
    assert.deepEqual([second.rows.map(({ dataset }) => dataset), second.rowsAll], [['readings'], 4])
  })

  test('places name ragged regions of several datasets, and only partitions that there are', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const factory = openFactory(catalog)
    await publishAll(catalog, tenant, 'events', ['2021-01', '2021-02', '2021-04'])
    await publishAll(catalog, tenant, 'readings', ['2021-02-01:north', '2021-02-01:south'])
    const snapshot = await factory.matrix(tenant)
    const places = readPlaces(snapshot, [
      'sums@2021-04',
      'events@2021-02..2021-05',
      'readings@2021-02:north',
      'sums@2021-01',
    ])
    assert.deepEqual(targetsOf(snapshot, places), [
      { dataset: 'events', partitions: ['2021-02', '2021-04'] },
      { dataset: 'readings', partitions: ['2021-02-01:north'] },
      { dataset: 'sums', partitions: ['2021-01', '2021-04'] },
    ])
    const request = {
      datasets: [],
      partitions: null,
      mode: 'rerun',
      targets: targetsOf(snapshot, places),
    } as const
    const plan = await factory.plan(tenant, request)
    assert.deepEqual(
      plan.tasks.map(({ dataset, partition }) => `${dataset} ${partition}`),
      [
        'events 2021-02',
        'events 2021-04',
        'readings 2021-02-01:north',
        'sums 2021-01',
        'sums 2021-04',
      ],
    )
    assert.throws(() => readPlaces(snapshot, ['sums@2022-01']), { code: 'place-unknown' })
    assert.throws(() => readPlaces(snapshot, ['nothing']), { code: 'dataset-unknown' })
    assert.throws(() => readPlaces(snapshot, ['sums@yesterday']), { code: 'partition-key-invalid' })
  })
})
