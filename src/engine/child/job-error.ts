import { MillraceError } from '#kernel/errors.ts'
import type { Job } from '#engine/protocol.ts'

/** A run-time error that belongs to one partition of a batch: the others may be run without it. */
export class PartitionError extends Error {
  readonly partition: string

  constructor(partition: string, cause: unknown) {
    super(`partition ${partition}`, { cause })
    this.partition = partition
  }
}

/** True where DuckDB has met a bug of its own: the process must not be used again. */
export function isInternalError(thrown: unknown): boolean {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return (
    /^(INTERNAL|FATAL) Error|database has been invalidated|unordered_map::at/.test(message) ||
    (thrown instanceof Error && thrown.cause !== undefined && isInternalError(thrown.cause))
  )
}

/** What DuckDB, the file system or our own code has thrown, under its code. */
export function toJobError(job: Job, thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown
  if (thrown instanceof PartitionError) {
    return duckdbError(job, `${datasetOf(job)} ${thrown.partition}`, thrown.cause)
  }
  return duckdbError(job, subjectOf(job), thrown)
}

function duckdbError(job: Job, subject: string, thrown: unknown): MillraceError {
  if (thrown instanceof MillraceError) return thrown
  const message = thrown instanceof Error ? thrown.message.trim() : String(thrown)
  const dataset = datasetOf(job)
  if (isInternalError(thrown)) {
    return new MillraceError('engine-crashed', { subject, ending: message }, { cause: thrown })
  }
  if (message.startsWith('Out of Memory Error')) {
    if (/temp_directory|disk space|max_temp_directory_size/i.test(message)) {
      return new MillraceError('engine-disk', { subject, message }, { cause: thrown })
    }
    const limitMb = Math.round(job.limits.memoryBytes / 1e6)
    return new MillraceError('engine-memory', { subject, limitMb }, { cause: thrown })
  }
  if (/^INTERRUPT Error/i.test(message)) {
    return new MillraceError('engine-cancelled', { subject }, { cause: thrown })
  }
  if (/No space left on device|ENOSPC/.test(message)) {
    return new MillraceError('engine-disk', { subject, message }, { cause: thrown })
  }
  if (/^IO Error|^Invalid Input Error: (File|No magic bytes)|TProtocolException/.test(message)) {
    return new MillraceError('input-damaged', { subject, message }, { cause: thrown })
  }
  if (job.kind === 'build' || job.kind === 'inspect') {
    return new MillraceError('analysis-failed', { subject, dataset, message }, { cause: thrown })
  }
  return new MillraceError('internal', { message: `${subject}: ${message}` }, { cause: thrown })
}

export function datasetOf(job: Job): string {
  switch (job.kind) {
    case 'append':
    case 'convert':
      return job.source.name
    case 'build':
    case 'figures':
    case 'held':
    case 'inspect':
    case 'subject-forget':
    case 'subject-collect':
    case 'subject-compact':
    case 'subject-seen':
    case 'subject-trace':
      return job.dataset
  }
}

/** The job as messages name it: `users_by_day 2021-04-01..2021-04-30`. */
export function subjectOf(job: Job): string {
  const dataset = datasetOf(job)
  switch (job.kind) {
    case 'convert':
      return `${dataset} ${job.partition}`
    case 'build': {
      const first = job.partitions[0] ?? ''
      const last = job.partitions.at(-1) ?? first
      return `${dataset} ${first === last ? first : `${first}..${last}`}`.trim()
    }
    case 'subject-forget':
      return `${dataset} ${job.partition}`
    case 'append':
    case 'figures':
    case 'held':
    case 'inspect':
    case 'subject-collect':
    case 'subject-compact':
    case 'subject-seen':
    case 'subject-trace':
      return dataset
  }
}
