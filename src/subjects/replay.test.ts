import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { getErasure } from '#catalog/erasures.ts'
import { exportSubjectRules, importSubjectRules } from '#catalog/subject-archive.ts'
import { setRule } from '#catalog/subject-rules.ts'
import { createTenant } from '#catalog/tenants.ts'
import { replayErasures } from '#subjects/replay.ts'
import { filesHolding } from '../../test/support/lake-bytes.ts'
import { publishedRows } from '../../test/support/published.ts'
import { buildSubjectWorld } from '../../test/support/subject-world.ts'

test('replayed over restored data, erasures take everybody out again before anybody sees it', async (t) => {
  const world = await buildSubjectWorld(t)
  const { millrace } = world
  const { parts, tenant } = millrace
  await world.write('2021-03', [
    'a,2021-03-01,alice-of-old,1,10',
    'b,2021-03-02,bob,2,20',
    'c,2021-03-03,carol-of-old,3,30',
  ])
  await world.write('2021-04', ['d,2021-04-01,bob,2,40'])
  await millrace.runWell({ datasets: ['visits'], partitions: ['2021-03', '2021-04'] })
  // The tenant that the archive came from, which has erased since.
  const origin = await createTenant(parts.catalog, 'origin')
  for (const value of ['alice-of-old', 'carol-of-old', 'never-seen']) {
    await parts.catalog.asTenant(origin, (session) =>
      setRule(session, parts.random, { kind: 'person', value, state: 'erased' }),
    )
  }
  const archive = await parts.catalog.asTenant(origin, exportSubjectRules)
  assert.ok(archive)
  await parts.catalog.asTenant(tenant, (session) => importSubjectRules(session, archive))

  const replay = () =>
    replayErasures(parts.deployed.current(), tenant, {
      by: 'restore',
      signal: new AbortController().signal,
    })
  const id = await replay()
  const { state } = await parts.catalog.asTenant(tenant, (session) => getErasure(session, id))
  assert.equal(state, 'done')
  const lake = join(millrace.home, 'lake', tenant.slug)
  for (const who of ['alice-of-old', 'carol-of-old']) {
    assert.deepEqual(await filesHolding(lake, who), [], who)
  }
  assert.deepEqual(
    (await publishedRows(millrace, 'visits')).map(({ who }) => who),
    ['bob', 'bob'],
  )
  assert.deepEqual(await publishedRows(millrace, 'people_by_day', ['2021-03-01']), [])
  assert.equal((await publishedRows(millrace, 'people_by_day', ['2021-04-01'])).length, 1)

  await millrace.runWell({ datasets: ['visits'], partitions: ['2021-03', '2021-04'] })
  assert.deepEqual(
    (await publishedRows(millrace, 'known_people')).map(({ who }) => who),
    ['bob', 'bob'],
  )
  assert.notEqual(await replay(), id)
  assert.equal((await publishedRows(millrace, 'known_people')).length, 2, 'again it finds nothing')
})
