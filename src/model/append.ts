/** Formats and codings in which rows are sent. */
export const bodyFormats = ['json', 'ndjson', 'csv'] as const
export type BodyFormat = (typeof bodyFormats)[number]

/** What waits in a lane: rows in a format, or the name of a partition whose held rows are judged again. */
export const waitingFormats = [...bodyFormats, 'quarantine'] as const
export type WaitingFormat = (typeof waitingFormats)[number]

export const bodyEncodings = ['identity', 'gzip', 'zstd'] as const
export type BodyEncoding = (typeof bodyEncodings)[number]

/** A body that unfolds to more than this is refused. */
export const UNFOLDED_BYTES_MAX = 64_000_000
/** Most rows of one request. */
export const REQUEST_ROWS_MAX = 100_000
/** Longest row. */
export const ROW_BYTES_MAX = 1 << 20
