import type { OutputOf } from '~/api/client.ts'
import { qualityTexts as texts } from '~/texts/quality.ts'
import { classes } from '~/ui/classes.ts'
import { formatCount, formatShare } from '~/ui/format.ts'

type Day = OutputOf<'quality.days'>['days'][number]

/** The score as a line over rows that came in as bars; each day is a button. */
export function ScoreLine({
  days,
  picked,
  onPick,
}: {
  readonly days: readonly Day[]
  readonly picked: string | null
  readonly onPick: (day: string) => void
}) {
  const most = Math.max(...days.map(({ received }) => received), 1)
  const step = 100 / days.length
  const points = days.flatMap(({ score }, at) =>
    score === null ? [] : [{ x: (at + 0.5) * step, y: 96 - score * 88 }],
  )
  const line = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('')
  return (
    <div className="flex flex-col gap-1">
      <div className="relative h-36">
        <svg
          aria-hidden
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          className="absolute inset-0 size-full"
        >
          {[8, 52, 96].map((y) => (
            <line
              key={y}
              x1="0"
              x2="100"
              y1={y}
              y2={y}
              stroke="var(--line)"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          <path
            d={line}
            fill="none"
            stroke="var(--accent)"
            strokeWidth="2"
            strokeLinejoin="round"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
        <div className="absolute inset-0 flex">
          {days.map((day) => (
            <DayButton
              key={day.day}
              day={day}
              most={most}
              isPicked={picked === day.day}
              onPick={onPick}
            />
          ))}
        </div>
      </div>
      <div className="num flex justify-between text-2xs text-faint" aria-hidden>
        <span>{days[0]?.day}</span>
        <span>{days.at(-1)?.day}</span>
      </div>
    </div>
  )
}

function DayButton({
  day,
  most,
  isPicked,
  onPick,
}: {
  readonly day: Day
  readonly most: number
  readonly isPicked: boolean
  readonly onPick: (day: string) => void
}) {
  const { score, received, quarantined, warned, blocked } = day
  const share = (rows: number) => `${(rows / most) * 45}%`
  const words = texts.scoreDay(
    day.day,
    score === null ? '–' : formatShare(score),
    formatCount(received),
    formatCount(quarantined),
    formatCount(warned + blocked),
  )
  return (
    <button
      type="button"
      aria-label={words}
      aria-pressed={isPicked}
      title={words}
      disabled={score === null}
      onClick={() => onPick(day.day)}
      className={classes(
        'relative flex h-full min-w-0 grow basis-0 flex-col justify-end rounded-xs px-px pb-[5px]',
        score !== null && 'hover:bg-sunken/70',
        isPicked && 'bg-accent-soft',
      )}
    >
      {score !== null && (
        <span
          className="absolute left-1/2 size-3 -translate-1/2 rounded-full border-2 border-surface"
          style={{
            top: `${96 - score * 88}%`,
            background: score > 0.99 ? 'var(--good)' : score > 0.9 ? 'var(--warn)' : 'var(--bad)',
          }}
        />
      )}
      <span
        className="w-full rounded-t-xs bg-warn"
        style={{ height: share(quarantined), minHeight: quarantined > 0 ? 2 : 0 }}
      />
      <span
        className="w-full bg-accent/20"
        style={{ height: share(received - quarantined), minHeight: received > 0 ? 1 : 0 }}
      />
    </button>
  )
}
