/** How numbers, sizes and times are told. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

/** `12,345`; with `compact` from 10,000 on `12.3K`. */
export function formatCount(count: number | bigint, compact = false): string {
  return compact && Number(count) >= 10_000 ? short.format(count) : whole.format(count)
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** Of 1,000 bytes to the KB: `1.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value >= 99.95 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`
}

/** `340 ms`, `12.5 s`, `3 m 20 s`, `2 h 5 m`, `4 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const all = Math.round(seconds)
  const [days, hours, minutes] = [all / 86_400, (all / 3600) % 24, (all / 60) % 60].map(Math.floor)
  if (days) return hours ? `${days} d ${hours} h` : `${days} d`
  if (hours) return minutes ? `${hours} h ${minutes} m` : `${hours} h`
  const rest = all % 60
  return rest ? `${minutes} m ${rest} s` : `${minutes} m`
}

export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  if (share < 1 && share > 0.999) return '> 99.9 %'
  return `${(share * 100).toFixed(share < 0.1 || (share > 0.99 && share < 1) ? 1 : 0)} %`
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatIn(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = `${zone} ${JSON.stringify(options)}`
  let format = formats.get(name)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })
    formats.set(name, format)
  }
  return format
}

/** `3 Nov 2026, 14:05` in the zone; with seconds where they matter. */
export function formatTime(time: string | Date, zone: string, seconds = false): string {
  return formatIn(zone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
  }).format(new Date(time))
}

export function formatDay(time: string | Date, zone: string): string {
  return formatIn(zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(time))
}

/** `3 minutes ago`, `in 2 hours`; days from 36 hours on. */
export function formatAge(time: string | Date, now: number): string {
  const seconds = (new Date(time).getTime() - now) / 1000
  const [size, unit] =
    Math.abs(seconds) < 45
      ? [1, 'second' as const]
      : Math.abs(seconds) < 2700
        ? [60, 'minute' as const]
        : Math.abs(seconds) < 129_600
          ? [3600, 'hour' as const]
          : Math.abs(seconds) < 45 * 86_400
            ? [86_400, 'day' as const]
            : Math.abs(seconds) < 500 * 86_400
              ? [30.44 * 86_400, 'month' as const]
              : [365.25 * 86_400, 'year' as const]
  // Clocks differ a little, and the one that is looked at ticks four times a minute.
  if (unit === 'second') return seconds > 20 ? 'in a moment' : 'just now'
  return relative.format(Math.round(seconds / size), unit)
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** A value of a row as people read it; numbers as they are, not rounded. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'bigint') return whole.format(value)
  if (typeof value === 'number') {
    return Number.isInteger(value) ? whole.format(value) : String(Number(value.toPrecision(12)))
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
