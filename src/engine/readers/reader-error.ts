import { isInternalError } from '#engine/child/job-error.ts'
import { MillraceError } from '#kernel/errors.ts'

/** What DuckDB or our own code has thrown in a query, under its code. */
export function toQueryError(subject: string, memoryBytes: number, thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown
  const message = thrown instanceof Error ? thrown.message.trim() : String(thrown)
  const options = { cause: thrown }
  if (isInternalError(thrown)) {
    return new MillraceError('engine-crashed', { subject, ending: message }, options)
  }
  if (message.startsWith('Out of Memory Error')) {
    if (/temp_directory|disk space|max_temp_directory_size/i.test(message)) {
      return new MillraceError('engine-disk', { subject, message }, options)
    }
    const limitMb = Math.round(memoryBytes / 1e6)
    return new MillraceError('engine-memory', { subject, limitMb }, options)
  }
  if (/^INTERRUPT Error/i.test(message))
    return new MillraceError('engine-cancelled', { subject }, options)
  if (/No space left on device|ENOSPC/.test(message)) {
    return new MillraceError('engine-disk', { subject, message }, options)
  }
  if (/^IO Error|^Invalid Input Error: (File|No magic bytes)|TProtocolException/.test(message)) {
    return new MillraceError('input-damaged', { subject, message }, options)
  }
  // The lines that follow show the statement as we have wrapped it.
  const [first = message] = message.split(/\n\n?LINE \d/)
  return new MillraceError('query-invalid', { subject, message: first.trim() }, options)
}
