const DAY_MS = 86_400_000

/** So many days up to `today` (`2026-11-22`), the oldest first. */
export function daysUpTo(today: string, days: number): string[] {
  const end = Date.parse(`${today}T00:00:00Z`)
  return Array.from({ length: days }, (_, at) =>
    new Date(end - (days - 1 - at) * DAY_MS).toISOString().slice(0, 10),
  )
}

/** The value of each of the days; 0 for those that nothing is told of. */
export function valuesByDay<Row extends { readonly day: string }>(
  days: readonly string[],
  rows: readonly Row[],
  value: (row: Row) => number,
): number[] {
  const byDay = new Map(rows.map((row) => [row.day, value(row)]))
  return days.map((day) => byDay.get(day) ?? 0)
}
