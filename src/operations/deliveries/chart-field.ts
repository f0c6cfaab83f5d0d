import { z } from 'zod'

import { chartKinds } from '#charts/chart-options.ts'

const column = z.string().min(1).max(200)

export const chartField = z
  .strictObject({
    kind: z.enum(chartKinds).describe('What is drawn.'),
    x: z.string().max(200).default('').describe('Column along which the values lie.'),
    y: z.union([z.array(column).max(20), column.transform((name) => [name])]).default([]),
    series: column.optional().describe('Column whose values are the series.'),
    title: z.string().max(200).optional(),
    unit: z.string().max(40).optional(),
  })
  .superRefine(({ kind, x, y, series }, context) => {
    const lacks = (path: string) =>
      context.addIssue({ code: 'custom', path: [path], message: `is needed for ${kind}: a column` })
    if (kind === 'table') return
    if (y.length === 0) lacks('y')
    if (kind !== 'figure' && kind !== 'histogram' && x === '') lacks('x')
    if (kind === 'heatmap' && series === undefined) lacks('series')
  })
  .describe(
    'Drawn of the first 200 rows, for the mail: {kind, x, y, series, title, unit}; kinds are line, area, bar, stacked-bar, scatter, heatmap, histogram, donut, figure and table.',
  )
