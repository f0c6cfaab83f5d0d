import { formatBytes, formatCount } from '~/ui/format.ts'

const kinds = {
  requests: 'Requests',
  runs: 'Runs',
  tasks: 'Tasks',
  exports: 'Exports',
  'export-rows': 'Rows exported',
  'export-bytes': 'Bytes exported',
  mails: 'Mails',
} as const

export const usageTexts = {
  title: 'Usage',
  note: 'What this tenant stores and does, against its limits. Days begin at midnight UTC.',
  limits: 'Against the limits',
  limitsNote: 'Storage is what lies there now; the others are of today.',
  quotas: {
    storage: 'Storage',
    runs: 'Runs today',
    exports: 'Exports today',
    mails: 'Mails today',
  },
  noLimit: 'no limit',
  of: (used: string, most: string) => `${used} of ${most}`,
  full: 'The limit is reached',
  near: 'Nearly at the limit',
  change: 'Change limit',
  setTitle: (kind: string) => `Limit of ${kind}`,
  setNote: 'For operators. Empty: no limit. It counts at once.',
  most: 'At most',
  mostBytes: 'At most, in bytes',
  mostHint: (words: string) => `That is ${words}.`,
  mostWrong: 'A whole number, or nothing',
  set: 'Set limit',
  changed: 'The limit was changed',
  rows: 'Rows that can be read',
  days: 'The last 31 days',
  daysNote: 'Each bar is a day, today at the right.',
  kinds,
  total: (text: string) => `${text} in all`,
  bars: (kind: string, total: string, top: string) =>
    `${kind} by day: ${total} in all, ${top} on the busiest day`,
  asTable: 'As a table',
  asBars: 'As bars',
  shape: 'Form',
  day: 'Day',
  costs: 'What the results cost',
  costsNote:
    'Time that slots were taken to build each dataset in these days, of tasks that ended well.',
  dataset: 'Dataset',
  time: 'Slot time',
  share: 'Share',
  byDay: 'By day',
  tasks: 'Tasks',
  perTask: 'Each',
  read: 'Read',
  costBars: (dataset: string) => `Slot time of ${dataset} by day`,
  noCosts: 'Nothing was built in these days',
  noCostsHint: 'When something is computed, its time stands here by dataset.',
} as const

export type UsageKind = keyof typeof kinds

export function formatUsage(kind: string, value: number): string {
  return kind === 'export-bytes' || kind === 'storage'
    ? formatBytes(value)
    : formatCount(value, true)
}
