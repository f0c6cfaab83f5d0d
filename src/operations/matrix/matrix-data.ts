import { z } from 'zod'

import type { Tiles } from '#factory/matrix/tiles.ts'
import { squareStates } from '#factory/matrix/square-state.ts'
import { levels } from '#factory/matrix/time-axis.ts'

export const countsData = z.array(z.int())

/** The squares of one row by column and state. */
export const tilesData = z.object({
  /** What a column is; weeks begin on Mondays, `all` is one column without time. */
  level: z.enum(levels),
  /** The first column, counted from the one that holds 1970-01-01T00:00Z. */
  first: z.int(),
  /**
   * Neighbours that count alike, one after the other: columns left out, columns of this run, a mask
   * with bit s set where each holds squares of state s, and their number for each bit, the lowest first.
   */
  runs: z.array(z.int()),
})

export function toTilesData({ level, first, runs }: Tiles): z.input<typeof tilesData> {
  return { level, first, runs }
}

export const spanData = z.object({ from: z.iso.datetime(), to: z.iso.datetime() })

export function toSpanData(
  span: { readonly fromMs: number; readonly toMs: number } | null,
): z.input<typeof spanData> | null {
  return (
    span && { from: new Date(span.fromMs).toISOString(), to: new Date(span.toMs).toISOString() }
  )
}

export const squareStateField = z.enum(squareStates)

export const windowFields = {
  from: z.iso
    .datetime()
    .optional()
    .describe('Where the window begins; default: with the first period that there is.'),
  to: z.iso
    .datetime()
    .optional()
    .describe('Where the window ends, not included; default: with the last period.'),
  columns: z
    .int()
    .min(1)
    .max(4000)
    .default(200)
    .describe('Most columns: the window is told in the finest level that needs no more.'),
}

export function toInstant(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text)
}
