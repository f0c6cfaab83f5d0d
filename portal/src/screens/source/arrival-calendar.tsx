import { useZone } from '~/api/access.ts'
import { dayIn } from '~/intake/days.ts'
import { HeatGrid } from '~/intake/heat-grid.tsx'
import type { Arrival } from '~/screens/source/arrival.ts'
import { calendarOf, daysOf } from '~/screens/source/calendar-of.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { formatCount } from '~/ui/format.ts'
import { useNow } from '~/ui/time.tsx'

const columns = Array.from({ length: 31 }, (_, at) => ({
  key: String(at + 1).padStart(2, '0'),
  label: at === 0 || (at + 1) % 5 === 0 ? String(at + 1) : null,
}))

/** Months by days: how much came in, and whether all of it could be used. */
export function ArrivalCalendar({
  arrivals,
  picked,
  onPick,
}: {
  readonly arrivals: readonly Arrival[]
  readonly picked: string | null
  readonly onPick: (day: string) => void
}) {
  const zone = useZone()
  const today = dayIn(new Date(useNow()), zone)
  const { days, months, most } = calendarOf(arrivals, today, (at) => dayIn(at, zone))
  return (
    <HeatGrid
      label={texts.calendar}
      size={16}
      heading="narrow"
      rows={months.map((month) => ({ key: month, label: month, name: month }))}
      columns={columns}
      cell={(row, column) => {
        const day = `${row.key}-${column.key}`
        const found = days.get(day)
        if (Number(column.key) > daysOf(row.key)) return undefined
        if (!found) return null
        return {
          words: texts.calendarCell(
            day,
            formatCount(found.readings),
            formatCount(found.received),
            formatCount(found.quarantined),
          ),
          colour: 'var(--accent)',
          strength: 0.1 + 0.6 * Math.sqrt(found.received / most),
          mark: found.quarantined > 0 ? '!' : undefined,
        }
      }}
      picked={picked === null ? null : { row: picked.slice(0, 7), column: picked.slice(8) }}
      onPick={(row, column) => onPick(`${row.key}-${column.key}`)}
    />
  )
}
