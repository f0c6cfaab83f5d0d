const formats = new Map<string, Intl.DateTimeFormat>()

/** The day that a time lies on in a zone: `2026-11-22`. */
export function dayIn(at: string | Date, zone: string): string {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
    formats.set(zone, format)
  }
  return format.format(new Date(at))
}

const DAY_MS = 86_400_000

/** So many days up to `last`, the oldest first. */
export function daysUpTo(last: string, count: number): string[] {
  const end = Date.parse(`${last}T00:00:00Z`)
  return Array.from({ length: count }, (_, at) =>
    new Date(end - (count - 1 - at) * DAY_MS).toISOString().slice(0, 10),
  )
}
