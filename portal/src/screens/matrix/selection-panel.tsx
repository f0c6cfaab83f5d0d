import { useNavigate } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status, StatusBar } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Squares = OutputOf<'matrix.squares'>
export type SquareRow = Squares['squares'][number]

const LIMIT = 100

/** The partitions behind what is selected, and what can be done with them. */
export function SelectionPanel({
  places,
  onRerun,
  onClear,
  onOpen,
}: {
  readonly places: readonly string[]
  readonly onRerun: (parts: number, datasets: number) => void
  readonly onClear: () => void
  readonly onOpen: (square: SquareRow) => void
}) {
  const pages = useOperationPages(
    'matrix.squares',
    { places: [...places], limit: LIMIT },
    { cursorField: 'after' },
  )
  const first = pages.data?.pages[0]
  const parts = first?.totals.reduce((sum, count) => sum + count, 0) ?? 0
  const datasets = first?.datasets.length ?? 0
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const openRun = (run: string) =>
    void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run } })
  return (
    <Card
      flush
      title={first ? texts.selected(parts, datasets) : texts.selection}
      actions={
        <>
          <div className="w-40 max-sm:hidden">
            {first && <StatusBar counts={countsOf(first)} label={texts.selection} />}
          </div>
          <Button size="small" look="quiet" onClick={onClear}>
            {texts.clear}
          </Button>
          <Button
            size="small"
            look="primary"
            operation="runs.start"
            disabled={parts === 0}
            onClick={() => onRerun(parts, datasets)}
          >
            {texts.rerun(parts)}
          </Button>
        </>
      }
    >
      <Answer of={pages}>
        {({ pages: known }) => (
          <DataTable
            label={texts.selection}
            columns={columnsOf(openRun)}
            rows={known.flatMap(({ squares }) => squares)}
            rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
            height={300}
            rowHeight={32}
            onOpen={onOpen}
            onEnd={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined}
          />
        )}
      </Answer>
    </Card>
  )
}

export function countsOf({
  states,
  totals,
}: {
  readonly states: readonly string[]
  readonly totals: readonly number[]
}): Record<string, number> {
  return Object.fromEntries(states.map((state, code) => [state, totals[code] ?? 0]))
}

function columnsOf(openRun: (run: string) => void): readonly Column<SquareRow>[] {
  return [
    {
      id: 'dataset',
      title: texts.dataset,
      width: 180,
      cell: ({ dataset }) => <span title={dataset}>{dataset}</span>,
    },
    {
      id: 'partition',
      title: texts.columns.partition,
      width: 170,
      cell: ({ partition }) => (
        <span className="num" title={partition}>
          {partition}
        </span>
      ),
    },
    {
      id: 'state',
      title: texts.columns.state,
      width: 110,
      cell: ({ state }) => <Status state={state} label={texts.states[state]} />,
    },
    {
      id: 'cause',
      title: texts.columns.cause,
      width: 'auto',
      cell: ({ causes }) => <span title={causes.join('\n')}>{causes.join('; ')}</span>,
    },
    {
      id: 'rows',
      title: texts.columns.rows,
      width: 100,
      align: 'right',
      cell: ({ rows }) => (rows === null ? '–' : formatCount(rows)),
    },
    {
      id: 'published',
      title: texts.columns.published,
      width: 130,
      cell: ({ publishedAt }) => (publishedAt === null ? '–' : <Time at={publishedAt} />),
    },
    {
      id: 'run',
      title: texts.columns.run,
      width: 110,
      cell: ({ run, openRun: open }) => {
        const id = open ?? run
        return id === null ? (
          '–'
        ) : (
          <button
            type="button"
            className="font-mono text-xs underline decoration-dotted underline-offset-2"
            onClick={(event) => {
              event.stopPropagation()
              openRun(id)
            }}
          >
            {id.slice(-7)}
          </button>
        )
      },
    },
  ]
}
