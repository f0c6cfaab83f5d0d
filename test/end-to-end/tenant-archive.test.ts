import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { restoreTenant } from '#archive/restore-tenant.ts'
import { writeTwin } from '../../packs/events/samples/twin.ts'
import { commandLineOn } from '../support/command-line.ts'
import { buildFolder, openMillrace } from '../support/open-parts.ts'
import { ownDatabase } from '../support/own-database.ts'
import { compareWithTruth, eventFiles, truthOfFiles } from './compare-with-truth.ts'

const months = ['2021-03']

describe('a tenant as one archive', () => {
  test('moves with all its results by the command line, and is deleted with a proof', async (t) => {
    const folder = await buildFolder(t, 'millrace-archive')
    await writeTwin(folder, { seed: 11, months, rowsPerMonth: 800 })
    const millrace = commandLineOn(join(folder, 'home'))
    const location = `${folder}/{yyyy}/{MM}/events.csv`
    await millrace.json(`run events --month 2021-03 --location ${location}`)
    const rows = await millrace.json('show top_companies')

    const file = join(folder, 'default.millrace.tar')
    const exported = await millrace.run(`tenants export default --to ${file}`)
    assert.equal(exported.code, 0, exported.err)
    const verified = await millrace.json<{ slug: string; files: number }>(
      `tenants verify-archive ${file}`,
    )
    assert.equal(verified.slug, 'default')
    assert.ok(verified.files > 10)

    const restored = await millrace.json<{ slug: string; files: number }>(
      `tenants restore ${file} --slug copy`,
    )
    assert.deepEqual([restored.slug, restored.files], ['copy', verified.files])
    assert.deepEqual(await millrace.json('show top_companies --tenant copy'), rows)
    const plan = await millrace.json<{ tasks: unknown[] }>(
      'plan events --month 2021-03 --tenant copy',
    )
    assert.deepEqual(plan.tasks, [], 'nothing is to be done')

    const wrong = await millrace.run('tenants delete copy --confirm cop --grace-days 0')
    assert.equal(wrong.code, 2, wrong.err)
    const proof = await millrace.json<{ state: string; rowsAfter: object; files: number }>(
      'tenants delete copy --confirm copy --grace-days 0',
    )
    assert.deepEqual([proof.state, proof.rowsAfter, proof.files], ['done', {}, verified.files])
    const gone = await millrace.run('show top_companies --tenant copy')
    assert.match(gone.err, /copy/)
    assert.notEqual(gone.code, 0)
    assert.ok(!(await readdir(join(folder, 'home', 'lake'))).includes('copy'))
    assert.deepEqual(await millrace.json('show top_companies'), rows)

    await t.test('and into another deployment, on PostgreSQL', async (inner) => {
      const databaseUrl = await ownDatabase(inner)
      if (databaseUrl === null) return inner.skip('no PostgreSQL is installed')
      const other = await openMillrace(inner, { databaseUrl })
      const { parts } = other
      const { tenant } = await restoreTenant(
        { ...parts, scratchFolder: join(folder, 'scratch') },
        { file, slug: 'moved', by: 'operator', replayErasures: () => Promise.resolve() },
      )
      const moved = { ...other, tenant }
      const found = await compareWithTruth(moved, await truthOfFiles(eventFiles(folder, months)))
      assert.deepEqual(found.differences, [])
      assert.ok(found.datasets >= 13)
      const planned = await parts.factory.plan(tenant, {
        datasets: ['events'],
        partitions: months,
        mode: 'run',
      })
      assert.equal(planned.tasks.length, 0)
    })
  })
})
