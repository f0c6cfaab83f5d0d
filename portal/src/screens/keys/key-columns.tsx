import { PermissionWords } from '~/doors/permission-marks.tsx'
import { Seen } from '~/doors/seen.tsx'
import type { Key, KeyDeed, KeyUse } from '~/screens/keys/key.ts'
import { DayBars, KeyMenu, KeyStatus, RateGauge } from '~/screens/keys/key-parts.tsx'
import { common } from '~/texts/common.ts'
import { keys as words } from '~/texts/keys.ts'
import type { Column } from '~/ui/data-table.tsx'
import { Time } from '~/ui/time.tsx'

export interface KeyGiven {
  readonly uses: ReadonlyMap<string, KeyUse>
  readonly names: readonly string[] | undefined
  readonly now: number
  readonly onDo: (deed: KeyDeed) => void
}

export function keyColumns({ uses, names, now, onDo }: KeyGiven): Column<Key>[] {
  return [
    {
      id: 'name',
      title: words.name,
      width: 'auto',
      cell: ({ name, id }) => (
        <>
          <span className="block truncate font-medium" title={name}>
            {name}
          </span>
          <code className="block truncate font-mono text-xs text-faint">{id}</code>
        </>
      ),
    },
    {
      id: 'state',
      title: words.state,
      width: 110,
      cell: (key) => <KeyStatus apiKey={key} now={now} />,
    },
    {
      id: 'may',
      title: words.may,
      width: 210,
      cell: ({ permissions }) => <PermissionWords permissions={permissions} />,
    },
    {
      id: 'sees',
      title: words.sees,
      width: 170,
      cell: ({ access }) => <Seen access={access} names={names} />,
    },
    {
      id: 'used',
      title: words.lastUsed,
      width: 120,
      cell: ({ lastUsedAt }) =>
        lastUsedAt === null ? (
          <span className="text-faint">{words.neverUsed}</span>
        ) : (
          <Time at={lastUsedAt} />
        ),
    },
    {
      id: 'requests',
      title: words.requests,
      width: 160,
      cell: ({ id }) => <DayBars use={uses.get(id)} now={now} />,
    },
    {
      id: 'rate',
      title: words.rate,
      width: 110,
      cell: ({ id }) => <RateGauge use={uses.get(id)} />,
    },
    {
      id: 'expires',
      title: words.expires,
      width: 110,
      cell: ({ expiresAt }) =>
        expiresAt === null ? (
          <span className="text-faint">{words.neverEnds}</span>
        ) : (
          <Time at={expiresAt} />
        ),
    },
    {
      id: 'actions',
      title: <span className="sr-only">{common.more}</span>,
      width: 56,
      align: 'right',
      cell: (key) => <KeyMenu apiKey={key} now={now} onDo={onDo} />,
    },
  ]
}
