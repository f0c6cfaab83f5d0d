import { z } from 'zod'

import { isLimited } from '#model/access.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { AnalysisDefinition } from '#model/definition.ts'
import { partitionStates } from '#operations/datasets/dataset-data.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

export const analysisField = z
  .string()
  .min(1)
  .max(200)
  .meta({ names: 'dataset' })
  .describe('Name of the analysis, which is that of its dataset.')

export const analysisSummaryData = z.object({
  analysis: z.string(),
  pack: z.string(),
  description: z.string(),
  language: z.enum(['sql', 'typescript']),
  grain: z.string(),
  /** Datasets that it reads and that read it, of those that the caller sees. */
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  endpoints: z.array(z.string()),
  checks: z.int(),
  states: z.record(z.enum(partitionStates), z.int()),
  /** Null for somebody who sees a part of them only. */
  rows: z.int().nullable(),
  publishedAt: z.string().nullable(),
  codeVersion: z.string(),
  /** Mean time of a task over the newest ones; null before the first. */
  taskMs: z.number().nullable(),
})

export function analysesOf(parts: Parts, caller: Caller): AnalysisDefinition[] {
  return visibleParts(parts, caller).factory.datasets.filter((one) => one.kind === 'analysis')
}

/** Throws `analysis-unknown`, also for one that the caller may not see. */
export function analysisOf(parts: Parts, caller: Caller, name: string): AnalysisDefinition {
  const found = analysesOf(parts, caller).find((one) => one.name === name)
  if (!found) throw new MillraceError('analysis-unknown', { analysis: name })
  return found
}

/** The company's code is for those who work on it, not for everybody who may read figures. */
export function mayReadCode({ permissions, access }: Caller): boolean {
  return permissions.has('run') && !isLimited(access)
}
