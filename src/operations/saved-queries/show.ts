import { z } from 'zod'

import { getSavedQuery } from '#catalog/saved-queries.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  savedQueryData,
  savedQueryNameField,
  toSavedQueryData,
} from '#operations/saved-queries/saved-query-data.ts'

export const showSavedQuery = defineOperation({
  name: 'saved-queries.show',
  summary: 'A saved query with its text and its parameters',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/saved-queries/{name}' },
  input: z.strictObject({ name: savedQueryNameField }),
  output: savedQueryData,
  async handler({ name }, { parts, caller }) {
    const query = await parts.catalog.asTenant(caller.tenant, (session) =>
      getSavedQuery(session, name),
    )
    return toSavedQueryData(query)
  },
})
