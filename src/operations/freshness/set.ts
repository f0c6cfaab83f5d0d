import { z } from 'zod'

import { getTrigger, setFreshness } from '#catalog/triggers.ts'
import { durationMs } from '#definitions/task-schema.ts'
import { defineOperation } from '#operations/operation.ts'
import { freshnessData, toFreshnessData } from '#operations/freshness/freshness-data.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'

export const setFreshnessRule = defineOperation({
  name: 'freshness.set',
  summary: 'Say how old a dataset may get, counted from the end of its newest period',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/freshness/{dataset}' },
  input: z.strictObject({
    dataset: datasetField,
    maxAge: durationMs.describe(
      '26h, 40d: from the end of the newest period; uncut: from its publish.',
    ),
  }),
  output: freshnessData,
  async handler({ dataset, maxAge }, { parts, caller }) {
    definitionOf(parts, dataset)
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const id = parts.ids.next('frs')
      await setFreshness(session, { id, dataset, maxAgeMs: maxAge, createdBy: caller.name })
      return getTrigger(session, 'freshness', dataset)
    })
    parts.log.info('freshness set', { dataset, tenant: caller.tenant.slug, by: caller.name })
    return toFreshnessData(trigger)
  },
})
