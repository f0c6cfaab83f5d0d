import { z } from 'zod'

import { createSavedQuery } from '#catalog/saved-queries.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  checkedQuery,
  newSavedQueryNameField,
  savedQueryData,
  savedQueryFields,
  toSavedQueryData,
} from '#operations/saved-queries/saved-query-data.ts'

export const createSavedQueryOperation = defineOperation({
  name: 'saved-queries.create',
  summary: 'Keep SQL under a name, with typed parameters, ready to be run',
  permission: 'run',
  audit: ['name', 'sql'],
  rest: { method: 'POST', path: '/v1/saved-queries' },
  argumentFields: ['name'],
  input: z.strictObject({ name: newSavedQueryNameField, ...savedQueryFields }),
  output: savedQueryData,
  async handler({ name, description, ...written }, context) {
    const { parts, caller } = context
    const checked = await checkedQuery(written, context)
    const query = await parts.catalog.asTenant(caller.tenant, (session) =>
      createSavedQuery(session, { name, description, ...checked }, caller.name),
    )
    return toSavedQueryData(query)
  },
})
