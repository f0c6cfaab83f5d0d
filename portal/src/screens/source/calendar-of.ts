interface Arrived {
  readonly at: string
  readonly received: number
  readonly quarantined: number
}

interface CalendarDay {
  readonly readings: number
  readonly received: number
  readonly quarantined: number
}

const MONTHS_MIN = 6

/** Arrivals by day, and the months from the first one (six to twelve) to that of today, newest first. */
export function calendarOf(
  arrivals: readonly Arrived[],
  today: string,
  dayOf: (at: string) => string,
) {
  const days = new Map<string, CalendarDay>()
  for (const { at, received, quarantined } of arrivals) {
    const day = dayOf(at)
    const former = days.get(day) ?? { readings: 0, received: 0, quarantined: 0 }
    days.set(day, {
      readings: former.readings + 1,
      received: former.received + received,
      quarantined: former.quarantined + quarantined,
    })
  }
  const first = [...days.keys()].reduce((least, day) => (day < least ? day : least), today)
  const months: string[] = []
  for (let month = today.slice(0, 7); months.length < 12; month = monthBefore(month)) {
    months.push(month)
    if (month <= first.slice(0, 7) && months.length >= MONTHS_MIN) break
  }
  const most = Math.max(...[...days.values()].map(({ received }) => received), 1)
  return { days, months, most }
}

export function monthBefore(month: string): string {
  const [year = 0, of = 1] = month.split('-').map(Number)
  return of === 1 ? `${year - 1}-12` : `${year}-${String(of - 1).padStart(2, '0')}`
}

/** How many days a month has: `2024-02` has 29. */
export function daysOf(month: string): number {
  const [year = 0, of = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, of, 0)).getUTCDate()
}
