import type { OutputOf } from '~/api/client.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { Button } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'
import { formatCount } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'

type State = OutputOf<'matrix.show'>['states'][number]

/** What the squares mean and how many there are; pressed, only rows with them are shown. */
export function Legend({
  states,
  totals,
  chosen,
  onChange,
}: {
  readonly states: readonly State[]
  readonly totals: readonly number[]
  readonly chosen: readonly string[]
  readonly onChange: (states: readonly string[]) => void
}) {
  const shown = states.filter((state, code) => (totals[code] ?? 0) > 0 || chosen.includes(state))
  return (
    <div role="group" aria-label={texts.legend} className="flex flex-wrap items-center gap-1.5">
      {shown.map((state) => {
        const isOn = chosen.includes(state)
        return (
          <button
            key={state}
            type="button"
            aria-pressed={isOn}
            title={texts.meanings[state]}
            onClick={() =>
              onChange(isOn ? chosen.filter((other) => other !== state) : [...chosen, state])
            }
            className={classes(
              'inline-flex h-7 items-center gap-1.5 rounded-full border px-2.5 text-xs',
              isOn
                ? 'border-accent bg-accent-soft text-ink'
                : 'border-line text-soft hover:bg-sunken',
            )}
          >
            <StatusMark state={state} size={11} />
            {texts.states[state]}
            <span className="num text-faint">
              {formatCount(totals[states.indexOf(state)] ?? 0, true)}
            </span>
          </button>
        )
      })}
      {chosen.length > 0 && (
        <Button look="quiet" size="small" onClick={() => onChange([])}>
          {texts.showAll}
        </Button>
      )}
    </div>
  )
}
