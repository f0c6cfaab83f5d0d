import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { assertOptions, saveOptions } from '#operations/sources/save-options.ts'
import {
  maskSecrets,
  optionFields,
  optionsData,
  sourceOf,
} from '#operations/sources/source-options.ts'

export const configureSource = defineOperation({
  name: 'sources.configure',
  summary: "Say where a source's files lie and how they are reached; kept for the tenant",
  permission: 'write',
  audit: ['location', 'region', 'endpoint', 'pathStyle', 'anonymous', 'awsEnvironment', 'replace'],
  rest: { method: 'POST', path: '/v1/sources/{dataset}/options' },
  input: z.strictObject({
    dataset: datasetField,
    ...optionFields,
    replace: z
      .boolean()
      .default(false)
      .describe('Drop what was set before, instead of changing the named options only.'),
  }),
  output: optionsData,
  async handler({ dataset, replace, ...given }, { parts, caller }) {
    const source = sourceOf(parts, dataset)
    const byOperator = caller.permissions.has('operator')
    // It is judged again whenever it is called.
    await assertOptions(parts, { dataset, given })
    const options = await parts.catalog.asTenant(caller.tenant, (session) =>
      saveOptions(parts, session, { dataset, given, replace, byOperator }),
    )
    return { dataset, defaultLocation: source.location ?? null, options: maskSecrets(options) }
  },
})
