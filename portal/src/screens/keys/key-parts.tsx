import { Ellipsis } from 'lucide-react'

import type { Key, KeyDeed, KeyUse } from '~/screens/keys/key.ts'
import { byHour, keyState, rateUsed } from '~/screens/keys/key-state.ts'
import { keys as words } from '~/texts/keys.ts'
import { IconButton } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'
import { copyText } from '~/ui/copy-as.tsx'
import { Bars, Gauge } from '~/ui/drawings.tsx'
import { formatCount } from '~/ui/format.ts'
import { Menu } from '~/ui/menu.tsx'
import { Status } from '~/ui/status.tsx'

const looks = { active: 'active', expiring: 'warning', expired: 'expired', revoked: 'revoked' }

export function KeyStatus({ apiKey, now }: { readonly apiKey: Key; readonly now: number }) {
  const state = keyState(apiKey, now)
  return <Status state={looks[state]} label={words.states[state]} />
}

/** How full the bucket is not, with the rate. */
export function RateGauge({ use }: { readonly use: KeyUse | undefined }) {
  if (use === undefined) return null
  const { left, burst, perMinute } = use
  const text = words.rateHint(formatCount(left), formatCount(burst), formatCount(perMinute))
  return (
    <span className="flex flex-col gap-1" title={text}>
      <span className="text-xs text-faint">{words.rateShort(formatCount(perMinute, true))}</span>
      <Gauge share={rateUsed({ left, burst })} label={text} />
    </span>
  )
}

/** Requests for rows of the last day, a bar for each hour. */
export function DayBars({
  use,
  now,
  className,
}: {
  readonly use: KeyUse | undefined
  readonly now: number
  readonly className?: string
}) {
  if (use === undefined) return null
  const values = byHour(use.hours, now)
  const all = values.reduce((sum, one) => sum + one, 0)
  return (
    <span className="flex items-center gap-2">
      <Bars
        values={values}
        label={words.requestsHint(formatCount(all))}
        className={classes('border-b border-line', className)}
      />
      <span className="num text-xs text-soft">{formatCount(all, true)}</span>
    </span>
  )
}

export function KeyMenu({
  apiKey,
  now,
  onDo,
}: {
  readonly apiKey: Key
  readonly now: number
  readonly onDo: (deed: KeyDeed) => void
}) {
  const works = ['active', 'expiring'].includes(keyState(apiKey, now))
  const item = (deed: KeyDeed['deed']) => ({
    label: words[deed],
    disabled: !works,
    onSelect: () => onDo({ key: apiKey, deed }),
  })
  return (
    // The row opens the key; what is pressed here does not.
    <span
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => event.stopPropagation()}
      role="presentation"
    >
      <Menu
        trigger={
          <IconButton label={words.actions(apiKey.name)}>
            <Ellipsis size={16} />
          </IconButton>
        }
        items={[
          { label: words.copyId, onSelect: () => void copyText(apiKey.id, words.id) },
          { ...item('rotate'), operation: 'keys.rotate' },
          { ...item('limit'), operation: 'keys.limit' },
          { ...item('revoke'), operation: 'keys.revoke', danger: true },
        ]}
      />
    </span>
  )
}
