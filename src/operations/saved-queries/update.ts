import { z } from 'zod'

import { changeSavedQuery, getSavedQuery } from '#catalog/saved-queries.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  checkedQuery,
  savedQueryData,
  savedQueryFields,
  savedQueryNameField,
  toSavedQueryData,
} from '#operations/saved-queries/saved-query-data.ts'

const { sql, description, parameters, partitions } = savedQueryFields

export const updateSavedQuery = defineOperation({
  name: 'saved-queries.update',
  summary: 'Change a saved query; what is not given stays',
  permission: 'run',
  audit: ['sql'],
  rest: { method: 'POST', path: '/v1/saved-queries/{name}' },
  input: z.strictObject({
    name: savedQueryNameField,
    sql: sql.optional(),
    description: description.removeDefault().optional(),
    parameters: parameters.removeDefault().optional(),
    partitions: partitions.removeDefault().optional(),
  }),
  output: savedQueryData,
  async handler({ name, ...given }, context) {
    const { parts, caller } = context
    const former = await parts.catalog.asTenant(caller.tenant, (session) =>
      getSavedQuery(session, name),
    )
    const before = toSavedQueryData(former)
    const written = {
      sql: given.sql ?? before.sql,
      parameters: given.parameters ?? former.parameters,
      partitions: given.partitions ?? before.partitions,
    }
    const isText = given.sql ?? given.parameters ?? given.partitions
    const checked = isText === undefined ? former : await checkedQuery(written, context)
    const { sql: text, parameters: own, inputs, trust } = checked
    const description = given.description ?? before.description
    const query = await parts.catalog.asTenant(caller.tenant, (session) =>
      changeSavedQuery(
        session,
        { name, description, sql: text, parameters: own, inputs, trust },
        caller.name,
      ),
    )
    return toSavedQueryData(query)
  },
})
