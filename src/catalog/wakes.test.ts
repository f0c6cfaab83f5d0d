import assert from 'node:assert/strict'
import { test } from 'node:test'

import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('whoever waits for something of which there is none is told so, and never "now"', async () => {
    const { catalog, admin } = open()
    const wakes = await admin<{ name: string }>(
      `SELECT proname AS name FROM pg_proc
       WHERE pronamespace = 'millrace'::regnamespace AND proname LIKE '%\\_next\\_wake'
         AND pronargs = 0 ORDER BY 1`,
    )
    assert.ok(wakes.length >= 4, `${wakes.length} functions`)
    for (const { name } of wakes) {
      const [row] = await catalog.asSystem((session) =>
        session.query<{ ms: number | null }>(`SELECT ${name}() AS ms`),
      )
      assert.equal(row?.ms, null, name)
    }
  })
})
