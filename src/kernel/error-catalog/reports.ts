import type { ErrorEntry } from '#kernel/error-entry.ts'

export const reportErrors = {
  'report-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no report {report}',
    remedy:
      '`millrace reports list` shows those that there are; `millrace reports create` makes one.',
  },
  'report-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is a report {report} already',
    remedy: 'Change it with `millrace reports update {report}`, or take another name.',
  },
  'report-recipient': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{address} is the address of no member: reports go to members only',
    remedy: 'Invite them with `millrace invitations create {address} viewer`, or name a member.',
  },
  'report-right-lost': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'report {report} asks in the name of {caller}, who may not export this any more',
    remedy: 'Somebody who may: `millrace reports update {report}` puts it in their name.',
  },
} as const satisfies Record<string, ErrorEntry>
