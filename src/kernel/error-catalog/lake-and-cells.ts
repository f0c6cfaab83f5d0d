import type { ErrorEntry } from '#kernel/error-entry.ts'

export const lakeErrors = {
  // lake
  'lake-full': {
    kind: 'operational',
    status: 507,
    retryable: true,
    text: 'there is no space left in the lake for {path}',
    remedy:
      'Free some space on that disk, or move MILLRACE_LAKE to a larger one; nothing that is published is affected.',
  },
  'lake-denied': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the lake may not be used at {path}: {reason}',
    remedy: '{hint}',
  },
  'lake-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the lake does not answer at {path}: {reason} (tries: {tries})',
    remedy:
      'Check the S3 server, its endpoint and the network; work goes on by itself when it is back.',
  },
  'lake-place-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{place}" is no place for a lake: {problem}',
    remedy: 'Set MILLRACE_LAKE to a folder, or to s3://bucket/prefix.',
  },
  'file-missing': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the published file {path} is gone from the lake',
    remedy: 'Rerun the partitions that it held, or restore the lake from a backup.',
  },
  'file-damaged': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the file {path} is not what was written: expected {expected}, found {found}',
    remedy: 'Rerun the partitions that it held, or restore the file from a backup.',
  },

  // cells
  'cell-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no cell is named "{cell}"',
    remedy: '`millrace cells list` shows them; `millrace cells create` makes one.',
  },
  'cell-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is a cell named "{cell}" already',
    remedy: 'Take another name; `millrace cells check {cell}` tries the one that is there.',
  },
  'cell-unusable': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'cell "{cell}" cannot be used: {problem}',
    remedy: 'Give it an empty database and a place for its lake that nothing else uses.',
  },
  'cell-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the database or the lake that holds the data of this tenant cannot be reached',
    remedy:
      'Try again in a moment: nothing is lost. Whoever runs the deployment sees why with `millrace cells check`.',
  },
  'catalog-is-cell': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the database is that of cell "{cell}", which belongs to another catalog',
    remedy:
      'Let DATABASE_URL name the catalog that knows the cell; MILLRACE_CELL={cell} makes a process work for the cell alone.',
  },
  'tenant-has-data': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" has data already, which would be left behind',
    remedy: 'Export it, and restore it under another name that is put into the cell at once.',
  },
  'tenant-in-cell': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the data of tenant "{tenant}" lie in a cell',
    remedy: 'Ask for this tenant alone: `--tenant {tenant}`.',
  },
} as const satisfies Record<string, ErrorEntry>
