import { z } from 'zod'

import { removeSavedQuery } from '#catalog/saved-queries.ts'
import { defineOperation } from '#operations/operation.ts'
import { savedQueryNameField } from '#operations/saved-queries/saved-query-data.ts'

export const removeSavedQueryOperation = defineOperation({
  name: 'saved-queries.remove',
  summary: 'Forget a saved query',
  permission: 'run',
  rest: { method: 'DELETE', path: '/v1/saved-queries/{name}' },
  input: z.strictObject({ name: savedQueryNameField }),
  output: z.object({ name: z.string() }),
  async handler({ name }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) => removeSavedQuery(session, name))
    return { name }
  },
})
