import { z } from 'zod'

import { maySee } from '#model/access.ts'
import { millraceVersion } from '#kernel/version.ts'
import { exampleValue, toEndpointData } from '#operations/endpoints/endpoint-data.ts'
import { sampleRows } from '#operations/endpoints/sample-rows.ts'
import { openApiDocument } from '#operations/openapi/document.ts'
import { endpointItem } from '#operations/openapi/endpoint-item.ts'
import type { Parameter } from '#operations/openapi/openapi-types.ts'
import { documentData } from '#operations/openapi/show.ts'
import { defineOperation } from '#operations/operation.ts'

/** What the document of a tenant holds beside its endpoints. */
const beside = new Set(['endpoints.list', 'endpoints.show', 'receipts.show', 'deliveries.show'])
/** Rows are read for so many endpoints at once. */
const AT_ONCE = 4

export const tenantOpenApi = defineOperation({
  name: 'openapi.tenant',
  summary: 'OpenAPI 3.1 of the endpoints that the caller may call, each a path with real examples',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/tenant/openapi.json' },
  input: z.strictObject({
    examples: z
      .boolean()
      .default(true)
      .describe('False: without rows, for which every endpoint is asked.'),
  }),
  output: documentData,
  async handler({ examples }, { parts, caller, signal }) {
    const { operations } = await import('#operations/registry.gen.ts')
    const [all, pins] = await Promise.all([
      parts.endpoints.list(caller.tenant),
      parts.endpoints.pins(caller.tenant),
    ])
    const visible = all.filter(({ definition }) => maySee(caller.access, definition.name))
    const options = { publicUrl: parts.publicUrl(), version: millraceVersion() }
    const rows = openApiDocument(
      operations.filter(({ name }) => name === 'endpoints.rows'),
      options,
    )
    const shared = Object.values(rows.paths).flatMap(({ get }) =>
      (get?.parameters ?? []).filter((parameter): parameter is Parameter => isShared(parameter)),
    )
    const paths: Record<string, ReturnType<typeof endpointItem>['item']> = {}
    for (let at = 0; at < visible.length; at += AT_ONCE) {
      const some = visible.slice(at, at + AT_ONCE).map(async (version) => {
        const { parameters } = version.definition
        const given = Object.fromEntries(parameters.map((one) => [one.name, exampleValue(one)]))
        const sample = examples ? await sampleRows(parts, caller, version, given, signal) : null
        // Whoever is the first to ask learns the types of the columns for everybody.
        const found = examples
          ? await parts.endpoints.find(caller.tenant, version.definition.name, version.number)
          : version
        const data = toEndpointData(found, pins, caller.access)
        return endpointItem({ data, parameters, sample }, shared)
      })
      for (const { path, item } of await Promise.all(some)) paths[path] = item
    }
    const own = operations.filter(({ name }) => beside.has(name))
    const title = `Endpoints of ${caller.tenant.slug}`
    return { ...openApiDocument(own, { ...options, paths, title }) }
  },
})

function isShared(parameter: object): boolean {
  if (!('in' in parameter) || !('name' in parameter)) return false
  return parameter.in === 'query' && parameter.name !== 'parameters'
}
