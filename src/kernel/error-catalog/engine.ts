import type { ErrorEntry } from '#kernel/error-entry.ts'

export const engineErrors = {
  // engine
  'engine-crashed': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the process that computed {subject} ended by itself ({ending})',
    remedy:
      'It is tried again in a new process. If it ends so each time, the statement or the file crashes DuckDB: simplify it.',
  },
  'engine-deadline': {
    kind: 'operational',
    status: 504,
    retryable: true,
    text: '{subject} was not done after {seconds} s and was stopped',
    remedy: 'Cut the work into smaller partitions, or raise the deadline of jobs.',
  },
  'engine-memory': {
    kind: 'operational',
    status: 507,
    retryable: false,
    text: '{subject} needed more memory than its {limitMb} MB',
    remedy: 'Cut the work into smaller partitions, or give jobs more memory.',
  },
  'engine-cancelled': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: '{subject} was cancelled',
    remedy: 'Run it again; nothing of it was published.',
  },
  'engine-closed': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the engine is shutting down and takes no new work ({subject})',
    remedy: 'Run it again after the restart.',
  },
  'engine-disk': {
    kind: 'operational',
    status: 507,
    retryable: true,
    text: '{subject} found no room on the disk: {message}',
    remedy: 'Free space in the folder of Millrace, then run it again.',
  },
  'analysis-failed': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: '{subject}: {message}',
    remedy: 'Correct the definition of {dataset}, then run it again.',
  },
  'result-column-unusable': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: 'column "{column}" of {dataset} has the type {type}, which a dataset cannot hold',
    remedy: 'Cast it in the SELECT, for instance to VARCHAR, BIGINT, DOUBLE or TIMESTAMP.',
  },
  'shard-column-missing': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: '{dataset} is cut into shards by "{column}", a column that none of its inputs ({inputs}) has',
    remedy:
      'Name a column of an input whose rows the shards are to share out: shards 16 by <column>.',
  },
  'input-damaged': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: '{subject} could not read a published file: {message}',
    remedy: 'Run `millrace doctor`; a damaged file is rebuilt from its inputs.',
  },

  // files of sources
  'source-empty': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} is empty: it has not even a header line or a record',
    remedy: 'Put the complete file in its place; what is published stays as it is.',
  },
  'source-encoding': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} is not UTF-8 text: {message}',
    remedy: 'Save it as UTF-8; what is published stays as it is.',
  },
  'source-header': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the header of {location} does not fit {dataset}: {message}',
    remedy:
      'Correct the first line of the file, or the columns of the source; what is published stays as it is.',
  },
  'source-compression': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} cannot be decompressed: {message}',
    remedy: 'Put the complete gzip or zstd file in its place; what is published stays as it is.',
  },
  'source-row-bad': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} line {line} is not usable ({reason}), and every row of reference table {dataset} must be',
    remedy: 'Correct that line.',
  },
} as const satisfies Record<string, ErrorEntry>
