import { z } from 'zod'

import { figureAggregates } from '#model/home-figure.ts'
import { datasetField } from '#operations/partition-input.ts'

export const FIGURES_MAX = 8

export const figureWishField = z.strictObject({
  dataset: datasetField,
  column: z.string().min(1).max(200).describe('A column with numbers.'),
  aggregate: z
    .enum(figureAggregates)
    .default('sum')
    .describe('How the rows of one period become one number.'),
})

/** What could be shown, with what is known of it. */
export const figureChoiceData = z.object({
  dataset: z.string(),
  column: z.string(),
  aggregate: z.enum(figureAggregates),
  description: z.string().nullable(),
  unit: z.string().nullable(),
  grain: z.string(),
})
export type FigureChoice = z.output<typeof figureChoiceData>

export const figureData = figureChoiceData.extend({
  /** Number of each of the newest periods, oldest first; null: that period has none. */
  series: z.array(z.object({ partition: z.string(), value: z.number().nullable() })),
  /** The newest publish that the numbers come from; null where there is a problem. */
  asOf: z.iso.datetime().nullable(),
  commit: z.int().nullable(),
  receipt: z.string().nullable(),
  /** Of the periods that are shown. */
  completeness: z
    .object({ expected: z.int(), published: z.int(), missing: z.array(z.string()) })
    .nullable(),
  /** Why it cannot be shown; null: it can. */
  problem: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
})
export type FigureData = z.output<typeof figureData>
