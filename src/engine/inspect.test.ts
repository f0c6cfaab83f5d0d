import assert from 'node:assert/strict'
import { test } from 'node:test'

import { runInspect } from '#engine/inspect.ts'
import { buildFolder, inProcess, testLimits } from '#engine/jobs-for-tests.ts'

test('inspecting tells the columns of a SELECT over inputs that do not exist yet', async (t) => {
  const tempFolder = await buildFolder(t)
  const inspect = (text: string) =>
    inProcess((context) =>
      runInspect(
        {
          kind: 'inspect',
          dataset: 'result',
          text,
          inputs: [{ dataset: 'events', columns: [{ name: 'n', type: 'INTEGER' }] }],
          limits: testLimits,
          tempFolder,
        },
        context,
      ),
    )
  const { columns } = await inspect(
    `SELECT key, sum(n) AS s FROM events, this_partition GROUP BY 1`,
  )
  assert.deepEqual(columns, [
    { name: 'key', type: 'VARCHAR' },
    { name: 's', type: 'BIGINT' },
  ])
  await assert.rejects(inspect(`SELECT m FROM events`), /"m" not found/)
  await assert.rejects(
    inspect(`SELECT INTERVAL 1 DAY AS i`),
    /column "i" of result has the type INTERVAL/,
  )
})
