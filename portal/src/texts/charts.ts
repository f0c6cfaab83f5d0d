/** Words about charts, wherever one is chosen. */
export const chartsTexts = {
  kind: 'Kind of chart',
  kinds: {
    line: 'Line',
    area: 'Area',
    bar: 'Bars',
    'stacked-bar': 'Stacked bars',
    scatter: 'Scatter',
    heatmap: 'Heatmap',
    histogram: 'Histogram',
    donut: 'Donut',
  },
  // Why these eight: each answers a question that the others answer badly.
  kindsFor: {
    line: 'How something changes over time',
    area: 'How much there was over time',
    bar: 'Which is more: compare names or periods',
    'stacked-bar': 'What a whole is made of, period by period',
    scatter: 'Whether two numbers go together',
    heatmap: 'Where it is much: two names at once',
    histogram: 'How numbers are spread',
    donut: 'Shares of one whole',
  },
  cannot: 'These columns cannot be drawn so',
  along: 'Along',
  number: 'Number',
  split: 'Split by',
  notSplit: 'not split',
} as const
