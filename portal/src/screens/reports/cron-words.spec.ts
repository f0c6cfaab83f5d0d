import { expect, test } from 'vitest'

import { clockOf, cronOf, wordsOf } from '~/screens/reports/cron-words.ts'
import { reportsTexts } from '~/texts/reports.ts'

const words = (cron: string) => wordsOf(cron, reportsTexts.clock)

test('simple clocks have words', () => {
  expect(words('0 7 * * 1')).toBe('every Monday at 07:00')
  expect(words('30 6 * * MON-FRI')).toBe('every working day at 06:30')
  expect(words('@daily')).toBe('every day at 00:00')
  expect(words('15 * * * *')).toBe('every hour at minute 15')
  expect(words('0 9 1 * *')).toBe('every month on day 1 at 09:00')
  expect(words('0 9 * * 7')).toBe('every Sunday at 09:00')
})

test('what is not simple stays what it is', () => {
  for (const cron of [
    '*/5 * * * *',
    '0 7 1 * 1',
    '0 0 7 * * 1',
    'soon',
    '0 7 * 1 *',
    '99 7 * * *',
  ]) {
    expect(clockOf(cron).every).toBe('cron')
    expect(cronOf(clockOf(cron))).toBe(cron)
  }
})

test('a choice and its expression lead to each other', () => {
  for (const cron of ['0 7 * * 1', '5 6 * * 1-5', '0 0 * * *', '15 * * * *', '0 9 28 * *']) {
    expect(cronOf(clockOf(cron))).toBe(cron)
  }
})
