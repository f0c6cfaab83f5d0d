import { expect, test } from 'vitest'

import {
  draftOf,
  draftOfDelivery,
  emptyDraft,
  inputOf,
  problemOfDraft,
} from '~/screens/reports/draft.ts'
import { emptyAsked } from '~/sending/asked-draft.ts'
import { fileDraft } from '~/sending/target-draft.ts'
import type { ReportRow } from '~/screens/reports/report-words.ts'

const row = {
  report: 'spring',
  asked: { endpoint: 'top', parameters: { month: 'latest' }, where: { who: 'eq.a' }, sort: ['-n'] },
  cron: '0 7 * * 1',
  zone: 'Europe/Berlin',
  format: 'ndjson',
  target: 'postgres',
  targetName: 'warehouse',
  targetOptions: { table: 'top', mode: 'upsert', key: ['who'], removeOthers: true },
  mail: ['ada@example.com', 'eve@example.com'],
  attach: true,
  onlyChanged: false,
  skipEmpty: true,
  complete: true,
  chart: { kind: 'bar', x: 'who', y: ['n', 'm'], title: 'Most', unit: 'events' },
} as unknown as ReportRow

test('a report goes through the form unchanged', () => {
  expect(inputOf(draftOf(row))).toEqual({
    report: 'spring',
    endpoint: 'top',
    parameters: { month: 'latest' },
    where: { who: 'eq.a' },
    sort: ['-n'],
    cron: '0 7 * * 1',
    zone: 'Europe/Berlin',
    format: 'ndjson',
    target: 'warehouse',
    targetOptions: { table: 'top', mode: 'upsert', key: ['who'], removeOthers: true },
    mail: ['ada@example.com', 'eve@example.com'],
    attach: true,
    onlyChanged: false,
    skipEmpty: true,
    complete: true,
    chart: { kind: 'bar', x: 'who', y: ['n', 'm'], title: 'Most', unit: 'events' },
  })
})

test('a delivery becomes a report of what comes next', () => {
  const draft = draftOfDelivery(emptyDraft('UTC', 'ada@example.com'), {
    title: 'Sums of 2021.04',
    format: 'ndjson',
    target: 'file',
    targetName: null,
    targetOptions: {},
    asked: { dataset: 'sums', partition: '2021-04', version: 3 },
  })
  expect(problemOfDraft(draft)).toBeNull()
  expect(inputOf(draft)).toMatchObject({
    report: 'sums-of-2021-04',
    dataset: 'sums',
    partition: '2021-04',
    onArrival: true,
    format: 'ndjson',
  })
  expect(inputOf(draft)).not.toHaveProperty('version')
})

test('what lacks is said before it is sent', () => {
  const draft = emptyDraft('UTC', '')
  expect(problemOfDraft(draft)).toBe('name')
  expect(problemOfDraft({ ...draft, name: 'a' })).toBe('subject')
  const asking = { ...draft, name: 'a', asked: { ...emptyAsked, endpoint: 'b' } }
  expect(problemOfDraft({ ...asking, mail: 'ada' })).toBe('mail')
  expect(problemOfDraft(asking)).toBe('nobody')
  const place = { ...fileDraft, target: 'warehouse', kind: 'postgres' }
  expect(problemOfDraft({ ...asking, place })).toBeNull()
  expect(problemOfDraft({ ...asking, place: { ...place, mode: 'upsert' } })).toBe('key')
})
