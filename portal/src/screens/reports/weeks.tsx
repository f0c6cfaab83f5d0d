import { useZone } from '~/api/access.ts'
import { dayIn, stripOf } from '~/screens/reports/day-strip.ts'
import { reportsTexts as texts } from '~/texts/reports.ts'
import { classes } from '~/ui/classes.ts'
import { formatTime } from '~/ui/format.ts'

const DAYS = 28

/** The coming four weeks, a square a day: filled where it is due, darker where often. */
export function Weeks({
  report,
  times,
  from,
  isMore,
}: {
  readonly report: string
  readonly times: readonly string[]
  readonly from: string
  /** It goes on in the same way behind the last of the times. */
  readonly isMore: boolean
}) {
  const zone = useZone()
  const last = times.at(-1)
  const restFrom = isMore && last !== undefined ? dayIn(zone, Date.parse(last)) : null
  const days = stripOf(times, { fromMs: Date.parse(from), days: DAYS, zone })
  return (
    <div
      role="img"
      aria-label={texts.strip(report, times.length, isMore)}
      className="flex h-5 w-full max-w-100 items-stretch gap-px"
    >
      {days.map(({ day, weekday, times: own }) => {
        const goesOn = restFrom !== null && day >= restFrom
        const clocks = own.slice(0, 5).map((at) => formatTime(at, zone).slice(-5))
        const words = [...clocks, ...(own.length > 5 || goesOn ? [texts.andSoOn] : [])].join(', ')
        return (
          <span
            key={day}
            title={words === '' ? day : texts.stripDay(day, words)}
            className={classes(
              'min-w-0.5 grow rounded-xs',
              words === '' && (weekday % 6 === 0 ? 'bg-line/60' : 'bg-sunken'),
              own.length === 1 && !goesOn && 'bg-accent/70',
              (own.length > 1 || goesOn) && 'bg-accent',
              weekday === 1 && 'ml-1',
            )}
          />
        )
      })}
    </div>
  )
}
