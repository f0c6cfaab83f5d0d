/** Formats and codings in which rows are sent. */
export const bodyFormats = ['json', 'ndjson', 'csv'] as const
export type BodyFormat = (typeof bodyFormats)[number]

export const bodyEncodings = ['identity', 'gzip', 'zstd'] as const
export type BodyEncoding = (typeof bodyEncodings)[number]

/** A body that unfolds to more than this is refused. */
export const UNFOLDED_BYTES_MAX = 64_000_000
/** Most rows of one request. */
export const REQUEST_ROWS_MAX = 100_000
/** Longest row. */
export const ROW_BYTES_MAX = 1 << 20
