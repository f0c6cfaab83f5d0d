import { z } from 'zod'

import { seenRows } from '#model/seen-rows.ts'
import {
  endpointData,
  endpointField,
  exampleValue,
  toEndpointData,
  versionField,
} from '#operations/endpoints/endpoint-data.ts'
import { sampleRows } from '#operations/endpoints/sample-rows.ts'
import { visibleEndpoint } from '#operations/endpoints/visible-endpoint.ts'
import { defineOperation } from '#operations/operation.ts'

export const showEndpoint = defineOperation({
  name: 'endpoints.show',
  summary: 'An endpoint with its parameters, the columns of its rows, its limits and an example',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoints/{endpoint}' },
  input: z.strictObject({ endpoint: endpointField, version: versionField.optional() }),
  output: z.object({
    endpoint: endpointData,
    /** A request for its rows, as one writes it. */
    example: z.object({
      parameters: z.record(z.string(), z.string()),
      curl: z.string(),
      sdk: z.string(),
      cli: z.string(),
    }),
    /** The first rows of that request, as they are now; null where there are none to show. */
    sample: z
      .object({ rows: z.array(z.record(z.string(), z.unknown())), receipt: z.string() })
      .nullable(),
  }),
  async handler({ endpoint: name, version: wanted = null }, { parts, caller, signal }) {
    const found = await visibleEndpoint(parts, caller, name, wanted)
    const parameters = Object.fromEntries(
      found.definition.parameters.map((parameter) => [parameter.name, exampleValue(parameter)]),
    )
    const sample = await sampleRows(parts, caller, found, parameters, signal)
    const pins = await parts.endpoints.pins(caller.tenant)
    const version = { ...found, columns: found.columns ?? sample?.columns ?? null }
    const hidden = seenRows(caller.access, name)?.columns ?? null
    return {
      endpoint: toEndpointData(version, pins, caller.access),
      example: {
        parameters,
        ...exampleTexts(parts.publicUrl(), name, parameters, wanted),
      },
      sample: sample && {
        receipt: sample.receipt,
        rows: sample.rows.map((row) =>
          Object.fromEntries(
            Object.entries(row).filter(([column]) => hidden === null || hidden.includes(column)),
          ),
        ),
      },
    }
  },
})

function exampleTexts(
  publicUrl: string,
  name: string,
  parameters: Readonly<Record<string, string>>,
  version: number | null,
) {
  const given = { ...parameters, ...(version !== null && { version: String(version) }) }
  const query = new URLSearchParams(given).toString()
  const address = `${publicUrl}/v1/endpoints/${name}/rows${query === '' ? '' : `?${query}`}`
  const options = Object.entries(parameters).map(
    ([key, value]) => ` --parameters ${quoted(`${key}=${value}`)}`,
  )
  const pinned = version === null ? '' : ` --version ${version}`
  const fields = JSON.stringify({ parameters, ...(version !== null && { version }) })
  return {
    curl: `curl -H "Authorization: Bearer $MILLRACE_KEY" ${quoted(address)}`,
    sdk: `await client.endpoints.rows(${JSON.stringify(name)}, ${fields})`,
    cli: `millrace endpoints rows ${name}${options.join('')}${pinned}`,
  }
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
