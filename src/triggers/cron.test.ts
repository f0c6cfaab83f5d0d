import assert from 'node:assert/strict'
import { test } from 'node:test'

import { cronTimes, dueBetween } from '#triggers/cron.ts'
import { wallClock } from '#triggers/wall-clock.ts'

const DAY_MS = 86_400_000
const year = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') }

function listed(expression: string, zone: string, from: string, to: string): string[] {
  const { due } = dueBetween(cronTimes(expression, zone), new Date(from), new Date(to), 1000)
  return due.map((time) => time.toISOString().replace(':00.000Z', 'Z'))
}

test('a daily time is that of the wall, in summer and in winter', () => {
  assert.deepEqual(
    listed('15 6 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-30T12:00Z'),
    ['2026-03-28T05:15Z', '2026-03-29T04:15Z', '2026-03-30T04:15Z'],
  )
})

test('a time that does not exist is due at the first instant after the gap, once', () => {
  const span = ['2026-03-28T12:00Z', '2026-03-30T12:00Z'] as const
  assert.deepEqual(listed('30 2 * * *', 'Europe/Berlin', ...span), [
    '2026-03-29T01:00Z',
    '2026-03-30T00:30Z',
  ])
  assert.deepEqual(listed('0,20,40 2 29 3 *', 'Europe/Berlin', ...span), ['2026-03-29T01:00Z'])
  assert.deepEqual(
    listed('0 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', '2026-10-04T12:00Z'),
    ['2026-10-03T15:30Z'],
    'its clock goes half an hour forward, from 02:00 to 02:30',
  )
})

test('a time that exists twice is due the first time', () => {
  const span = ['2026-10-24T12:00Z', '2026-10-26T12:00Z'] as const
  assert.deepEqual(listed('30 2 * * *', 'Europe/Berlin', ...span), [
    '2026-10-25T00:30Z',
    '2026-10-26T01:30Z',
  ])
  assert.deepEqual(
    listed('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T00:00Z', '2026-04-05T12:00Z'),
    ['2026-04-04T14:45Z'],
  )
})

test('hourly work goes on hour by hour through both changes', () => {
  for (const day of ['2026-03-29', '2026-10-25']) {
    const from = new Date(Date.parse(day) - DAY_MS)
    const { due } = dueBetween(
      cronTimes('0 * * * *', 'Europe/Berlin'),
      from,
      new Date(Date.parse(day) + DAY_MS),
      100,
    )
    assert.equal(due.length, 48, day)
    for (const [index, time] of due.entries())
      assert.equal(time.getTime() - from.getTime(), (index + 1) * 3_600_000)
  }
})

test('minutes of an open hour are shown twice where the hour is, and those of a named hour once', () => {
  const span = ['2026-10-24T23:59Z', '2026-10-25T02:00Z'] as const
  assert.equal(listed('*/15 * * * *', 'Europe/Berlin', ...span).length, 9)
  assert.deepEqual(listed('*/30 2 * * *', 'Europe/Berlin', ...span), [
    '2026-10-25T00:00Z',
    '2026-10-25T00:30Z',
  ])
})

test('a day that a country leaves out is made up for at its end', () => {
  assert.deepEqual(
    listed('0 12 30 12 *', 'Pacific/Apia', '2011-12-29T00:00Z', '2011-12-31T23:00Z'),
    ['2011-12-30T10:00Z'],
  )
})

test('an expression that never comes true has no due time; one that is wrong says why', () => {
  assert.equal(cronTimes('0 0 31 2 *', 'UTC').after(year.from), null)
  assert.throws(() => cronTimes('0 0 *', 'UTC'), /"0 0 \*" is no cron expression: it has 3 fields/)
  assert.throws(() => cronTimes('61 * * * *', 'UTC'), { code: 'cron-invalid' })
  assert.throws(
    () => cronTimes('* * * * *', 'Mars/Olympus'),
    /there is no time zone "Mars\/Olympus"/,
  )
})

test('nicknames and seconds are understood', () => {
  assert.deepEqual(listed('@daily', 'UTC', '2026-01-01T00:00Z', '2026-01-02T00:00Z'), [
    '2026-01-02T00:00Z',
  ])
  const { due } = dueBetween(
    cronTimes('*/20 * * * * *', 'UTC'),
    year.from,
    new Date(year.from.getTime() + 60_000),
    9,
  )
  assert.deepEqual(
    due.map((time) => time.getUTCSeconds()),
    [20, 40, 0],
  )
})

const zones = [
  'UTC',
  'Europe/Berlin',
  'Europe/Dublin',
  'America/New_York',
  'America/St_Johns',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'Pacific/Chatham',
]

/** Days around the changes of a zone's clock within the year, and two days without one. */
function spansOf(zone: string): { from: number; to: number }[] {
  const { setBackAround, wallAt } = wallClock(zone)
  const spans = [{ from: year.from.getTime() + 40 * DAY_MS, to: year.from.getTime() + 42 * DAY_MS }]
  for (let day = year.from.getTime(); day < year.to.getTime(); day += DAY_MS) {
    const isChanged = wallAt(day + DAY_MS) - wallAt(day) !== DAY_MS || setBackAround(day) > 0
    const last = spans.at(-1)
    if (isChanged && last && last.to < day + DAY_MS) spans.push({ from: day, to: day + 2 * DAY_MS })
  }
  return spans
}

/**
 * The rule, read off the wall minute by minute: what it shows is due; of what it shows twice the
 * first, unless the hour is open; what it leaves out is due when it goes on.
 */
function readOffTheWall(
  walls: readonly { readonly instant: number; readonly wall: number }[],
  matches: (wall: Date) => boolean,
  isHourOpen: boolean,
): number[] {
  const due: number[] = []
  let shownUntil = walls[0]?.wall ?? 0
  for (const { instant, wall } of walls.slice(1)) {
    let isDue = false
    for (let left = shownUntil + 60_000; left < wall; left += 60_000) {
      isDue ||= matches(new Date(left))
    }
    if (matches(new Date(wall)) && (isHourOpen || wall > shownUntil)) isDue = true
    if (isDue) due.push(instant)
    shownUntil = Math.max(shownUntil, wall)
  }
  return due
}

for (const zone of zones) {
  test(`around its changes the year in ${zone} is as the wall shows it`, () => {
    const at = (wall: Date) => wall.getUTCHours() * 100 + wall.getUTCMinutes()
    const patterns: [string, (wall: Date) => boolean, boolean][] = [
      ['30 2 * * *', (wall) => at(wall) === 230, false],
      ['15 0 * * 0', (wall) => wall.getUTCDay() === 0 && at(wall) === 15, false],
      ['0 * * * *', (wall) => wall.getUTCMinutes() === 0, true],
      ['50 1,2 * * *', (wall) => at(wall) === 150 || at(wall) === 250, false],
    ]
    const spans = spansOf(zone)
    assert.ok(spans.length > 1 || ['UTC', 'Asia/Kathmandu'].includes(zone), 'its changes are found')
    for (const { from, to } of spans) {
      const walls = []
      for (let instant = from; instant <= to; instant += 60_000) {
        walls.push({ instant, wall: wallClock(zone).wallAt(instant) })
      }
      for (const [expression, matches, isHourOpen] of patterns) {
        const { due } = dueBetween(cronTimes(expression, zone), new Date(from), new Date(to), 1000)
        const found = due.map((time) => time.getTime())
        assert.deepEqual(found, readOffTheWall(walls, matches, isHourOpen), expression)
      }
    }
  })
}
