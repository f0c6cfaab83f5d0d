/** Forms in which rows are handed over. */
export const rowFormats = ['json', 'csv', 'ndjson', 'parquet'] as const
export type RowFormat = (typeof rowFormats)[number]
