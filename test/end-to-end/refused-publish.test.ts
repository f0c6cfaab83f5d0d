import assert from 'node:assert/strict'
import { test } from 'node:test'

import { lakePlace } from '#app/lake-settings.ts'
import type { Wrap } from '#app/compose.ts'
import { listTasks } from '#catalog/tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import { writeTwin } from '../../packs/events/samples/twin.ts'
import { checkStore } from '../support/check-store.ts'
import { buildFolder, openMillrace } from '../support/open-parts.ts'
import { compareWithTruth, eventFiles, truthOfFiles } from './compare-with-truth.ts'

/** The catalog goes away in the middle of each dataset's first publish, before the commit. */
function refuseFirstPublishes(): Wrap & { readonly refused: () => number } {
  const refused = new Set<unknown>()
  return {
    refused: () => refused.size,
    catalog: (catalog) => ({
      ...catalog,
      asTenant: (tenant, work) =>
        catalog.asTenant(tenant, (session) =>
          work({
            ...session,
            async query<Row extends object>(text: string, params?: readonly unknown[]) {
              const rows = await session.query<Row>(text, params)
              const dataset = params?.[2]
              if (text.includes('INSERT INTO version') && !refused.has(dataset)) {
                refused.add(dataset)
                throw new MillraceError('catalog-unreachable', {
                  place: 'the test',
                  message: 'gone',
                })
              }
              return rows
            },
          }),
        ),
    }),
  }
}

test('a publish that the catalog refuses is tried again, and figures are right in the end', async (t) => {
  const folder = await buildFolder(t, 'millrace-refused')
  const months = ['2021-03', '2021-04']
  await writeTwin(folder, { seed: 2, months, rowsPerMonth: 500 })
  const wrap = refuseFirstPublishes()
  const millrace = await openMillrace(t, { wrap })
  await millrace.configure('events', { location: `${folder}/{yyyy}/{MM}/events.csv` })
  await millrace.runWell({ datasets: ['events'], partitions: months })
  assert.ok(wrap.refused() > 10, `only ${wrap.refused()} publishes were refused`)
  const truth = await truthOfFiles(eventFiles(folder, months))
  assert.deepEqual((await compareWithTruth(millrace, truth)).differences, [])
  const { parts, tenant } = millrace
  const days = await parts.catalog.asTenant(tenant, (session) =>
    listTasks(session, { dataset: 'users_by_day', limit: 1_000 }),
  )
  assert.deepEqual(new Set(days.map(({ attempts }) => attempts)), new Set([2]))
  assert.deepEqual((await checkStore(parts.catalog, tenant, lakePlace(parts.config))).faults, [])
})
