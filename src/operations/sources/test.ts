import { join } from 'node:path'
import { z } from 'zod'

import { sourceOptions } from '#catalog/options.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { assertOptions, mergeOptions } from '#operations/sources/save-options.ts'
import { optionFields, sourceOf } from '#operations/sources/source-options.ts'

const LONGEST_MS = 30_000

export const testSource = defineOperation({
  name: 'sources.test',
  summary:
    'Look where a source would read, with its options or with others: keeps and publishes nothing',
  permission: 'write',
  audit: ['location', 'region', 'endpoint', 'pathStyle', 'anonymous', 'awsEnvironment', 'replace'],
  rest: { method: 'POST', path: '/v1/sources/{dataset}/test' },
  input: z.strictObject({
    dataset: datasetField,
    ...optionFields,
    replace: z
      .boolean()
      .default(false)
      .describe(
        'As if what was set before were dropped, instead of changing the named options only.',
      ),
  }),
  output: z.object({
    dataset: z.string(),
    /** The address with its placeholders. */
    location: z.string(),
    tookMs: z.int(),
    /** Objects that are partitions of the source. */
    objects: z.int(),
    /** The newest of them, at most five. */
    newest: z.array(
      z.object({
        partition: z.string(),
        location: z.string(),
        sizeBytes: z.int(),
        modifiedAt: z.iso.datetime(),
      }),
    ),
    /** Of the newest object; null: it is too large for a look, or not readable so. */
    columns: z.array(z.string()).nullable(),
    /** Declared columns that it lacks, and those that nobody declared. */
    missing: z.array(z.string()),
    extra: z.array(z.string()),
  }),
  async handler({ dataset, replace, ...given }, { parts, caller, signal }) {
    const source = sourceOf(parts, dataset)
    if (source.append) {
      throw new MillraceError('append-fetches-nothing', { dataset, partition: 'all' })
    }
    const byOperator = caller.permissions.has('operator')
    await assertOptions(parts, { dataset, given })
    const former = await parts.catalog.asTenant(caller.tenant, (session) =>
      sourceOptions(session, dataset),
    )
    mergeOptions(parts, former, { dataset, given, replace, byOperator })
    const startedMs = parts.clock.monotonicMs()
    const ending = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
    const folder = join(parts.scratchFolder, parts.ids.next('read'))
    const change = { given, replace }
    const found = await parts.factory.trySource(caller.tenant, source, change, folder, ending)
    return {
      dataset,
      location: found.location,
      tookMs: Math.round(parts.clock.monotonicMs() - startedMs),
      objects: found.objects,
      newest: found.newest.map((one) => ({ ...one, modifiedAt: one.modifiedAt.toISOString() })),
      columns: found.columns && [...found.columns],
      missing: [...found.missing],
      extra: [...found.extra],
    }
  },
})
