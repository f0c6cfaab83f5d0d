import { z } from 'zod'

import { areNames } from '#model/partition-key-selection.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import type { Caller, StreamOutput } from '#operations/operation.ts'
import { datasetField, definitionOf, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import { contentTypes } from '#operations/rows/content-types.ts'
import type { Answer } from '#serving/answer.ts'
import { rowFormats } from '#model/row-format.ts'
import type { Question } from '#serving/question.ts'

export const rowsInput = z.strictObject({
  dataset: datasetField,
  partition: partitionField.optional(),
  ...questionFields,
  format: z
    .enum(rowFormats)
    .default('json')
    .describe('Form of the rows; over REST the Accept header may say it, too.'),
  limit: z.int().min(0).max(1_000_000_000).optional().describe('At most so many rows.'),
})

type RowsInput = z.output<typeof rowsInput>

export function datasetQuestion(parts: Parts, caller: Caller, input: RowsInput): Question {
  const definition = definitionOf(visibleParts(parts, caller), input.dataset)
  const partitions = keysOf(input.partition, [definition])
  return toQuestion({ kind: 'dataset', definition, partitions }, input)
}

type Told = Pick<StreamOutput, 'rows' | 'totalRows' | 'etag' | 'open'> & Partial<StreamOutput>

/** What an answer about a dataset says of itself, with the rows that `told` has. */
export function datasetOutput(
  { dataset, format }: RowsInput,
  { subject }: Question,
  { receipt }: Answer,
  told: Told,
): StreamOutput {
  const partitions = receipt.versions.map(({ partition }) => partition)
  // Names of partitions hold colons and slashes, which names of files cannot.
  const name = [dataset, ...ends(partitions)].join('-').replace(/[^\w.-]+/g, '_')
  const asked = subject.kind === 'dataset' ? subject.partitions : null
  const isNamed =
    subject.kind === 'dataset' && asked && areNames(asked, subject.definition.partitioning)
  return {
    contentType: contentTypes[format],
    fileName: `${name}.${format}`,
    partitions: partitions.length,
    partitionsAsked: isNamed ? asked.length : partitions.length,
    commitNumber: receipt.commitNumber,
    receipt: receipt.id,
    ...told,
  }
}

function ends(partitions: readonly string[]): string[] {
  const [first, last] = [partitions[0], partitions.at(-1)]
  if (first === undefined || last === undefined || first === 'all') return []
  return first === last ? [first] : [first, last]
}
