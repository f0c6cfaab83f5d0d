import type { EndpointVersion } from '#model/endpoint.ts'

/**
 * What an answer says of the version that it comes from: its number and, of a former one, since when
 * it is deprecated (RFC 9745), when it ends (RFC 8594) and where its successor is described.
 */
export function versionHeaders({
  number,
  definition,
  replacedAt,
  endsAt,
}: EndpointVersion): Readonly<Record<string, string>> {
  const versionHeader = { 'millrace-endpoint-version': String(number) }
  if (replacedAt === null || endsAt === null) return versionHeader
  const address = `/v1/endpoints/${definition.name}`
  return {
    ...versionHeader,
    deprecation: `@${Math.floor(replacedAt.getTime() / 1000)}`,
    sunset: endsAt.toUTCString(),
    link: `<${address}/versions>; rel="deprecation"; type="application/json", <${address}/rows>; rel="successor-version"`,
  }
}
