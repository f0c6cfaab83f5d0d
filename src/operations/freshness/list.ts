import { z } from 'zod'

import { listTriggers } from '#catalog/triggers.ts'
import { freshnessData, toFreshnessData } from '#operations/freshness/freshness-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listFreshness = defineOperation({
  name: 'freshness.list',
  summary: 'Rules about the age of datasets, and which of them are breached',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/freshness' },
  input: z.strictObject({}),
  output: z.object({ rules: z.array(freshnessData) }),
  async handler(_input, { parts, caller }) {
    const rules = await parts.catalog.asTenant(caller.tenant, (session) =>
      listTriggers(session, 'freshness'),
    )
    return { rules: rules.map(toFreshnessData) }
  },
})
