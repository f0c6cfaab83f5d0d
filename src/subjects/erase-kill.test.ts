import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { takeErasure, type ErasureLease } from '#catalog/erasures.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Lake } from '#lake/lake.ts'
import type { SubjectParts } from '#subjects/parts.ts'
import { performErasure } from '#subjects/perform-erasure.ts'
import { checkStore } from '../../test/support/check-store.ts'
import { filesHolding, tablesHolding } from '../../test/support/lake-bytes.ts'
import { waitForEnd, type TestMillrace } from '../../test/support/open-parts.ts'
import { publishedRows } from '../../test/support/published.ts'
import { askToErase, buildSubjectWorld } from '../../test/support/subject-world.ts'

class Killed extends Error {}

/** Parts of a process that ends with its call number `last`: before it happens, or after. */
function mortal(own: SubjectParts, last: number, when: 'before' | 'after'): SubjectParts {
  let calls = 0
  const call = async <T>(act: () => Promise<T>): Promise<T> => {
    calls++
    if (calls > last || (calls === last && when === 'before')) throw new Killed()
    const result = await act()
    if (calls >= last) throw new Killed()
    return result
  }
  const catalog: Catalog = {
    ...own.parts.catalog,
    asTenant: (tenant, work) => call(() => own.parts.catalog.asTenant(tenant, work)),
  }
  const lake: Lake = {
    ...own.parts.lake,
    adopt: (staged, path) => call(() => own.parts.lake.adopt(staged, path)),
    remove: (paths) => call(() => own.parts.lake.remove(paths)),
    // A dead process tidies nothing up.
    discardStaging: async () => {},
  }
  return { ...own, parts: { ...own.parts, catalog, lake } }
}

function subjectsOf({ parts }: TestMillrace): SubjectParts {
  return parts.deployed.current()
}

/** Nobody else takes it up: the lease is taken with the request. */
async function leaseOf(millrace: TestMillrace, id: string): Promise<ErasureLease> {
  const { parts, tenant } = millrace
  return parts.catalog.asTenant(tenant, (session) => takeErasure(session, id, 3_600_000))
}

async function finish(millrace: TestMillrace, lease: ErasureLease): Promise<void> {
  const own = subjectsOf(millrace)
  while (!(await performErasure(own, lease, new AbortController().signal))) {
    const { parts, tenant } = millrace
    const [row] = await parts.catalog.asTenant(tenant, (session) =>
      session.query<{ run: string | null }>(
        'SELECT run_id AS run FROM erasure WHERE tenant_id = $1 AND id = $2',
        [tenant.id, lease.id],
      ),
    )
    if (row?.run) await waitForEnd(parts, tenant, row.run)
  }
}

test('an erasure that is killed at any of its calls is brought to its end by the next process', async (t) => {
  const world = await buildSubjectWorld(t)
  const { millrace } = world
  const lake = join(millrace.home, 'lake', millrace.tenant.slug)
  const calls = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18]
  const people = calls.map((call) => `person-${call}-of-many`)
  for (const salt of [0, 1]) {
    const rows = people.flatMap((who, n) => [
      `a${n},2021-03-0${1 + (n % 3)},${who},${n},${n + salt}`,
      `b${n},not a time,${who},${n},1`,
    ])
    await world.write('2021-03', rows)
    await millrace.runWell({ datasets: ['visits'], partitions: ['2021-03'] })
  }
  let deaths = 0
  for (const [at, who] of people.entries()) {
    const id = await askToErase(millrace, 'person', who)
    const lease = await leaseOf(millrace, id)
    const dying = mortal(
      subjectsOf(millrace),
      calls[at] as number,
      at % 2 === 0 ? 'before' : 'after',
    )
    try {
      await performErasure(dying, lease, new AbortController().signal)
    } catch (error) {
      assert.ok(error instanceof Killed, String(error))
      deaths++
    }
    const next = await leaseOf(millrace, id)
    await finish(millrace, next)
    await assert.rejects(
      performErasure(subjectsOf(millrace), lease, new AbortController().signal).then((done) => {
        if (done) throw new MillraceError('lease-lost', { tasks: 'it was over' })
      }),
      /lease/,
    )
    assert.deepEqual(await filesHolding(lake, who), [], `${who}: killed at call ${calls[at]}`)
    assert.deepEqual(await tablesHolding(millrace.parts, millrace.tenant, who), [])
    const left = await publishedRows(millrace, 'visits')
    assert.equal(left.length, people.length - at - 1, 'the others are all there, once')
  }
  assert.ok(deaths >= 10, `${deaths} deaths`)
  const store = await checkStore(
    millrace.parts.catalog,
    millrace.tenant,
    join(millrace.home, 'lake'),
  )
  assert.deepEqual(store.faults, [])
})
