import { Link, useNavigate } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'

type Compared = OutputOf<'runs.compare'>
type DatasetRow = Compared['datasets'][number]
type SlowerRow = Compared['slower'][number]

/** A change that is smaller says nothing on a busy machine. */
const NOTED = 0.1

/** What each dataset took and brought, beside the run before of the same thing. */
export function ComparePanel({ view: { run } }: { readonly view: RunView }) {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const compared = useOperation('runs.compare', { run: run.id })
  return (
    <Answer of={compared}>
      {({ before, datasets, slower }) => {
        if (before === null) {
          return (
            <Card>
              <Empty title={texts.noBefore}>{texts.noBeforeHint}</Empty>
            </Card>
          )
        }
        const longest = Math.max(
          ...datasets.flatMap(({ now, before: then }) => [now?.wallMs ?? 0, then?.wallMs ?? 0]),
          1,
        )
        return (
          <>
            <Card
              flush
              title={
                <>
                  {texts.comparedWith}{' '}
                  <Link
                    to="/t/$tenant/runs/$run"
                    params={{ tenant, run: before.id }}
                    className="text-accent hover:underline"
                  >
                    {before.title}
                  </Link>{' '}
                  <span className="font-normal text-faint">
                    <Time at={before.createdAt} />
                  </span>
                </>
              }
            >
              <DataTable
                label={texts.tabs.compare}
                columns={datasetColumns(longest)}
                rows={datasets}
                rowKey={({ dataset }) => dataset}
                rowHeight={48}
              />
            </Card>
            <Card flush title={texts.slowerTitle}>
              {slower.length === 0 ? (
                <Empty title={texts.slowerNone} />
              ) : (
                <DataTable
                  label={texts.slowerTitle}
                  columns={slowerColumns}
                  rows={slower}
                  rowKey={({ task }) => task}
                  onOpen={({ task }) =>
                    void navigate({
                      to: '/t/$tenant/tasks/$task',
                      params: { tenant, task: String(task) },
                    })
                  }
                />
              )}
            </Card>
          </>
        )
      }}
    </Answer>
  )
}

const datasetColumns = (longest: number): readonly Column<DatasetRow>[] => [
  {
    id: 'dataset',
    title: texts.dataset,
    width: 'auto',
    cell: ({ dataset }) => <span title={dataset}>{dataset}</span>,
  },
  {
    id: 'work',
    title: texts.work,
    width: 240,
    sortBy: ({ now }) => now?.wallMs ?? null,
    cell: ({ now, before }) => (
      <span className="flex flex-col gap-1 text-xs">
        <Bar label={texts.now} value={now?.wallMs ?? null} longest={longest} look="bg-accent" />
        <Bar
          label={texts.before}
          value={before?.wallMs ?? null}
          longest={longest}
          look="bg-line-strong"
        />
      </span>
    ),
  },
  {
    id: 'change',
    title: texts.change,
    width: 120,
    align: 'right',
    sortBy: ({ now, before }) => changeOf(now?.wallMs, before?.wallMs),
    cell: ({ now, before }) => <Change now={now?.wallMs} before={before?.wallMs} />,
  },
  pair('rows', texts.rowsShort, ({ rows }) => rows, formatCount),
  pair('cpu', texts.cpu, ({ cpuMs }) => cpuMs, formatDuration),
  pair('read', texts.read, ({ readBytes }) => readBytes, formatBytes),
  pair('memory', texts.memory, ({ peakMemoryBytes }) => peakMemoryBytes, formatBytes),
]

type Cost = NonNullable<DatasetRow['now']>

/** This run's figure, and under it the one before. */
function pair(
  id: string,
  title: string,
  of: (cost: Cost) => number | null,
  format: (value: number) => string,
): Column<DatasetRow> {
  const told = (cost: Cost | null) => {
    const value = cost && of(cost)
    return value === null ? '–' : format(value)
  }
  return {
    id,
    title,
    width: 110,
    align: 'right',
    sortBy: ({ now }) => now && of(now),
    cell: ({ now, before }) => (
      <span className="flex flex-col leading-tight">
        <span>{told(now)}</span>
        <span className="text-xs text-faint">{told(before)}</span>
      </span>
    ),
  }
}

function Bar({
  label,
  value,
  longest,
  look,
}: {
  readonly label: string
  readonly value: number | null
  readonly longest: number
  readonly look: string
}) {
  return (
    <span className="flex items-center gap-2" title={label}>
      <span className="h-2 grow overflow-hidden rounded-full bg-sunken">
        <span
          className={classes('block h-full rounded-full', look)}
          style={{ width: `${((value ?? 0) / longest) * 100}%` }}
        />
      </span>
      <span className="w-16 text-right">
        <span className="sr-only">{label} </span>
        {value === null ? '–' : formatDuration(value)}
      </span>
    </span>
  )
}

function changeOf(now: number | undefined, before: number | undefined): number | null {
  return now === undefined || before === undefined || before === 0 ? null : now / before - 1
}

function Change({
  now,
  before,
}: {
  readonly now: number | undefined
  readonly before: number | undefined
}) {
  const change = changeOf(now, before)
  if (change === null) return '–'
  const words = `${change > 0 ? '+' : '−'}${Math.abs(change * 100).toFixed(0)} %`
  if (Math.abs(change) < NOTED) return <span className="text-faint">{words}</span>
  return (
    <span className={change > 0 ? 'text-warn' : 'text-good'}>
      {words} {change > 0 ? texts.slower : texts.faster}
    </span>
  )
}

const slowerColumns: readonly Column<SlowerRow>[] = [
  { id: 'dataset', title: texts.dataset, width: 'auto', cell: ({ dataset }) => dataset },
  { id: 'partition', title: texts.partition, width: 150, cell: ({ partition }) => partition },
  {
    id: 'now',
    title: texts.now,
    width: 110,
    align: 'right',
    sortBy: ({ workMs }) => workMs,
    cell: ({ workMs }) => formatDuration(workMs),
  },
  {
    id: 'before',
    title: texts.before,
    width: 110,
    align: 'right',
    sortBy: ({ beforeMs }) => beforeMs,
    cell: ({ beforeMs }) => formatDuration(beforeMs),
  },
  {
    id: 'change',
    title: texts.change,
    width: 140,
    align: 'right',
    sortBy: ({ workMs, beforeMs }) => changeOf(workMs, beforeMs),
    cell: ({ workMs, beforeMs }) => <Change now={workMs} before={beforeMs} />,
  },
  {
    id: 'rows',
    title: texts.rowsShort,
    width: 130,
    align: 'right',
    cell: ({ rows }) => (rows === null ? '–' : formatCount(rows)),
  },
]
