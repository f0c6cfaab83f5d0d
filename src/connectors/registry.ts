import type { Connector, ConnectorContext, ConnectorType } from '#connectors/connector.ts'
import { MillraceError } from '#kernel/errors.ts'
import { fileConnector } from '#connectors/file/file-connector.ts'
import { s3Connector } from '#connectors/s3/s3-connector.ts'
import { trafficConnector } from '#connectors/traffic/traffic-connector.ts'

/** One entry for each folder beside this file (a test compares them). */
export const connectorTypes: readonly ConnectorType[] = [
  fileConnector,
  s3Connector,
  trafficConnector,
]

/** Secret options of any connector. */
export const secretOptions: readonly string[] = connectorTypes.flatMap((type) => type.secretOptions)

/** The connector that serves the location's scheme. Throws `connector-unknown`. */
export function connectorFor(location: string): ConnectorType {
  const scheme = schemeOf(location)
  const type = connectorTypes.find((candidate) => candidate.schemes.includes(scheme))
  if (type) return type
  const schemes = connectorTypes.flatMap((candidate) => candidate.schemes)
  const known = schemes.map((known) => (known === '' ? 'a plain path' : `${known}:`))
  throw new MillraceError('connector-unknown', { location, scheme, known })
}

/**
 * Opens the connector for a location with a tenant's options, as they were stored or typed.
 * Throws `connector-unknown`, and `input-invalid` for options that its schema refuses.
 */
export function openConnector(
  location: string,
  options: unknown,
  context: ConnectorContext,
): Connector {
  const type = connectorFor(location)
  const parsed = type.options.safeParse(options)
  if (parsed.success) return type.open(parsed.data, context)
  const [issue] = parsed.error.issues
  throw new MillraceError('input-invalid', {
    path: ['options', ...(issue?.path ?? [])].join('.'),
    message: `${issue?.message ?? 'not valid'} (connector "${type.name}")`,
  })
}

/** Lower-case scheme without the colon; `''` for a plain path (a single letter is a drive). */
export function schemeOf(location: string): string {
  return /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase() ?? ''
}
