import { PermissionWords } from '~/doors/permission-marks.tsx'
import { Seen } from '~/doors/seen.tsx'
import type { KeyGiven } from '~/screens/keys/key-columns.tsx'
import { DayBars, KeyMenu, KeyStatus, RateGauge } from '~/screens/keys/key-parts.tsx'
import type { Key } from '~/screens/keys/key.ts'
import { common } from '~/texts/common.ts'
import { keys as words } from '~/texts/keys.ts'
import { Button } from '~/ui/button.tsx'
import { Time } from '~/ui/time.tsx'

/** The same keys where the window is too narrow for a table. */
export function KeyCards({
  keys,
  uses,
  names,
  now,
  onDo,
  onOpen,
  onMore,
}: KeyGiven & {
  readonly keys: readonly Key[]
  readonly onOpen: (key: Key) => void
  readonly onMore: (() => void) | undefined
}) {
  return (
    <>
      <ul aria-label={words.tabs.keys}>
        {keys.map((key) => (
          <li key={key.id} className="flex flex-col gap-2 border-t border-line px-4 py-3 text-sm">
            <div className="flex items-start justify-between gap-2">
              <button type="button" onClick={() => onOpen(key)} className="min-w-0 text-left">
                <span className="block truncate font-medium">{key.name}</span>
                <code className="block truncate font-mono text-xs text-faint">{key.id}</code>
              </button>
              <KeyMenu apiKey={key} now={now} onDo={onDo} />
            </div>
            <div className="flex flex-wrap items-center gap-2">
              <KeyStatus apiKey={key} now={now} />
              <PermissionWords permissions={key.permissions} />
            </div>
            <div className="grid grid-cols-2 items-end gap-x-4 gap-y-2">
              <Seen access={key.access} names={names} />
              <RateGauge use={uses.get(key.id)} />
              <DayBars use={uses.get(key.id)} now={now} />
              <span className="text-xs text-faint">
                {words.lastUsed}{' '}
                {key.lastUsedAt === null ? words.neverUsed : <Time at={key.lastUsedAt} />}
              </span>
            </div>
          </li>
        ))}
      </ul>
      {onMore && (
        <div className="flex justify-center p-3">
          <Button onClick={onMore}>{common.showMore}</Button>
        </div>
      )}
    </>
  )
}
