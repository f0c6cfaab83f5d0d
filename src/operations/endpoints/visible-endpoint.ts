import { MillraceError } from '#kernel/errors.ts'
import { maySee } from '#model/access.ts'
import type { EndpointVersion } from '#model/endpoint.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

/** The version that the caller gets. What the caller may not see answers as if there were none. */
export async function visibleEndpoint(
  parts: Pick<Parts, 'endpoints'>,
  { tenant, access }: Pick<Caller, 'tenant' | 'access'>,
  name: string,
  version: number | null,
): Promise<EndpointVersion> {
  if (!maySee(access, name)) throw new MillraceError('endpoint-unknown', { endpoint: name })
  return parts.endpoints.find(tenant, name, version)
}
