import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { analysesTexts as texts } from '~/texts/analyses.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { partitionsOf, shownStates, worstState } from '~/ui/state-counts.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { StatusBar, StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type AnalysisRow = OutputOf<'analyses.list'>['analyses'][number]

/** What is computed: what it takes as a picture, then each of them. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const [search, setSearch] = useState('')
  const analyses = useOperation('analyses.list', {})
  const open = ({ analysis }: AnalysisRow) =>
    void navigate({ to: '/t/$tenant/analyses/$dataset', params: { tenant, dataset: analysis } })
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'analyses.list', input: {} } }}
      actions={
        <TextField
          quiet
          type="search"
          label={texts.find}
          placeholder={texts.find}
          value={search}
          onChange={setSearch}
        />
      }
    >
      <Answer of={analyses}>
        {({ analyses: all }) => {
          if (all.length === 0) {
            return (
              <Card>
                <Empty title={texts.empty}>{texts.emptyHint}</Empty>
              </Card>
            )
          }
          const sought = search.trim().toLowerCase()
          const rows = all.filter(({ analysis, description }) =>
            `${analysis} ${description}`.toLowerCase().includes(sought),
          )
          return (
            <>
              <Costs rows={rows} onOpen={open} />
              <Card flush>
                <DataTable
                  label={texts.title}
                  columns={columns}
                  rows={rows}
                  rowKey={({ analysis }) => analysis}
                  onOpen={open}
                  height="60dvh"
                />
              </Card>
            </>
          )
        }}
      </Answer>
    </Page>
  )
}

const COSTS_SHOWN = 12

/** Where the time goes: bars of what a task takes, with the state of each analysis. */
function Costs({
  rows,
  onOpen,
}: {
  readonly rows: readonly AnalysisRow[]
  readonly onOpen: (row: AnalysisRow) => void
}) {
  const known = rows
    .filter(({ taskMs }) => taskMs !== null)
    .toSorted((a, b) => Number(b.taskMs) - Number(a.taskMs))
    .slice(0, COSTS_SHOWN)
  const longest = Number(known[0]?.taskMs ?? 1)
  if (known.length === 0) return null
  return (
    <Card title={texts.costs} note={texts.costsNote}>
      <ul className="grid gap-x-8 gap-y-0.5 sm:grid-cols-2">
        {known.map((row) => (
          <li key={row.analysis}>
            <button
              type="button"
              onClick={() => onOpen(row)}
              className="grid h-7 w-full grid-cols-[1rem_minmax(0,11rem)_1fr_4.5rem] items-center gap-2 rounded px-1 text-left text-sm hover:bg-sunken"
            >
              <StatusMark state={worstState(row.states) ?? 'missing'} />
              <span className="truncate">{row.analysis}</span>
              <span className="h-2 rounded-full bg-sunken">
                <span
                  className="block h-full rounded-full bg-(--series-1)"
                  style={{ width: `${Math.max((Number(row.taskMs) / longest) * 100, 1)}%` }}
                />
              </span>
              <span className="num text-right text-xs text-soft">
                {formatDuration(Number(row.taskMs))}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  )
}

const columns: readonly Column<AnalysisRow>[] = [
  {
    id: 'name',
    title: texts.name,
    width: 'auto',
    sortBy: ({ analysis }) => analysis,
    cell: ({ analysis, description, states }) => {
      const worst = worstState(states)
      return (
        <span className="flex items-center gap-2" title={description}>
          <StatusMark
            state={worst ?? 'missing'}
            title={worst === null ? texts.notYet : texts.states[worst]}
          />
          <span className="font-medium">{analysis}</span>
          <span className="hidden min-w-0 truncate text-xs text-faint xl:inline">
            {description}
          </span>
        </span>
      )
    },
  },
  {
    id: 'pack',
    title: texts.pack,
    width: 110,
    sortBy: ({ pack }) => pack,
    cell: ({ pack }) => pack,
  },
  {
    id: 'grain',
    title: texts.grain,
    width: 90,
    cell: ({ grain }) => (grain === 'none' ? texts.uncut : grain),
  },
  {
    id: 'partitions',
    title: texts.partitions,
    width: 160,
    sortBy: ({ states }) => partitionsOf(states),
    cell: ({ states }) => <StatusBar counts={shownStates(states)} label={texts.partitions} />,
  },
  {
    id: 'rows',
    title: texts.rows,
    width: 100,
    align: 'right',
    sortBy: ({ rows }) => (rows === null ? null : Number(rows)),
    cell: ({ rows }) => (rows === null ? texts.notSeen : formatCount(rows)),
  },
  {
    id: 'task',
    title: texts.task,
    width: 110,
    align: 'right',
    sortBy: ({ taskMs }) => (taskMs === null ? null : Number(taskMs)),
    cell: ({ taskMs }) => (taskMs === null ? '–' : formatDuration(Number(taskMs))),
  },
  {
    id: 'reads',
    title: texts.reads,
    width: 80,
    align: 'right',
    sortBy: ({ inputs }) => inputs.length,
    cell: ({ inputs }) => <span title={inputs.join(', ')}>{inputs.length}</span>,
  },
  {
    id: 'feeds',
    title: texts.feeds,
    width: 80,
    align: 'right',
    sortBy: ({ outputs, endpoints }) => outputs.length + endpoints.length,
    cell: ({ outputs, endpoints }) => (
      <span title={[...outputs, ...endpoints].join(', ')}>{outputs.length + endpoints.length}</span>
    ),
  },
  {
    id: 'published',
    title: texts.published,
    width: 140,
    sortBy: ({ publishedAt }) => publishedAt,
    cell: ({ publishedAt }) =>
      publishedAt === null ? (
        <span className="text-faint">{texts.notYet}</span>
      ) : (
        <Time at={publishedAt} />
      ),
  },
]
