import type { ErrorEntry } from '#kernel/error-entry.ts'

export const askingErrors = {
  // ours
  internal: {
    kind: 'bug',
    status: 500,
    retryable: false,
    text: 'Millrace met a case that it was not written for: {message}',
    remedy: 'Please report this with the output of `millrace doctor`.',
  },

  // running
  'source-unconfigured': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'source "{source}" has no location for tenant "{tenant}"',
    remedy:
      "Say where it lies, once: `millrace run {source} --month 2021-04 --location 's3://bucket/{yyyy}/{MM}/file.csv'`.",
  },
  'partition-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'dataset "{dataset}" has no partition "{partition}"',
    remedy:
      '`millrace status {dataset}` lists its partitions; `millrace run {dataset}` builds what is missing.',
  },
  'code-moved': {
    kind: 'definition',
    status: 409,
    retryable: false,
    text: 'the code of "{dataset}" is no longer the one that run {run} was planned with',
    remedy: 'Start the run again: it plans with the code as it is now.',
  },
  'task-interrupted': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the attempt at "{dataset}" {partition} was stopped before it ended',
    remedy: 'Run it again: nothing that was published has changed.',
  },

  // asking
  'usage-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{message}',
    remedy: 'See `millrace --help`; `millrace help <command>` explains one.',
  },
  'input-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{path}: {message}',
    remedy: 'Correct the named field and send the request again.',
  },
  'dataset-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no dataset is named "{dataset}"',
    remedy: 'The datasets are: {known}.',
  },
  'partition-key-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{key}" is not a partition key of grain {grain}',
    remedy: 'Write it like {example}; a range is written FROM..TO.',
  },
  'partition-range-too-long': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the range "{range}" names more than {most} partitions of grain {grain}',
    remedy: 'Name a shorter range; without one, every partition is meant.',
  },
  'tenant-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no tenant is named "{tenant}"',
    remedy:
      'Choose one with --tenant or MILLRACE_TENANT; `millrace status` lists those that you may see.',
  },

  // dimensions of partitions
  'partition-selection-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{text}" names no partition of a dataset that is cut by {cut}: {problem}',
    remedy:
      'Write it like {example}; parts that are left out mean all of them. Characters that a name cannot hold are written %XX.',
  },
} as const satisfies Record<string, ErrorEntry>
