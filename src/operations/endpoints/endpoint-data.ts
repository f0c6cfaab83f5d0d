import { z } from 'zod'

import type { EndpointVersion } from '#model/endpoint.ts'
import { LATEST } from '#model/endpoint-parameter.ts'
import type { Access } from '#model/access.ts'
import { seenRows } from '#model/seen-rows.ts'

export const endpointField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'endpoint' })
  .describe('Name of the endpoint.')

export const versionField = z
  .int()
  .min(1)
  .max(1_000_000)
  .describe(
    'Number of a version; default: the one that the tenant has pinned, else the current one.',
  )

const parameterData = z.object({
  name: z.string(),
  /** A type of column, or `period`: the name of a partition such as `2021-04`. */
  type: z.string(),
  description: z.string(),
  /** Null: it must be given. */
  default: z.string().nullable(),
  choices: z.array(z.string()).nullable(),
  min: z.string().nullable(),
  max: z.string().nullable(),
})

const columnData = z.object({
  name: z.string(),
  /** As the engine names it; null: nobody has asked the version yet. */
  type: z.string().nullable(),
  description: z.string().nullable(),
  unit: z.string().nullable(),
  role: z.string().nullable(),
})

export const endpointData = z
  .object({
    endpoint: z.string(),
    pack: z.string(),
    description: z.string(),
    /** The one that whoever asks gets without naming one. */
    version: z.int(),
    isCurrent: z.boolean(),
    /** The tenant has pinned it. */
    isPinned: z.boolean(),
    /** When it stops being answered; null: it does not. */
    endsAt: z.iso.datetime().nullable(),
    parameters: z.array(parameterData),
    columns: z.array(columnData),
    order: z.string().nullable(),
    limits: z.object({
      rows: z.int().nullable(),
      seconds: z.number().nullable(),
      bytes: z.int().nullable(),
    }),
    /** It can lead from one row to the rows behind it. */
    hasDrill: z.boolean(),
  })
  .meta({ entity: 'Endpoint' })
export type EndpointData = z.output<typeof endpointData>

/** As somebody with this access sees it. */
export function toEndpointData(
  version: EndpointVersion,
  pins: ReadonlyMap<string, number>,
  access: Access,
): EndpointData {
  const { definition, number, endsAt, isCurrent } = version
  const { name, pack, description, parameters, order, limits, drill } = definition
  return {
    endpoint: name,
    pack,
    description,
    version: number,
    isCurrent,
    isPinned: pins.get(name) === number,
    endsAt: endsAt?.toISOString() ?? null,
    parameters: parameters.map((parameter) => ({
      ...parameter,
      choices: parameter.choices && [...parameter.choices],
    })),
    columns: columnsOf(version, access),
    order,
    limits: { ...limits },
    hasDrill: drill !== null,
  }
}

/** Columns of the result in its order, without those that are hidden from whoever asks. */
function columnsOf(
  { columns, definition }: EndpointVersion,
  access: Access,
): EndpointData['columns'] {
  const named = columns ?? definition.columns.map(({ name }) => ({ name, type: null }))
  const seen = seenRows(access, definition.name)?.columns ?? null
  return named
    .filter(({ name }) => seen === null || seen.includes(name))
    .map(({ name, type }) => {
      const note = definition.columns.find((one) => one.name === name.toLowerCase())
      return {
        name,
        type,
        description: note?.description ?? null,
        unit: note?.unit ?? null,
        role: note?.role ?? null,
      }
    })
}

/** A value that the parameter takes, for examples: its default, else the first that fits. */
export function exampleValue({
  type,
  default: initial,
  choices,
  min,
}: EndpointVersion['definition']['parameters'][number]): string {
  if (initial !== null) return initial
  const fitting: Readonly<Record<string, string>> = {
    period: LATEST,
    integer: '1',
    double: '1',
    boolean: 'true',
    date: '2021-04-17',
    timestamp: '2021-04-17T05:00:00',
  }
  return choices?.[0] ?? min ?? fitting[type] ?? (type.startsWith('decimal') ? '1' : 'example')
}
