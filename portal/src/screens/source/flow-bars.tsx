import { useZone } from '~/api/access.ts'
import type { Arrival } from '~/screens/source/arrival.ts'
import { intakeTexts } from '~/texts/intake.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { classes } from '~/ui/classes.ts'
import { formatCount, formatTime } from '~/ui/format.ts'

const SHOWN = 48

const parts = [
  { key: 'quarantined', colour: 'var(--warn)' },
  { key: 'repaired', colour: 'var(--busy)' },
  { key: 'accepted', colour: 'var(--good)' },
] as const

/** Each reading as a bar of what became of its rows, the rejected ones on top. */
export function FlowBars({
  arrivals,
  picked,
  onPick,
}: {
  readonly arrivals: readonly Arrival[]
  readonly picked: number | null
  readonly onPick: (arrival: Arrival) => void
}) {
  const zone = useZone()
  const shown = arrivals.slice(0, SHOWN).toReversed()
  const most = Math.max(...shown.map(({ received }) => received), 1)
  return (
    <div className="flex flex-col gap-3">
      <div className="flex h-32 items-end gap-0.5 border-b border-line">
        {shown.map((arrival) => {
          const words = texts.flowBar(
            arrival.partition,
            formatTime(arrival.at, zone),
            formatCount(arrival.received),
            formatCount(arrival.quarantined),
          )
          return (
            <button
              key={arrival.version}
              type="button"
              aria-label={words}
              aria-pressed={arrival.version === picked}
              title={words}
              onClick={() => onPick(arrival)}
              className={classes(
                'flex h-full max-w-10 min-w-1.5 grow basis-0 flex-col justify-end rounded-t-xs px-px hover:bg-sunken',
                arrival.version === picked && 'bg-accent-soft',
              )}
            >
              {parts.map(({ key, colour }) => (
                <span
                  key={key}
                  className="w-full"
                  style={{
                    height: `${(arrival[key] / most) * 96}%`,
                    minHeight: arrival[key] > 0 ? 3 : 0,
                    background: colour,
                  }}
                />
              ))}
            </button>
          )
        })}
      </div>
      <div className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
        {parts.toReversed().map(({ key, colour }) => (
          <span key={key} className="inline-flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-xs" style={{ background: colour }} />
            {intakeTexts.parts[key]}
          </span>
        ))}
      </div>
    </div>
  )
}
