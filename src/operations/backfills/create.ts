import { z } from 'zod'

import { createBackfill, listBackfills } from '#catalog/backfills.ts'
import { MillraceError } from '#kernel/errors.ts'
import { backfillData, toBackfillData } from '#operations/backfills/backfill-data.ts'
import { tenantFields, tenantsAsked } from '#operations/backfills/tenants-asked.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf, keysOf } from '#operations/partition-input.ts'
import { regionFields } from '#operations/plans/plan-request.ts'

export const createBackfillOperation = defineOperation({
  name: 'backfills.create',
  summary:
    'Start a region for one or many tenants, steered as one; each of them is planned by itself',
  permission: 'run',
  audit: ['datasets', 'partition', 'tenants', 'title'],
  rest: { method: 'POST', path: '/v1/backfills' },
  input: z.strictObject({
    ...regionFields,
    ...tenantFields,
    concurrency: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe(
        'Most batches at the same time over all tenants; default: as many as there are slots.',
      ),
    class: z
      .enum(['normal', 'backfill'])
      .default('backfill')
      .describe('`backfill` runs when nothing normal can; `normal` shares with everything else.'),
    title: z.string().min(1).max(200).optional().describe('What it is called in lists.'),
  }),
  output: backfillData,
  async handler(input, { parts, caller }) {
    const { datasets, partition, mode, only, upstream, downstream, order } = input
    const definitions = datasets.map((dataset) => definitionOf(parts, dataset))
    keysOf(partition, definitions.length > 0 ? definitions : parts.factory.datasets)
    const tenants = await tenantsAsked(parts, caller, input, 'backfills.create')
    const id = parts.ids.next('bfl')
    const { concurrency = null, title } = input
    const request = {
      datasets,
      partition: partition ?? null,
      mode,
      only,
      upstream,
      downstream,
      order,
    }
    const backfill = {
      id,
      title: title ?? titleOf(input),
      request,
      class: input.class,
      concurrency,
      createdBy: caller.name,
    }
    const [made] = await parts.catalog.asSystem(async (session) => {
      await createBackfill(session, backfill, tenants)
      return listBackfills(session, { id, limit: 1 })
    })
    parts.log.info('backfill created', { backfill: id, tenants: tenants.length, by: caller.name })
    if (!made) throw new MillraceError('backfill-unknown', { backfill: id })
    return toBackfillData(made)
  },
})

function titleOf({
  datasets,
  partition,
  mode,
}: {
  datasets: string[]
  partition?: string | undefined
  mode: string
}) {
  const what = datasets.length > 0 ? datasets.join(' ') : 'everything'
  const which = partition === undefined ? '' : ` --partition ${partition}`
  return `backfill ${mode === 'rerun' ? '--rerun ' : ''}${what}${which}`.slice(0, 200)
}
