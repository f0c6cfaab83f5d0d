const DAY_MS = 86_400_000

export interface StripDay {
  /** `2026-11-23` in the zone. */
  readonly day: string
  /** 0 is Sunday. */
  readonly weekday: number
  readonly times: readonly string[]
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** The day that an instant is on, as the zone has it: `2026-11-23`. */
export function dayIn(zone: string, at: number): string {
  let format = formats.get(zone)
  if (format === undefined) {
    // The one locale whose short dates are ISO 8601.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone })
    formats.set(zone, format)
  }
  return format.format(at)
}

/** The coming days, each with the times that are on it. */
export function stripOf(
  times: readonly string[],
  { fromMs, days, zone }: { readonly fromMs: number; readonly days: number; readonly zone: string },
): StripDay[] {
  const byDay = Map.groupBy(times, (time) => dayIn(zone, Date.parse(time)))
  const first = Date.parse(`${dayIn(zone, fromMs)}T00:00:00Z`)
  return Array.from({ length: days }, (_, at) => {
    const date = new Date(first + at * DAY_MS)
    const day = date.toISOString().slice(0, 10)
    return { day, weekday: date.getUTCDay(), times: byDay.get(day) ?? [] }
  })
}
