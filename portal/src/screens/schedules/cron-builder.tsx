import { useDeferredValue } from 'react'

import { useOperation } from '~/api/operation.ts'
import { cronOf, rhythms, type CronChoice, type Rhythm } from '~/screens/schedules/cron-choice.ts'
import { cronWords } from '~/screens/schedules/cron-words.ts'
import { NextTimes } from '~/screens/schedules/next-times.tsx'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { classes } from '~/ui/classes.ts'
import { Select, TextField } from '~/ui/field.tsx'
import { Problem, Skeleton } from '~/ui/states.tsx'

const everies = [1, 2, 5, 10, 15, 20, 30]

/** A rhythm by choice or as an expression: what it means in words, and its next five times. */
export function CronBuilder({
  choice,
  onChange,
  zone,
  onZone,
  partition,
}: {
  readonly choice: CronChoice
  readonly onChange: (choice: CronChoice) => void
  /** Empty: the tenant's. */
  readonly zone: string
  readonly onZone: (zone: string) => void
  readonly partition: string
}) {
  const set = (more: Partial<CronChoice>) => onChange({ ...choice, ...more })
  const cron = cronOf(choice)
  const asked = useDeferredValue(cron)
  const askedZone = useDeferredValue(zone.trim())
  const askedPartition = useDeferredValue(partition.trim())
  const preview = useOperation(
    'schedules.preview',
    {
      cron: asked,
      count: 5,
      ...(askedZone !== '' && { zone: askedZone }),
      ...(askedPartition !== '' && { partition: askedPartition }),
    },
    { enabled: asked !== '', keepFormer: true },
  )
  const words = cronWords(cron)
  const { rhythm } = choice
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-3">
        <Select
          label={texts.rhythm}
          value={rhythm}
          onChange={(value) => set({ rhythm: value as Rhythm, own: cron })}
          choices={rhythms.map((value) => ({ value, label: texts.rhythms[value] }))}
        />
        {rhythm === 'minutes' && (
          <Select
            label={texts.everyMinutes}
            value={String(choice.every)}
            onChange={(value) => set({ every: Number(value) })}
            choices={everies.map((one) => ({ value: String(one), label: String(one) }))}
          />
        )}
        {rhythm === 'hourly' && (
          <Select
            label={texts.minuteOf}
            value={String(Number(choice.time.slice(3)))}
            onChange={(value) => set({ time: `00:${value.padStart(2, '0')}` })}
            choices={Array.from({ length: 60 }, (_, at) => ({
              value: String(at),
              label: String(at),
            }))}
          />
        )}
        {(rhythm === 'daily' || rhythm === 'weekly' || rhythm === 'monthly') && (
          <TextField
            label={texts.time}
            type="time"
            value={choice.time}
            onChange={(time) => set({ time })}
            required
          />
        )}
        {rhythm === 'monthly' && (
          <Select
            label={texts.day}
            value={choice.day}
            onChange={(day) => set({ day })}
            choices={[
              ...Array.from({ length: 31 }, (_, at) => ({
                value: String(at + 1),
                label: String(at + 1),
              })),
              { value: 'L', label: texts.lastDay },
            ]}
          />
        )}
        {rhythm === 'own' && (
          <TextField
            label={texts.own}
            hint={texts.ownHint}
            value={choice.own}
            onChange={(own) => set({ own })}
            required
            spellCheck={false}
          />
        )}
        <TextField
          label={texts.zone}
          hint={texts.zoneHint}
          value={zone}
          onChange={onZone}
          placeholder={preview.data?.zone ?? ''}
          list="schedule-zones"
        />
        <datalist id="schedule-zones">
          {Intl.supportedValuesOf('timeZone').map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </datalist>
      </div>
      {rhythm === 'weekly' && (
        <fieldset>
          <legend className="mb-1 text-xs font-medium text-soft">{texts.weekdays}</legend>
          <div className="flex flex-wrap gap-1">
            {[1, 2, 3, 4, 5, 6, 0].map((day) => {
              const isOn = choice.weekdays.includes(day)
              return (
                <button
                  key={day}
                  type="button"
                  aria-pressed={isOn}
                  onClick={() =>
                    set({
                      weekdays: isOn
                        ? choice.weekdays.filter((one) => one !== day)
                        : [...choice.weekdays, day],
                    })
                  }
                  className={classes(
                    'h-8 w-12 rounded-md border text-xs font-medium',
                    isOn
                      ? 'border-accent bg-accent text-accent-ink'
                      : 'border-line bg-surface text-soft hover:bg-sunken',
                  )}
                >
                  {texts.weekdayNames[day]}
                </button>
              )
            })}
          </div>
        </fieldset>
      )}
      <div className="rounded-md bg-sunken p-3" aria-live="polite">
        <p className="text-sm font-medium">
          {words ?? texts.noWords}{' '}
          <code className="font-mono text-xs font-normal text-faint">{cron}</code>
        </p>
        <p className="mt-2 mb-1 text-xs text-faint">{texts.nextTimes}</p>
        {preview.error ? (
          <Problem error={preview.error} />
        ) : preview.data ? (
          <NextTimes zone={preview.data.zone} times={preview.data.times} />
        ) : (
          <Skeleton className="h-24 w-full" />
        )}
      </div>
    </div>
  )
}
