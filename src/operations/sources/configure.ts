import { z } from 'zod'

import { setSourceOptions, sourceOptions, type SourceOptions } from '#catalog/options.ts'
import { connectorFor, secretOptions } from '#connectors/registry.ts'
import { optionPlaces } from '#factory/sources.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { refuseForeignPlace, refuseOldSecrets } from '#operations/sources/what-tenants-may-set.ts'
import {
  maskSecrets,
  optionFields,
  optionsData,
  sourceOf,
} from '#operations/sources/source-options.ts'
import { sealFields } from '#secrets/secret-fields.ts'

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
    const { tenant, permissions } = caller
    const source = sourceOf(parts, dataset)
    // What may not be called is not saved; it is judged again whenever it is called.
    if (given.endpoint != null) await parts.egress.assertUrl(given.endpoint)
    const options = await parts.catalog.asTenant(tenant, async (session) => {
      const former = await sourceOptions(session, dataset)
      const merged: SourceOptions = Object.fromEntries(
        Object.entries({ ...(replace ? {} : former), ...given }).filter(
          ([, value]) => value !== null && value !== undefined,
        ),
      )
      refuseInvalid(source.location, merged)
      if (!permissions.has('operator')) {
        refuseForeignPlace(dataset, former, merged)
        refuseOldSecrets(former, merged, given)
      }
      if (canonicalJson(merged) !== canonicalJson(former)) {
        const places = optionPlaces(tenant.id, dataset)
        const sealed = sealFields(parts.secrets, merged, secretOptions, places)
        await setSourceOptions(session, dataset, sealed)
      }
      return merged
    })
    return { dataset, defaultLocation: source.location ?? null, options: maskSecrets(options) }
  },
})

function refuseInvalid(fallback: string | undefined, merged: SourceOptions): void {
  const { location = fallback, ...options } = maskSecrets(merged)
  if (typeof location !== 'string') {
    throw new MillraceError('input-invalid', { path: 'location', message: 'is needed' })
  }
  const result = connectorFor(location).options.safeParse(options)
  if (result.success) return
  const [issue] = result.error.issues
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? [])
  const message =
    issue?.code === 'unrecognized_keys' ? `does not fit to ${location}` : issue?.message
  throw new MillraceError('input-invalid', {
    path: keys.join('.') || 'options',
    message: message ?? 'cannot be used',
  })
}
