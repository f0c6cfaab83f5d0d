import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import type { Lake } from '#lake/lake.ts'
import { filesHolding } from '../../test/support/lake-bytes.ts'
import { publishedRows } from '../../test/support/published.ts'
import { askToErase, buildSubjectWorld, waitForErasure } from '../../test/support/subject-world.ts'

/** A lake that stops before the first file of these datasets comes to its final name. */
function gated(lake: Lake, holds: (path: string) => boolean) {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let isFirst = true
  return {
    reached: reached.promise,
    open: () => gate.resolve(),
    lake: {
      ...lake,
      async adopt(staged, path) {
        if (isFirst && holds(path)) {
          isFirst = false
          reached.resolve()
          await gate.promise
        }
        return lake.adopt(staged, path)
      },
    } satisfies Lake,
  }
}

for (const [what, dataset] of [
  ['a file that was read', 'visits'],
  ['a result that was computed', 'people_by_month'],
] as const) {
  test(`${what} before an erasure is not published after it`, async (t) => {
    let hold: ReturnType<typeof gated> | undefined
    const wrap = {
      lake: (lake: Lake) => {
        hold = gated(lake, (path) => path.includes(`/${dataset}/`))
        return hold.lake
      },
    }
    const world = await buildSubjectWorld(t, { wrap, slots: 3 })
    const { millrace } = world
    await world.write('2021-03', ['a,2021-03-01,alice-in-flight,1,10', 'b,2021-03-02,bob,2,20'])
    const run = millrace.runWell({ datasets: ['visits'], partitions: ['2021-03'] })
    await hold?.reached
    const id = await askToErase(millrace, 'person', 'alice-in-flight')
    // Of a file that was read but never published there is nothing to erase: it must be read again.
    const isSource = dataset === 'visits'
    if (isSource) await waitForErasure(millrace, id)
    else await untilRewritten(id)
    hold?.open()
    const { run: ended } = await run
    assert.equal(ended.state, 'done')
    await waitForErasure(millrace, id)
    const lake = join(millrace.home, 'lake', millrace.tenant.slug)
    assert.deepEqual(await filesHolding(lake, 'alice-in-flight'), [])
    for (const name of ['visits', 'people_by_month', 'known_people']) {
      const rows = await publishedRows(millrace, name)
      assert.deepEqual([...new Set(rows.map(({ who }) => who))], ['bob'], name)
    }

    async function untilRewritten(erasure: string): Promise<void> {
      for (;;) {
        const [row] = await millrace.parts.catalog.asTenant(millrace.tenant, (session) =>
          session.query<{ state: string }>(
            'SELECT state FROM erasure WHERE tenant_id = $1 AND id = $2',
            [millrace.tenant.id, erasure],
          ),
        )
        if (row?.state !== 'waiting' && row?.state !== 'rewriting') return
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  })
}
