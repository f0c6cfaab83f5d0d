import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  freeCells,
  holdCell,
  nextDueMs,
  releaseCell,
  settleCell,
  takeCells,
  wakeCell,
} from '#catalog/cell-turns.ts'
import {
  cellOf,
  createCell,
  listCells,
  markCatalog,
  noteKnown,
  putTenant,
  takeOverTenant,
  tenantChanges,
  tenantsInCells,
} from '#catalog/cells.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import { createTrigger } from '#catalog/triggers.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import { buildRun, buildTask } from '../../test/support/catalog-builders.ts'

const cell = (name: string) => ({ name, address: null, place: `/cells/${name}`, lake: null })
const HOLD = { holdMs: 30_000, max: 10 }

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a cell that is due is one process at a time to take, until it goes or says nothing more', async () => {
    const { catalog, shiftClock } = open()
    const take = (holder: string) =>
      catalog.asSystem((session) => takeCells(session, { holder, ...HOLD }))
    await catalog.asSystem((session) => createCell(session, cell('north')))
    assert.deepEqual(await take('one'), [], 'nothing is asked for')
    await catalog.asSystem((session) => wakeCell(session, 'north'))
    assert.deepEqual(await take('one'), ['north'])
    assert.deepEqual(await take('two'), [])
    const hold = (holder: string) =>
      catalog.asSystem((session) => holdCell(session, 'north', holder, 30_000))
    assert.equal(await hold('two'), false)
    await shiftClock(31_000)
    assert.deepEqual(await take('two'), ['north'])
    assert.equal(await hold('one'), false, 'it is told that it is gone')
    assert.equal(await hold('two'), true)
    await catalog.asSystem(freeCells)
    assert.deepEqual(await take('one'), ['north'])
  })

  test('what is asked for while the holder looks what is due next makes it due again', async () => {
    const { catalog, shiftClock } = open()
    const dueMs = async () => {
      const [found] = await catalog.asSystem((session) => listCells(session, { limit: 1 }))
      return found?.dueAt?.getTime() ?? null
    }
    await catalog.asSystem(async (session) => {
      await createCell(session, cell('north'))
      await wakeCell(session, 'north')
      await takeCells(session, { holder: 'one', ...HOLD })
      await settleCell(session, 'north', 'one')
    })
    assert.equal(await dueMs(), null)
    await catalog.asSystem((session) => wakeCell(session, 'north'))
    const askedMs = await dueMs()
    await catalog.asSystem((session) => releaseCell(session, 'north', 'one', 3_600_000))
    assert.equal(await dueMs(), askedMs)
    // Without that, it is due when the holder said, and not before.
    const take = () => catalog.asSystem((session) => takeCells(session, { holder: 'two', ...HOLD }))
    assert.deepEqual(await take(), ['north'])
    await catalog.asSystem(async (session) => {
      await settleCell(session, 'north', 'two')
      await releaseCell(session, 'north', 'two', 3_600_000)
    })
    assert.deepEqual(await take(), [])
    await shiftClock(3_601_000)
    assert.deepEqual(await take(), ['north'])
  })

  test('a tenant goes into a cell before it has data, and then gets none here', async () => {
    const { catalog } = open()
    const [walled, used, plain] = [
      await createTenant(catalog, 'walled'),
      await createTenant(catalog, 'used'),
      await createTenant(catalog, 'plain'),
    ]
    await catalog.asTenant(used, (session) => setSourceOptions(session, 'events', { a: 1 }))
    await catalog.asSystem(async (session) => {
      await createCell(session, cell('north'))
      await createCell(session, cell('south'))
      assert.equal(await putTenant(session, walled, 'nowhere'), 'unknown')
      assert.equal(await putTenant(session, walled, 'north'), 'placed')
      assert.equal(await putTenant(session, walled, 'north'), 'placed')
      assert.equal(await putTenant(session, walled, 'south'), 'elsewhere')
      assert.equal(await putTenant(session, used, 'north'), 'used')
      assert.equal((await cellOf(session, walled)).cell, 'north')
      assert.equal((await cellOf(session, plain)).cell, null)
      assert.deepEqual(await tenantsInCells(session, [walled, used, plain]), new Set([walled.id]))
    })
    const refused = /has its data in cell north/
    await assert.rejects(buildRun(catalog, walled, [buildTask('events', '2021-04')]), refused)
    await assert.rejects(
      catalog.asTenant(walled, (session) => setSourceOptions(session, 'events', { a: 1 })),
      refused,
    )
    const schedule = { id: 'sch_1', kind: 'schedule', name: 'one', definition: {} } as const
    await assert.rejects(
      catalog.asTenant(walled, (session) =>
        createTrigger(session, { ...schedule, createdBy: 'one', dueAt: null, nextAt: null }),
      ),
      refused,
    )
    await buildRun(catalog, plain, [buildTask('events', '2021-04')])
  })

  test('each change of a tenant is to be told to its cell, once, and a publish is none', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'walled')
    await catalog.asSystem(async (session) => {
      await createCell(session, cell('north'))
      await putTenant(session, tenant, 'north')
    })
    const changes = () => catalog.asSystem((session) => tenantChanges(session, ['north'], 10))
    const [first] = await changes()
    assert.equal(first?.tenant.slug, 'walled')
    await admin(`UPDATE tenant SET weight = 300 WHERE id = ${tenant.id}`)
    await catalog.asSystem((session) => noteKnown(session, first))
    const [second] = await changes()
    assert.ok(second, 'the second change is still to be told')
    await catalog.asSystem((session) => noteKnown(session, second))
    await admin(`UPDATE tenant SET last_commit = last_commit + 1 WHERE id = ${tenant.id}`)
    assert.deepEqual(await changes(), [])
  })

  test('a cell takes a tenant over under its number and name, and no other in its stead', async () => {
    const { catalog, admin } = open()
    const row = { id: 4_711, slug: 'walled', state: 'active', state_reason: null } as const
    const made = await createTenant(catalog, 'template')
    const [template] = await admin<{ row: object }>(
      `SELECT to_jsonb(t) AS row FROM tenant t WHERE id = ${made.id}`,
    )
    const given = { ...template?.row, ...row, weight: 250 }
    const take = (more: object) =>
      catalog.asSystem((session) => takeOverTenant(session, { ...given, ...more }))
    assert.equal(await take({}), 'active')
    assert.equal(await take({ weight: 300 }), 'active')
    assert.equal(await take({ slug: 'another' }), null)
    assert.equal(await take({ id: 4_712 }), null)
    const [there] = await admin<{ weight: number; last: number }>(
      'SELECT weight, last_commit AS last FROM tenant WHERE id = 4711',
    )
    assert.deepEqual(there, { weight: 300, last: 0 })
  })

  test('a catalog is a directory or a cell of one, for good, and no cell where it has tenants', async () => {
    const { catalog } = open()
    const mark = { directory: '0b9f2f4e-2f0c-4d5a-9d7c-0a1b2c3d4e5f', cell: 'north' }
    const marked = (wish: typeof mark | null) =>
      catalog.asSystem((session) => markCatalog(session, wish))
    await createTenant(catalog, 'somebody')
    assert.equal(await marked(mark), null)
    const directory = await marked(null)
    assert.equal(directory?.cell, null)
    assert.deepEqual(await marked(mark), directory)
    assert.deepEqual(await marked(null), directory)
  })

  test('nothing is foreseen in an empty catalog', async () => {
    const { catalog } = open()
    assert.equal(await catalog.asSystem(nextDueMs), null)
  })
})
