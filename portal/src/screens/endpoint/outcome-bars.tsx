import { useZone } from '~/api/access.ts'
import { outcomes, type OutcomeName, type Step } from '~/screens/endpoint/traffic-grid.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { classes } from '~/ui/classes.ts'
import { formatCount, formatTime } from '~/ui/format.ts'

const texts = endpointTexts.traffic
const LEFT = 58

export const outcomeColours: Readonly<Record<OutcomeName, string>> = {
  answered: 'var(--good)',
  cached: 'var(--series-1)',
  refused: 'var(--warn)',
  unavailable: 'var(--idle)',
  broken: 'var(--bad)',
}

/** Requests of each step, stacked by how they ended; a bar leads to its hours. */
export function OutcomeBars({
  steps,
  chosen,
  onChoose,
}: {
  readonly steps: readonly Step[]
  readonly chosen: number | null
  readonly onChoose: (step: number) => void
}) {
  const zone = useZone()
  const most = Math.max(...steps.map(({ requests }) => requests), 1)
  const last = steps.at(-1)
  return (
    <div>
      <div className="flex h-32">
        <div
          aria-hidden
          className="num flex shrink-0 flex-col justify-between pr-2 text-right text-2xs text-faint"
          style={{ width: LEFT }}
        >
          <span>{formatCount(most, true)}</span>
          <span>0</span>
        </div>
        <div className="flex min-w-0 grow items-stretch gap-px border-b border-line">
          {steps.map((step, at) => {
            const parts = outcomes.filter((name) => step.outcome[name] > 0)
            const said = parts.map((name) =>
              texts.part(formatCount(step.outcome[name]), texts.outcome[name]),
            )
            const name = texts.bar(
              formatTime(new Date(step.fromMs), zone),
              said.length === 0 ? texts.none : said.join(', '),
            )
            return (
              <button
                key={step.fromMs}
                type="button"
                aria-label={name}
                aria-pressed={at === chosen}
                title={name}
                // Only what has something to lead to is gone through with the keyboard.
                tabIndex={step.requests === 0 ? -1 : 0}
                onClick={() => onChoose(at)}
                className={classes(
                  'flex min-w-0 grow flex-col-reverse hover:bg-sunken',
                  at === chosen && 'bg-accent-soft',
                )}
              >
                {parts.map((part) => (
                  <span
                    key={part}
                    className="w-full shrink-0"
                    style={{
                      height: `${Math.max((step.outcome[part] / most) * 100, 1)}%`,
                      background: outcomeColours[part],
                    }}
                  />
                ))}
              </button>
            )
          })}
        </div>
      </div>
      {steps[0] && last && (
        <div
          aria-hidden
          className="num flex justify-between pt-1 text-2xs text-faint"
          style={{ paddingLeft: LEFT }}
        >
          <span>{formatTime(new Date(steps[0].fromMs), zone)}</span>
          <span>{formatTime(new Date(last.toMs), zone)}</span>
        </div>
      )}
    </div>
  )
}

/** What the colours mean, with the numbers: the words are the key, not the colours alone. */
export function OutcomeKey({
  outcome,
}: {
  readonly outcome: Readonly<Record<OutcomeName, number>>
}) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {outcomes.map((name) => (
        <li key={name} className="flex items-center gap-1.5" title={texts.outcomeNotes[name]}>
          <span
            aria-hidden
            className="size-2.5 rounded-xs"
            style={{ background: outcomeColours[name] }}
          />
          {texts.part(formatCount(outcome[name]), texts.outcome[name])}
        </li>
      ))}
    </ul>
  )
}
