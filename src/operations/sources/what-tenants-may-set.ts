import type { SourceOptions } from '#catalog/options.ts'
import { connectorFor, secretOptions } from '#connectors/registry.ts'
import { MillraceError } from '#kernel/errors.ts'

// A tenant's own people say where its files lie. The disk of the server and the credentials of this
// machine are not theirs, and neither is what an operator's keys can read beside their own files.

/** Throws `source-option-of-operator` for a place that only whoever runs the deployment may name. */
export function refuseForeignPlace(
  source: string,
  former: SourceOptions,
  merged: SourceOptions,
): void {
  const refuse = (option: string, reason: string): never => {
    throw new MillraceError('source-option-of-operator', { source, option, reason })
  }
  const isChanged = (option: string) => merged[option] !== former[option]
  const { location, awsEnvironment } = merged
  if (isChanged('location') && typeof location === 'string') {
    const { name } = connectorFor(location)
    if (name === 'file') refuse('location', 'it lies on the disk of the server')
  }
  if (awsEnvironment !== true) return
  if (isChanged('awsEnvironment')) refuse('awsEnvironment', 'these credentials are its own')
  for (const option of ['location', 'endpoint', 'region'].filter(isChanged)) {
    refuse(option, 'it is read with the credentials of the server')
  }
}

/**
 * Secrets that were given for one place go to no other: whoever changes the place gives them again,
 * and so shows that they are his. Throws `input-invalid`.
 */
export function refuseOldSecrets(
  former: SourceOptions,
  merged: SourceOptions,
  given: Readonly<Record<string, unknown>>,
): void {
  const places = ['location', 'endpoint', 'region', 'accessKeyId']
  const moved = places.find((option) => merged[option] !== former[option])
  if (moved === undefined) return
  for (const option of secretOptions) {
    if (merged[option] === undefined || typeof given[option] === 'string') continue
    const message = `is needed again, for ${moved} changes`
    throw new MillraceError('input-invalid', { path: option, message })
  }
}
