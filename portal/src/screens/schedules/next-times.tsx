import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Time } from '~/ui/time.tsx'

/** Due times that come, as the wall of their zone shows them. */
export function NextTimes({
  zone,
  times,
}: {
  readonly zone: string
  readonly times: readonly {
    readonly at: string
    readonly wall: string
    readonly partition: string | null
  }[]
}) {
  if (times.length === 0) return <p className="text-sm text-warn">{texts.nextNone}</p>
  return (
    <ol className="flex flex-col gap-1 text-sm">
      {times.map(({ at, wall, partition }) => (
        <li key={at} className="flex flex-wrap items-baseline gap-x-3">
          <span className="num font-medium">
            {weekdayOf(wall)} {wall}
          </span>
          <span className="text-xs text-faint">
            {zone} · <Time at={at} />
          </span>
          {partition !== null && <code className="font-mono text-xs text-soft">{partition}</code>}
        </li>
      ))}
    </ol>
  )
}

/** Of a wall time, `2021-04-17 02:30`, whatever the zone. */
function weekdayOf(wall: string): string {
  return texts.weekdayNames[new Date(`${wall.slice(0, 10)}T00:00:00Z`).getUTCDay()] ?? ''
}
