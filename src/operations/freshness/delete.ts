import { z } from 'zod'

import { deleteTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'

export const deleteFreshness = defineOperation({
  name: 'freshness.delete',
  summary: "Remove a tenant's rule; that of the definition, where there is one, holds again",
  permission: 'run',
  rest: { method: 'DELETE', path: '/v1/freshness/{dataset}' },
  input: z.strictObject({ dataset: datasetField }),
  output: z.object({ deleted: z.string() }),
  async handler({ dataset }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) =>
      deleteTrigger(session, 'freshness', dataset),
    )
    parts.log.info('freshness deleted', { dataset, tenant: caller.tenant.slug, by: caller.name })
    return { deleted: dataset }
  },
})
