import { defineSource } from 'millrace'

const measure = { type: 'integer', role: 'measure', optional: false } as const
const within = (text: string) =>
  ({ ...measure, description: `of the requests, those that took at most ${text}` }) as const

export default defineSource({
  description:
    'Requests for rows of endpoints by hour, endpoint, version and caller, as they were counted.',
  location: 'traffic://endpoints/{yyyy}/{MM}/{dd}.ndjson',
  format: 'ndjson',
  partition: 'day',
  columns: {
    hour: {
      type: 'timestamp',
      role: 'time',
      optional: false,
      description: 'beginning of the hour in which they were counted, in UTC',
    },
    endpoint: { type: 'text', role: 'dimension', optional: false },
    endpoint_version: { type: 'integer', role: 'dimension', optional: false },
    caller_kind: {
      type: 'text',
      role: 'dimension',
      optional: false,
      description: 'key, user, local, operator, or others beyond what is counted one by one',
    },
    caller: {
      type: 'text',
      role: 'dimension',
      description: 'id of the key (mk_…) or user (usr_…)',
    },
    key_name: { type: 'text', role: 'dimension', description: 'name of the key; NULL for others' },
    requests: measure,
    refused: { ...measure, description: 'of the requests, refused for what the caller sent' },
    unavailable: {
      ...measure,
      description:
        'of the requests, not answered for what passes by itself: too busy, out of reach',
    },
    broken: {
      ...measure,
      description: 'of the requests, not answered for a mistake of Millrace or of the endpoint',
    },
    cached: {
      ...measure,
      description: 'of the requests, those whose caller had the answer already',
    },
    rows: { ...measure, unit: 'rows', description: 'rows that were answered' },
    bytes: { ...measure, unit: 'bytes', description: 'bytes that were answered' },
    total_ms: {
      type: 'double',
      role: 'measure',
      unit: 'ms',
      optional: false,
      description: 'how long they took together',
    },
    within_1_ms: within('1 ms'),
    within_2_ms: within('2 ms'),
    within_5_ms: within('5 ms'),
    within_10_ms: within('10 ms'),
    within_20_ms: within('20 ms'),
    within_50_ms: within('50 ms'),
    within_100_ms: within('100 ms'),
    within_200_ms: within('200 ms'),
    within_500_ms: within('500 ms'),
    within_1000_ms: within('1 s'),
    within_2000_ms: within('2 s'),
    within_5000_ms: within('5 s'),
  },
  derived: {
    answered: {
      type: 'integer',
      role: 'measure',
      description: 'of the requests, those that were answered',
      sql: 'requests - refused - unavailable - broken',
    },
  },
  checks: [
    'adds_up: each answered >= 0 AND within_5000_ms <= requests',
    'counted_once: unique hour, endpoint, endpoint_version, caller_kind, caller',
  ],
})
