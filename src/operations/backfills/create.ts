import { z } from 'zod'

import { createBackfill, listBackfills } from '#catalog/backfills.ts'
import { listTenants } from '#catalog/tenants.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { backfillData, toBackfillData } from '#operations/backfills/backfill-data.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import { definitionOf, keysOf } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { regionFields } from '#operations/plans/plan-request.ts'

export const createBackfillOperation = defineOperation({
  name: 'backfills.create',
  summary:
    'Start a region for one or many tenants, steered as one; each of them is planned by itself',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/backfills' },
  input: z.strictObject({
    ...regionFields,
    tenants: z
      .array(z.string().min(1).max(60))
      .min(1)
      .max(10_000)
      .optional()
      .describe("Names of the tenants; default: the caller's own. Others are for operators."),
    allTenants: z.boolean().default(false).describe('Every tenant that there is.'),
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
    const tenants = await tenantsOf(parts, caller, input)
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

async function tenantsOf(
  parts: Parts,
  caller: Caller,
  { tenants: names, allTenants }: { tenants?: string[] | undefined; allTenants: boolean },
): Promise<Tenant[]> {
  if (!allTenants && (!names || (names.length === 1 && names[0] === caller.tenant.slug))) {
    return [caller.tenant]
  }
  if (!caller.permissions.has('operator')) {
    const operation = 'backfills.create for other tenants'
    throw new MillraceError('forbidden', { operation, permission: 'operator', caller: caller.name })
  }
  const all = await listTenants(parts.catalog)
  if (allTenants) return all
  return [...new Set(names)].map((name) => {
    const tenant = all.find(({ slug }) => slug === name)
    if (!tenant) throw new MillraceError('tenant-unknown', { tenant: name })
    return tenant
  })
}

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
