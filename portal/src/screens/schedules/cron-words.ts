/** What a cron expression means, in words; null where it cannot be told simply. */
export function cronWords(expression: string): string | null {
  const text = nicknames[expression.trim().toLowerCase()] ?? expression.trim()
  const fields = text.toUpperCase().split(/\s+/)
  if (fields.length !== 5) return null
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const time = timeWords(minute, hour)
  const days = dayWords(day, weekday)
  const months = monthWords(month)
  if (time === null || days === null || months === null) return null
  const isOften = time.startsWith('every')
  const when = days === '' ? (isOften ? '' : 'every day ') : `${days} `
  const words = isOften
    ? `${time}${days === '' ? '' : `, ${days}`}${months === '' ? '' : `, ${months}`}`
    : `${when}${time}${months === '' ? '' : `, ${months}`}`
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const isNumber = (text: string, most: number) => /^\d{1,2}$/.test(text) && Number(text) <= most
const two = (value: string) => value.padStart(2, '0')

function stepOf(text: string): number | null {
  const [, step] = /^\*\/(\d{1,2})$/.exec(text) ?? []
  return step === undefined || Number(step) === 0 ? null : Number(step)
}

function timeWords(minute: string, hour: string): string | null {
  const minuteStep = stepOf(minute)
  const hourStep = stepOf(hour)
  if (minute === '*' && hour === '*') return 'every minute'
  if (minuteStep !== null && hour === '*') {
    return minuteStep === 1 ? 'every minute' : `every ${minuteStep} minutes`
  }
  const [, from, until] = /^(\d{1,2})-(\d{1,2})$/.exec(hour) ?? []
  const between = from !== undefined && until !== undefined && isNumber(until, 23)
  if ((minuteStep !== null || minute === '*') && between) {
    const often =
      minute === '*' || minuteStep === 1 ? 'every minute' : `every ${minuteStep} minutes`
    return `${often} from ${two(from)}:00 to ${two(until)}:59`
  }
  if (!isNumber(minute, 59)) return null
  if (hour === '*') return `every hour at minute ${Number(minute)}`
  if (hourStep !== null) return `every ${hourStep} hours at minute ${Number(minute)}`
  if (between) return `every hour from ${two(from)}:${two(minute)} to ${two(until)}:${two(minute)}`
  const hours = hour.split(',')
  if (!hours.every((one) => isNumber(one, 23))) return null
  return `at ${listed(hours.map((one) => `${two(one)}:${two(minute)}`))}`
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const ordinals = ['', 'first', 'second', 'third', 'fourth', 'fifth']

function dayWords(day: string, weekday: string): string | null {
  const ofMonth = day === '*' || day === '?' ? '' : monthDayWords(day)
  const ofWeek = weekday === '*' || weekday === '?' ? '' : weekdayWords(weekday)
  if (ofMonth === null || ofWeek === null) return null
  if (ofMonth !== '' && ofWeek !== '') return `${ofMonth} or ${ofWeek}`
  return ofMonth + ofWeek
}

function monthDayWords(day: string): string | null {
  if (day === 'L') return 'on the last day of the month'
  const step = stepOf(day)
  if (step !== null) return step === 1 ? '' : `every ${step} days of the month`
  const parts = day.split(',').map((part) => {
    const [, from, until] = /^(\d{1,2})-(\d{1,2})$/.exec(part) ?? []
    if (from !== undefined) return `${Number(from)} to ${Number(until)}`
    return isNumber(part, 31) && Number(part) > 0 ? String(Number(part)) : null
  })
  if (parts.some((part) => part === null)) return null
  return `on day ${listed(parts as string[])} of the month`
}

function weekdayWords(weekday: string): string | null {
  const parts = weekday.split(',').map((part) => {
    const [, name, which] = /^([A-Z]{3}|\d)(?:#([1-5])|#?L)$/.exec(part) ?? []
    if (name !== undefined) {
      const named = weekdayName(name)
      return named && `the ${which === undefined ? 'last' : ordinals[Number(which)]} ${named}`
    }
    const [from, until, ...others] = part.split('-')
    if (from === undefined || others.length > 0) return null
    const [first, last] = [weekdayName(from), until === undefined ? null : weekdayName(until)]
    if (first === null || (until !== undefined && last === null)) return null
    return last === null ? first : `${first} to ${last}`
  })
  if (parts.some((part) => part === null)) return null
  return `on ${listed(parts as string[])}`
}

function weekdayName(text: string): string | null {
  if (/^[0-7]$/.test(text)) return weekdays[Number(text) % 7] ?? null
  return weekdays.find((name) => name.slice(0, 3).toUpperCase() === text) ?? null
}

function monthWords(month: string): string | null {
  if (month === '*') return ''
  const step = stepOf(month)
  if (step !== null) return `every ${step} months`
  const nameOf = (text: string) =>
    isNumber(text, 12)
      ? (monthNames[Number(text) - 1] ?? null)
      : (monthNames.find((name) => name.slice(0, 3).toUpperCase() === text) ?? null)
  const parts = month.split(',').map((part) => {
    const [from = '', until] = part.split('-')
    const [first, last] = [nameOf(from), until === undefined ? null : nameOf(until)]
    if (first === null || (until !== undefined && last === null)) return null
    return last === null ? first : `${first} to ${last}`
  })
  if (parts.some((part) => part === null)) return null
  return `in ${listed(parts as string[])}`
}

function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts[0] ?? ''
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
