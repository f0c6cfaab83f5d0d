import type { ErrorEntry } from '#kernel/error-entry.ts'

export const archiveErrors = {
  'archive-damaged': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the archive cannot be used: {entry} {problem}',
    remedy:
      'Export the tenant again, or take another copy of the file; `millrace tenants verify-archive` checks one.',
  },
  'archive-refused': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the catalog does not take a row of {entry}: {problem}',
    remedy:
      'Nothing of the tenant was brought back. Export it again with the same version of Millrace as this one.',
  },
  'archive-foreign': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the archive has the format {found}, this version of Millrace reads {known}',
    remedy: 'Restore it with the version of Millrace that made it, or a later one.',
  },
  'archive-unreadable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the archive {path} cannot be read: {message}',
    remedy: 'Give a file that the process which restores it can read.',
  },
  'archive-in-cell': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" has its data in cell "{cell}": it cannot be exported or deleted as a whole yet',
    remedy: "Back up the cell's database and lake; its datasets can be exported one by one.",
  },
  'archive-taken-over': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'another process has taken over the work on tenant "{tenant}"',
    remedy: 'Nothing to do: that process brings it to its end.',
  },
  'restore-under-way': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'tenant "{tenant}" is being restored at this moment',
    remedy:
      'Wait for its end; where the process that did it has died, it can be begun again a minute later.',
  },
  'tenant-gone': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'a tenant "{tenant}" was deleted here, and its name is not given again',
    remedy: 'Restore it under another name: `millrace tenants restore FILE --slug NAME`.',
  },
  'deletion-unfinished': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'rows of tenant "{tenant}" keep coming while it is being removed: {tables}',
    remedy: 'Stop what still works for it; removing is tried again every minute.',
  },
  'deletion-under-way': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" is being removed, which cannot be taken back',
    remedy:
      '`millrace tenants deletions` shows how far it is; a restore from an archive brings it back under another name.',
  },
  'tenant-of-operators': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" is the one that operators come in through: it is not deleted',
    remedy: 'Work for customers in tenants of their own; `millrace tenants create NAME` makes one.',
  },
  'deletion-unknown': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'no deletion of tenant "{tenant}" waits',
    remedy: '`millrace tenants deletions` shows what was asked for, and what is done.',
  },
  'confirmation-wrong': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the confirmation is not the name of the tenant that is to be deleted',
    remedy: 'Give the name of the tenant once more, exactly as it is: `--confirm NAME`.',
  },
  'task-not-restored': {
    kind: 'operational',
    status: 409,
    retryable: false,
    text: 'the task on "{dataset}" was {state} when the archive of its tenant was made, and did not come back',
    remedy: 'Run what is missing: `millrace run`.',
  },
} as const satisfies Record<string, ErrorEntry>
