import { z } from 'zod'

import { sourceOptions } from '#catalog/options.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { maskSecrets, optionsData, sourceOf } from '#operations/sources/source-options.ts'

export const showSourceOptions = defineOperation({
  name: 'sources.options',
  summary: "Where a source's files lie for the tenant; secrets are masked",
  permission: 'read',
  rest: { method: 'GET', path: '/v1/sources/{dataset}/options' },
  input: z.strictObject({ dataset: datasetField }),
  output: optionsData,
  async handler({ dataset }, { parts, caller }) {
    const source = sourceOf(parts, dataset)
    const options = await parts.catalog.asTenant(caller.tenant, (session) =>
      sourceOptions(session, dataset),
    )
    return { dataset, defaultLocation: source.location ?? null, options: maskSecrets(options) }
  },
})
