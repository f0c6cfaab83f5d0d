export interface Place {
  readonly dataset: string
  readonly isSource: boolean
  readonly partition: string
  readonly rows: number
}

export interface DatasetPlaces {
  readonly dataset: string
  readonly isSource: boolean
  readonly rows: number
  readonly places: readonly Place[]
}

/** Places by dataset, those with the most rows first, sources before what is made of them. */
export function byDataset(places: readonly Place[]): DatasetPlaces[] {
  return Array.from(
    Map.groupBy(places, ({ dataset }) => dataset),
    ([dataset, own]) => ({
      dataset,
      isSource: own.some(({ isSource }) => isSource),
      rows: own.reduce((sum, { rows }) => sum + rows, 0),
      places: own,
    }),
  ).toSorted((a, b) => Number(b.isSource) - Number(a.isSource) || b.rows - a.rows)
}
