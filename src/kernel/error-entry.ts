/** Whose move it is: the caller's input, the world around us, code of a pack, or ours. */
export type ErrorKind = 'user' | 'operational' | 'definition' | 'bug'

export interface ErrorEntry {
  readonly kind: ErrorKind
  /** HTTP status of the REST door. */
  readonly status: number
  /** True when the same call may succeed later without a change by the caller. */
  readonly retryable: boolean
  /** What is wrong: names the thing and the value, `{placeholders}` from the details. */
  readonly text: string
  /** The way out, with the same placeholders. */
  readonly remedy: string
}
