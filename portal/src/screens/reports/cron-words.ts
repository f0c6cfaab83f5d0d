/** How a clock is chosen: everything that is not a cron expression of one's own. */
export interface Clock {
  readonly every: 'hour' | 'day' | 'weekday' | 'week' | 'month' | 'cron'
  /** `07:00`. */
  readonly time: string
  /** 0 is Sunday. */
  readonly weekday: string
  /** 1 to 28. */
  readonly day: string
  readonly cron: string
}

export const byDefault: Clock = {
  every: 'week',
  time: '07:00',
  weekday: '1',
  day: '1',
  cron: '0 7 * * 1',
}

const two = (text: string | number) => String(text).padStart(2, '0')

export function cronOf({ every, time, weekday, day, cron }: Clock): string {
  const [hour = '0', minute = '0'] = time.split(':')
  const at = `${Number(minute)} ${Number(hour)}`
  switch (every) {
    case 'hour':
      return `${Number(minute)} * * * *`
    case 'day':
      return `${at} * * *`
    case 'weekday':
      return `${at} * * 1-5`
    case 'week':
      return `${at} * * ${weekday}`
    case 'month':
      return `${at} ${day} * *`
    case 'cron':
      return cron
  }
}

const nicknames: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
}

const weekdays: Readonly<Record<string, string>> = {
  sun: '0',
  mon: '1',
  tue: '2',
  wed: '3',
  thu: '4',
  fri: '5',
  sat: '6',
  '7': '0',
}

/** The choice that an expression is; `cron` for one that is none of the simple ones. */
export function clockOf(cron: string): Clock {
  const text = nicknames[cron.trim().toLowerCase()] ?? cron.trim()
  const own: Clock = { ...byDefault, every: 'cron', cron }
  const fields = text.split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', last = ''] = fields
  if (fields.length !== 5 || month !== '*' || !isIn(minute, 59)) return own
  if (hour === '*' && day === '*' && last === '*') {
    return { ...own, every: 'hour', time: `00:${two(minute)}` }
  }
  if (!isIn(hour, 23)) return own
  const clock = { ...own, time: `${two(hour)}:${two(minute)}` }
  const weekday = weekdays[last.toLowerCase()] ?? last
  if (day === '*' && last === '*') return { ...clock, every: 'day' }
  if (day === '*' && /^(1-5|mon-fri)$/i.test(last)) return { ...clock, every: 'weekday' }
  if (day === '*' && /^[0-6]$/.test(weekday)) return { ...clock, every: 'week', weekday }
  if (last === '*' && isIn(day, 31) && day !== '0') return { ...clock, every: 'month', day }
  return own
}

const isIn = (text: string, most: number) => /^\d{1,2}$/.test(text) && Number(text) <= most

export interface ClockWords {
  readonly hour: (minute: string) => string
  readonly day: (time: string) => string
  readonly weekday: (time: string) => string
  readonly week: (weekday: string, time: string) => string
  readonly month: (day: string, time: string) => string
  readonly cron: (cron: string) => string
  readonly weekdays: readonly string[]
}

/** `every Monday at 07:00`. */
export function wordsOf(cron: string, words: ClockWords): string {
  const clock = clockOf(cron)
  const { time, day } = clock
  switch (clock.every) {
    case 'hour':
      return words.hour(time.slice(3))
    case 'day':
      return words.day(time)
    case 'weekday':
      return words.weekday(time)
    case 'week':
      return words.week(words.weekdays[Number(clock.weekday)] ?? '', time)
    case 'month':
      return words.month(day, time)
    case 'cron':
      return words.cron(cron)
  }
}
