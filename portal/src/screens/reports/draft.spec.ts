import { expect, test } from 'vitest'

import {
  draftOf,
  draftOfDelivery,
  emptyDraft,
  inputOf,
  problemOfDraft,
} from '~/screens/reports/draft.ts'
import type { ReportRow } from '~/screens/reports/report-words.ts'

const row = {
  report: 'spring',
  asked: { endpoint: 'top', parameters: { month: 'latest' }, where: { who: ['eq.a'] } },
  cron: '0 7 * * 1',
  zone: 'Europe/Berlin',
  format: 'csv',
  target: 'file',
  mail: ['ada@example.com', 'eve@example.com'],
  attach: true,
  onlyChanged: false,
  skipEmpty: true,
  complete: true,
  chart: null,
} as unknown as ReportRow

test('a report goes through the form unchanged', () => {
  expect(inputOf(draftOf(row))).toEqual({
    report: 'spring',
    endpoint: 'top',
    parameters: { month: 'latest' },
    where: { who: ['eq.a'] },
    cron: '0 7 * * 1',
    zone: 'Europe/Berlin',
    format: 'csv',
    mail: ['ada@example.com', 'eve@example.com'],
    attach: true,
    onlyChanged: false,
    skipEmpty: true,
    complete: true,
  })
})

test('a delivery becomes a report of what comes next', () => {
  const draft = draftOfDelivery(emptyDraft('UTC', 'ada@example.com'), {
    title: 'Sums of 2021.04',
    format: 'ndjson',
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
  expect(problemOfDraft({ ...draft, name: 'a', endpoint: 'b', mail: 'ada' })).toBe('mail')
})
