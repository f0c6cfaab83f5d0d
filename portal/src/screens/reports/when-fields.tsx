import { useOperation } from '~/api/operation.ts'
import { cronOf, wordsOf, type Clock } from '~/screens/reports/cron-words.ts'
import type { Draft } from '~/screens/reports/draft.ts'
import { Part } from '~/sending/part.tsx'
import { reportsTexts } from '~/texts/reports.ts'
import { Select, TextField } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Problem } from '~/ui/states.tsx'

const texts = reportsTexts.form
const everys = ['hour', 'day', 'weekday', 'week', 'month', 'cron'] as const
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

/** By the clock, in words, with the next times; or when data arrive. */
export function WhenFields({
  draft,
  onChange,
}: {
  readonly draft: Draft
  readonly onChange: (some: Partial<Draft>) => void
}) {
  return (
    <Part title={texts.when}>
      <div>
        <Segments
          label={texts.trigger}
          value={draft.trigger}
          onChange={(trigger) => onChange({ trigger })}
          segments={(['clock', 'arrival'] as const).map((value) => ({
            value,
            label: texts.triggers[value],
          }))}
        />
      </div>
      {draft.trigger === 'arrival' ? (
        <p className="text-sm text-soft">{texts.arrivalHint}</p>
      ) : (
        <>
          <ClockFields
            clock={draft.clock}
            onChange={(some) => onChange({ clock: { ...draft.clock, ...some } })}
          />
          <Select
            label={texts.zone}
            value={draft.zone}
            onChange={(zone) => onChange({ zone })}
            choices={(zones.includes(draft.zone) ? zones : [draft.zone, ...zones]).map((zone) => ({
              value: zone,
              label: zone,
            }))}
          />
          <NextTimes cron={cronOf(draft.clock)} zone={draft.zone} />
        </>
      )}
    </Part>
  )
}

function ClockFields({
  clock,
  onChange,
}: {
  readonly clock: Clock
  readonly onChange: (some: Partial<Clock>) => void
}) {
  const { every } = clock
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Select
        label={texts.every}
        value={every}
        onChange={(value) =>
          onChange({
            every: value as Clock['every'],
            // What was chosen so far, to go on from.
            ...(value === 'cron' && { cron: cronOf(clock) }),
          })
        }
        choices={everys.map((value) => ({ value, label: texts.everys[value] }))}
      />
      {every === 'week' && (
        <Select
          label={texts.weekday}
          value={clock.weekday}
          onChange={(weekday) => onChange({ weekday })}
          choices={['1', '2', '3', '4', '5', '6', '0'].map((value) => ({
            value,
            label: reportsTexts.clock.weekdays[Number(value)] ?? value,
          }))}
        />
      )}
      {every === 'month' && (
        <Select
          label={texts.day}
          value={clock.day}
          onChange={(day) => onChange({ day })}
          choices={Array.from({ length: 31 }, (_, at) => String(at + 1)).map((value) => ({
            value,
            label: value,
          }))}
        />
      )}
      {every === 'cron' ? (
        <TextField
          label={texts.cron}
          hint={texts.cronHint}
          value={clock.cron}
          onChange={(cron) => onChange({ cron })}
          spellCheck={false}
        />
      ) : (
        <TextField
          label={texts.time}
          type="time"
          value={clock.time}
          onChange={(time) => onChange({ time: time === '' ? '00:00' : time })}
        />
      )}
    </div>
  )
}

function NextTimes({ cron, zone }: { readonly cron: string; readonly zone: string }) {
  const times = useOperation(
    'reports.times',
    { cron, zone, count: 5 },
    { enabled: cron.trim() !== '', keepFormer: true },
  )
  if (times.error) return <Problem error={times.error} />
  const walls = times.data?.times.map(({ wall }) => wall) ?? []
  return (
    <div className="rounded-md bg-sunken px-3 py-2 text-sm">
      <p className="font-medium">{reportsTexts.zoneOf(wordsOf(cron, reportsTexts.clock), zone)}</p>
      <p className="num text-xs text-soft">
        {times.data && walls.length === 0 ? texts.never : `${texts.next}: ${walls.join(' · ')}`}
      </p>
    </div>
  )
}
