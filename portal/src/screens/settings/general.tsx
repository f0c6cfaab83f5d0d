import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { SaveBar } from '~/screens/settings/save-bar.tsx'
import type { TenantSettings } from '~/screens/settings/tenant-settings.ts'
import { settingsTexts } from '~/texts/settings.ts'
import { Card } from '~/ui/card.tsx'
import { Fact } from '~/ui/fact.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount, formatTime } from '~/ui/format.ts'
import { Time, useNow } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

const texts = settingsTexts.general

/** Name, zone and language; what operators have set stands beside it. */
export function General({ settings }: { readonly settings: TenantSettings }) {
  const now = useNow()
  const former = {
    name: settings.name,
    timeZone: settings.timeZone,
    locale: settings.locale,
  }
  const [given, setGiven] = useState(former)
  const save = useChange('tenants.configure', { onDone: () => showDone(settingsTexts.saved) })
  const changed = Object.entries(given).filter(
    ([field, value]) => value !== former[field as keyof typeof former],
  )
  const told = timeIn(given.timeZone, now)
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <Card title={texts.title}>
        <div className="flex flex-col gap-4">
          <TextField
            label={texts.name}
            hint={texts.nameHint}
            maxLength={200}
            value={given.name}
            onChange={(name) => setGiven({ ...given, name })}
          />
          <TextField
            label={texts.zone}
            hint={told === null ? undefined : texts.zoneHint(told)}
            error={told === null ? texts.zoneWrong : undefined}
            list="time-zones"
            value={given.timeZone}
            onChange={(timeZone) => setGiven({ ...given, timeZone })}
          />
          <datalist id="time-zones">
            {Intl.supportedValuesOf('timeZone').map((zone) => (
              <option key={zone} value={zone}>
                {zone}
              </option>
            ))}
          </datalist>
          <TextField
            label={texts.locale}
            hint={texts.localeHint}
            maxLength={35}
            value={given.locale}
            onChange={(locale) => setGiven({ ...given, locale })}
          />
          <TextField
            label={texts.slug}
            hint={texts.slugHint}
            value={settings.slug}
            onChange={() => {}}
            disabled
          />
        </div>
        <SaveBar
          isChanged={changed.length > 0}
          isWrong={told === null || given.name.trim() === ''}
          busy={save.isPending}
          onSave={() => save.mutate({ slug: settings.slug, ...Object.fromEntries(changed) })}
          onUndo={() => setGiven(former)}
        />
      </Card>
      <Provided settings={settings} />
    </div>
  )
}

/** Null: there is no such zone. */
function timeIn(zone: string, now: number): string | null {
  try {
    return formatTime(new Date(now), zone)
  } catch {
    return null
  }
}

function Provided({ settings }: { readonly settings: TenantSettings }) {
  const { packs, weight, limit, rate, keepDaysMax, createdAt } = settings
  return (
    <Card title={texts.provided} note={texts.providedNote}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2 text-sm">
        <Fact name={texts.packs}>{packs === null ? texts.allPacks : packs.join(', ')}</Fact>
        <Fact name={texts.weight}>{texts.weightHint(formatCount(weight))}</Fact>
        <Fact name={texts.limit}>{limit === null ? texts.noLimit : formatCount(limit)}</Fact>
        <Fact name={texts.rate}>{rate ?? texts.noLimit}</Fact>
        <Fact name={texts.keepMost}>
          {keepDaysMax === null ? texts.noLimit : texts.days(formatCount(keepDaysMax))}
        </Fact>
        <Fact name={texts.since}>
          <Time at={createdAt} exact />
        </Fact>
      </dl>
    </Card>
  )
}
