import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { SaveBar } from '~/screens/settings/save-bar.tsx'
import type { TenantSettings } from '~/screens/settings/tenant-settings.ts'
import { settingsTexts } from '~/texts/settings.ts'
import { Card } from '~/ui/card.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { showDone } from '~/ui/toast.tsx'

const texts = settingsTexts.keeping
const DAYS_MAX = 36_500
const FIRST_DAYS = '30'

const parts = [
  {
    field: 'keepVersionsDays',
    label: texts.versions,
    hint: texts.versionsHint,
    none: texts.byDefault,
  },
  { field: 'keepRunsDays', label: texts.runs, hint: texts.runsHint, none: texts.forGood },
  { field: 'keepLogsDays', label: texts.logs, hint: texts.logsHint, none: texts.asTasks },
] as const
type Field = (typeof parts)[number]['field']
type Given = Readonly<Record<Field, string | null>>

/** How long what nobody needs any more is kept. */
export function Keeping({ settings }: { readonly settings: TenantSettings }) {
  const former = Object.fromEntries(
    parts.map(({ field }) => [field, settings[field]?.toString() ?? null]),
  ) as Given
  const [given, setGiven] = useState(former)
  const save = useChange('tenants.configure', { onDone: () => showDone(settingsTexts.saved) })
  const most = settings.keepDaysMax ?? DAYS_MAX
  const isWrong = (text: string | null) =>
    text !== null && !(/^\d{1,6}$/.test(text) && Number(text) <= most)
  const changed = parts.filter(({ field }) => given[field] !== former[field])
  return (
    <Card title={texts.title} note={texts.note}>
      <div className="flex max-w-xl flex-col gap-5">
        {parts.map(({ field, label, hint, none }) => {
          const value = given[field]
          return (
            <div key={field} className="flex flex-col gap-1.5">
              <div className="flex flex-wrap items-end gap-3">
                <div className="mr-auto min-w-48">
                  <h3 className="text-sm font-medium">{label}</h3>
                  <p className="text-xs text-faint">{hint}</p>
                </div>
                <Segments
                  label={label}
                  value={value === null ? 'none' : 'days'}
                  onChange={(next) =>
                    setGiven({ ...given, [field]: next === 'none' ? null : FIRST_DAYS })
                  }
                  segments={[
                    { value: 'none', label: none },
                    { value: 'days', label: texts.own },
                  ]}
                />
              </div>
              {value !== null && (
                <div className="w-40 self-end">
                  <TextField
                    label={`${texts.days}: ${label}`}
                    quiet
                    inputMode="numeric"
                    value={value}
                    onChange={(text) => setGiven({ ...given, [field]: text.trim() })}
                    error={isWrong(value) ? texts.wrong(formatCount(most)) : undefined}
                  />
                </div>
              )}
            </div>
          )
        })}
      </div>
      <SaveBar
        isChanged={changed.length > 0}
        isWrong={changed.some(({ field }) => isWrong(given[field]))}
        busy={save.isPending}
        onSave={() =>
          save.mutate({
            slug: settings.slug,
            ...Object.fromEntries(
              changed.map(({ field }) => {
                const days = given[field]
                return [field, days === null ? null : Number(days)]
              }),
            ),
          })
        }
        onUndo={() => setGiven(former)}
      />
    </Card>
  )
}
