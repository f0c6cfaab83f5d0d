import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import { endpointField, versionField } from '#operations/endpoints/endpoint-data.ts'
import { visibleEndpoint } from '#operations/endpoints/visible-endpoint.ts'
import type { Caller } from '#operations/operation.ts'
import { datasetField, definitionOf, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { questionFields } from '#operations/rows/question-input.ts'
import type { Subject } from '#serving/question.ts'

const { cursor: _cursor, cells: _cells, ...asked } = questionFields

/** What a delivery or a report is of. */
export const askedFields = {
  dataset: datasetField.optional(),
  partition: partitionField.optional(),
  endpoint: endpointField.optional(),
  version: versionField.optional(),
  parameters: z
    .record(z.string().min(1).max(100), z.string().max(10_000))
    .optional()
    .describe("Values of the endpoint's own parameters."),
  ...asked,
} as const

type AskedSubject = Pick<
  z.output<z.ZodObject<typeof askedFields>>,
  'dataset' | 'partition' | 'endpoint' | 'version' | 'parameters'
>

/** Throws `input-invalid`, and what does not exist for this caller. */
export async function subjectOf(
  parts: Parts,
  caller: Caller,
  wanted: AskedSubject,
): Promise<Subject> {
  const { dataset, partition, endpoint, version, parameters } = wanted
  const refuse = (path: string, message: string) =>
    new MillraceError('input-invalid', { path, message })
  if (dataset !== undefined) {
    if (endpoint !== undefined)
      throw refuse('endpoint', 'stands beside `dataset`: name one of both')
    if (parameters !== undefined) throw refuse('parameters', 'belong to an endpoint')
    const definition = definitionOf(visibleParts(parts, caller), dataset)
    return { kind: 'dataset', definition, partitions: keysOf(partition, [definition]) }
  }
  if (endpoint === undefined) throw refuse('dataset', 'is missing: name a dataset or an endpoint')
  if (partition !== undefined) throw refuse('partition', 'belongs to a dataset')
  const found = await visibleEndpoint(parts, caller, endpoint, version ?? null)
  return { kind: 'endpoint', version: found, parameters: parameters ?? {} }
}
