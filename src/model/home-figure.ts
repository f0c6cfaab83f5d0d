export const figureAggregates = ['sum', 'mean', 'max', 'min'] as const
export type FigureAggregate = (typeof figureAggregates)[number]

/** One number a period: a column of a dataset, its rows of each partition taken together. */
export interface FigureWish {
  readonly dataset: string
  readonly column: string
  readonly aggregate: FigureAggregate
}

/** Null where there is no number among the values: a missing number is no 0. */
export function aggregated(
  values: readonly (number | null)[],
  aggregate: FigureAggregate,
): number | null {
  const numbers = values.filter((value) => value !== null)
  if (numbers.length === 0) return null
  const sum = () => numbers.reduce((total, value) => total + value, 0)
  switch (aggregate) {
    case 'sum':
      return sum()
    case 'mean':
      return sum() / numbers.length
    case 'max':
      return numbers.reduce((most, value) => Math.max(most, value))
    case 'min':
      return numbers.reduce((least, value) => Math.min(least, value))
  }
}
