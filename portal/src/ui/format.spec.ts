import { expect, test } from 'vitest'

import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatTime,
  formatValue,
} from '~/ui/format.ts'

test('counts are whole, and short where there is no room', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect(formatCount(9_007_199_254_740_993n)).toBe('9,007,199,254,740,993')
  expect(formatCount(12_345, true)).toBe('12.3K')
  expect(formatCount(9_999, true)).toBe('9,999')
})

test('sizes go on to the next unit before they have four digits', () => {
  expect([0, 999, 1000, 99_950, 999_600, 1_400_000].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 KB',
    '100 KB',
    '1.0 MB',
    '1.4 MB',
  ])
})

test('durations have two units at most, and carry over', () => {
  expect([340, 9_500, 59_400, 59_999, 200_000, 7_500_000, 356_400_000].map(formatDuration)).toEqual(
    ['340 ms', '9.5 s', '59 s', '60 s', '3 m 20 s', '2 h 5 m', '4 d 3 h'],
  )
})

test('a share is never said to be nothing or all where it is not', () => {
  expect([0, 0.0001, 0.05, 0.5, 0.996, 0.9999, 1].map(formatShare)).toEqual([
    '0.0 %',
    '< 0.1 %',
    '5.0 %',
    '50 %',
    '99.6 %',
    '> 99.9 %',
    '100 %',
  ])
})

test('times are those of the zone', () => {
  expect(formatTime('2026-11-22T23:30:00Z', 'Asia/Tokyo')).toBe('23 Nov 2026, 08:30')
})

test('ages have the largest unit that fits', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  const ago = (seconds: number) => formatAge(new Date(now - seconds * 1000), now)
  expect([5, 120, 7_200, 3 * 86_400].map(ago)).toEqual([
    'just now',
    '2 minutes ago',
    '2 hours ago',
    '3 days ago',
  ])
  expect(formatAge(new Date(now + 7_200_000), now)).toBe('in 2 hours')
})

test('values keep their digits, and texts their characters', () => {
  expect(formatValue(null)).toBe('–')
  expect(formatValue(9_007_199_254_740_993n)).toBe('9,007,199,254,740,993')
  expect(formatValue('<img src=x>')).toBe('<img src=x>')
  expect(formatValue(0.1 + 0.2)).toBe('0.3')
})
