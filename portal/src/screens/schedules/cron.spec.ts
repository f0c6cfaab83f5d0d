import { describe, expect, test } from 'vitest'

import { cronOf, firstChoice } from '~/screens/schedules/cron-choice.ts'
import { cronWords } from '~/screens/schedules/cron-words.ts'
import { clusterDots, ticksOf } from '~/screens/schedules/dots.ts'

describe('words', () => {
  test.each([
    ['* * * * *', 'Every minute'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['*/10 9-17 * * 1-5', 'Every 10 minutes from 09:00 to 17:59, on Monday to Friday'],
    ['5 * * * *', 'Every hour at minute 5'],
    ['0 */4 * * *', 'Every 4 hours at minute 0'],
    ['30 2 * * *', 'Every day at 02:30'],
    ['0 9,17 * * *', 'Every day at 09:00 and 17:00'],
    ['0 3 1 * *', 'On day 1 of the month at 03:00'],
    ['0 3 L * *', 'On the last day of the month at 03:00'],
    ['0 3 1,15 * *', 'On day 1 and 15 of the month at 03:00'],
    ['0 6 * * MON,FRI', 'On Monday and Friday at 06:00'],
    ['0 6 * * 7', 'On Sunday at 06:00'],
    ['0 6 * * 5#2', 'On the second Friday at 06:00'],
    ['0 0 1 JAN,7 *', 'On day 1 of the month at 00:00, in January and July'],
    ['@daily', 'Every day at 00:00'],
    ['@hourly', 'Every hour at minute 0'],
  ])('%s', (expression, words) => {
    expect(cronWords(expression)).toBe(words)
  })

  test.each([
    '',
    'soon',
    '61 * * * *',
    '0 25 * * *',
    '0 3 0 * *',
    '1 2 3',
    '0 0 * * 9',
    '<img> * * * *',
  ])('none for %s', (expression) => {
    expect(cronWords(expression)).toBe(null)
  })
})

test('each choice is an expression that words can tell', () => {
  const told = (more: object) => cronWords(cronOf({ ...firstChoice, ...more }))
  expect(told({})).toBe('Every day at 03:00')
  expect(told({ rhythm: 'minutes', every: 5 })).toBe('Every 5 minutes')
  expect(told({ rhythm: 'hourly', time: '00:07' })).toBe('Every hour at minute 7')
  expect(told({ rhythm: 'weekly', weekdays: [5, 1] })).toBe('On Monday and Friday at 03:00')
  expect(told({ rhythm: 'monthly', day: 'L' })).toBe('On the last day of the month at 03:00')
  expect(cronOf({ ...firstChoice, rhythm: 'own', own: ' @weekly ' })).toBe('@weekly')
})

describe('dots', () => {
  const dot = (ms: number, state: string) => ({
    at: new Date(ms).toISOString(),
    state,
    run: `run_${ms}`,
  })

  test('dots on one place are one, and the worst of them is seen', () => {
    const clusters = clusterDots(
      [dot(10, 'ran'), dot(11, 'failed'), dot(12, 'nothing'), dot(90, 'ran')],
      0,
      100,
      10,
    )
    expect(clusters.map(({ state, count, run }) => [state, count, run])).toEqual([
      ['failed', 3, 'run_11'],
      ['ran', 1, 'run_90'],
    ])
  })

  test('what lies outside is left out', () => {
    expect(clusterDots([dot(200, 'ran')], 0, 100, 10)).toEqual([])
    expect(ticksOf([new Date(50).toISOString(), new Date(51).toISOString()], 0, 100, 10)).toEqual([
      0.5,
    ])
  })
})
