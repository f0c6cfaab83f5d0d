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

interface SeenTimes {
  readonly firstSeen: string | null
  readonly lastSeen: string | null
}

/** The whole time in which any of them was seen, in milliseconds; null: nobody was. */
export function spanOf(subjects: readonly SeenTimes[]): readonly [number, number] | null {
  const firsts = subjects.flatMap(({ firstSeen }) =>
    firstSeen === null ? [] : [Date.parse(firstSeen)],
  )
  const lasts = subjects.flatMap(({ lastSeen }) =>
    lastSeen === null ? [] : [Date.parse(lastSeen)],
  )
  if (firsts.length === 0 || lasts.length === 0) return null
  return [Math.min(...firsts), Math.max(...lasts)]
}

/** Where one was seen within that time: shares of it, from and width. Null: not at all. */
export function stripOf(
  { firstSeen, lastSeen }: SeenTimes,
  span: readonly [number, number] | null,
): { readonly from: number; readonly width: number } | null {
  if (span === null || firstSeen === null || lastSeen === null) return null
  const [begin, end] = span
  const whole = Math.max(end - begin, 1)
  const from = (Date.parse(firstSeen) - begin) / whole
  return { from, width: (Date.parse(lastSeen) - begin) / whole - from }
}
