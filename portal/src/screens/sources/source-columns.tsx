import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { DayBars } from '~/intake/day-bars.tsx'
import { sourcesTexts as texts } from '~/texts/sources.ts'
import type { Column } from '~/ui/data-table.tsx'
import { formatCount, formatShare } from '~/ui/format.ts'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

export type SourceRow = OutputOf<'sources.list'>['sources'][number]

export const sourceColumns: readonly Column<SourceRow>[] = [
  {
    id: 'state',
    title: texts.state,
    width: 130,
    sortBy: ({ state }) => state,
    cell: ({ state }) => <Status state={texts.looks[state]} label={texts.states[state]} />,
  },
  {
    id: 'source',
    title: texts.source,
    width: 'auto',
    sortBy: ({ source }) => source,
    cell: ({ source, description, problem }) => (
      <span className="flex flex-col leading-snug">
        <span className="truncate font-medium" title={source}>
          {source}
        </span>
        <span
          className={problem === null ? 'truncate text-xs text-faint' : 'truncate text-xs text-bad'}
          title={problem ?? description}
        >
          {problem ?? description}
        </span>
      </span>
    ),
  },
  {
    id: 'arrived',
    title: texts.arrived,
    width: 140,
    sortBy: ({ arrivedAt }) => arrivedAt,
    cell: ({ arrivedAt, newest }) =>
      arrivedAt === null ? (
        '–'
      ) : (
        <span className="flex flex-col leading-snug">
          <Time at={arrivedAt} />
          <span className="truncate text-xs text-faint">{newest}</span>
        </span>
      ),
  },
  {
    id: 'days',
    title: texts.days,
    width: 190,
    cell: ({ source, days }) => (
      <DayBars
        days={days}
        label={texts.daysOf(
          source,
          formatCount(days.reduce((sum, day) => sum + day.received, 0)),
          formatCount(days.reduce((sum, day) => sum + day.quarantined, 0)),
        )}
      />
    ),
  },
  {
    id: 'rows',
    title: texts.rows,
    width: 100,
    align: 'right',
    sortBy: ({ rows }) => rows,
    cell: ({ rows }) => formatCount(rows, true),
  },
  {
    id: 'rejected',
    title: texts.rejected,
    width: 110,
    align: 'right',
    sortBy: ({ quarantined, received }) => quarantined / Math.max(received, 1),
    cell: (row) => <Rejected row={row} />,
  },
  {
    id: 'next',
    title: texts.next,
    width: 140,
    cell: ({ nextAt, isAppended }) =>
      nextAt !== null ? (
        <Time at={nextAt} />
      ) : (
        <span className="text-faint">{isAppended ? texts.appended : texts.noSensor}</span>
      ),
  },
]

/** The share, which leads to the rows. */
function Rejected({ row: { source, quarantined, received } }: { readonly row: SourceRow }) {
  const tenant = useTenant() ?? ''
  if (received === 0) return '–'
  const share = formatShare(quarantined / received)
  if (quarantined === 0) return <span className="text-good">{share}</span>
  return (
    <Link
      to="/t/$tenant/quarantine/$source"
      params={{ tenant, source }}
      onClick={(event) => event.stopPropagation()}
      title={formatCount(quarantined)}
      className="font-medium text-warn underline decoration-dotted underline-offset-2"
    >
      {share}
    </Link>
  )
}
