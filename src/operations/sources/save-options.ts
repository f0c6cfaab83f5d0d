import type { z } from 'zod'

import { setSourceOptions, sourceOptions, type SourceOptions } from '#catalog/options.ts'
import type { TenantSession } from '#catalog/session.ts'
import { connectorFor, secretOptions } from '#connectors/registry.ts'
import { optionPlaces } from '#factory/sources.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson } from '#kernel/hash.ts'
import type { Parts } from '#operations/parts.ts'
import { maskSecrets, sourceOf, type optionFields } from '#operations/sources/source-options.ts'
import { refuseForeignPlace, refuseOldSecrets } from '#operations/sources/what-tenants-may-set.ts'
import { sealFields } from '#secrets/secret-fields.ts'

export type OptionsGiven = {
  readonly [Name in keyof typeof optionFields]?: z.output<(typeof optionFields)[Name]>
}

export interface OptionsChange {
  readonly dataset: string
  readonly given: OptionsGiven
  /** Drops what was set before. */
  readonly replace: boolean
  readonly byOperator: boolean
}

/** Before the transaction that saves: what may not be called is not saved. Throws `source-unknown`. */
export async function assertOptions(
  parts: Pick<Parts, 'egress' | 'factory'>,
  { dataset, given }: Pick<OptionsChange, 'dataset' | 'given'>,
): Promise<void> {
  sourceOf(parts, dataset)
  if (given.endpoint != null) await parts.egress.assertUrl(given.endpoint)
}

/** Saves options, secrets sealed, and returns all that are set now. Throws `input-invalid`. */
export async function saveOptions(
  parts: Pick<Parts, 'factory' | 'secrets'>,
  session: TenantSession,
  change: OptionsChange,
): Promise<SourceOptions> {
  const { dataset } = change
  const former = await sourceOptions(session, dataset)
  const merged = mergeOptions(parts, former, change)
  if (canonicalJson(merged) !== canonicalJson(former)) {
    const places = optionPlaces(session.tenant.id, dataset)
    const sealed = sealFields(parts.secrets, merged, secretOptions, places)
    await setSourceOptions(session, dataset, sealed)
  }
  return merged
}

/** What would be set then, if whoever asks may set it. Throws `input-invalid`, `source-option-of-operator`. */
export function mergeOptions(
  parts: Pick<Parts, 'factory'>,
  former: SourceOptions,
  { dataset, given, replace, byOperator }: OptionsChange,
): SourceOptions {
  const merged: SourceOptions = Object.fromEntries(
    Object.entries({ ...(replace ? {} : former), ...given }).filter(
      ([, value]) => value !== null && value !== undefined,
    ),
  )
  refuseInvalid(sourceOf(parts, dataset).location, merged)
  if (!byOperator) {
    refuseForeignPlace(dataset, former, merged)
    refuseOldSecrets(former, merged, given)
  }
  return merged
}

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
