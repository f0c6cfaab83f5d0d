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
