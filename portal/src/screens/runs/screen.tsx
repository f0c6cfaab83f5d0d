import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { msOf } from '~/screens/runs/duration.ts'
import { RecentRuns } from '~/screens/runs/recent-runs.tsx'
import type { RunRow } from '~/screens/runs/run-row.ts'
import { runsTexts as texts } from '~/texts/runs.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time, useNow } from '~/ui/time.tsx'

const PAGE = 200
const LIMIT_MAX = 1_000
const states = ['all', 'running', 'done', 'failed', 'cancelled'] as const
type Shown = (typeof states)[number]

/** All runs: the newest as a picture, then each of them. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const [state, setState] = useAddressState<Shown>('state', 'all')
  const [limit, setLimit] = useState(PAGE)
  const input = { limit, ...(state !== 'all' && { state }) }
  const runs = useOperation('runs.list', input, { keepFormer: true })
  const open = ({ id }: RunRow) =>
    void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run: id } })

  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'runs.list', input } }}
      actions={
        <Segments
          label={texts.state}
          value={state}
          onChange={setState}
          segments={states.map((value) => ({
            value,
            label: value === 'all' ? texts.all : texts.states[value],
          }))}
        />
      }
    >
      <Answer of={runs}>
        {({ runs: rows }) =>
          rows.length === 0 && state === 'all' ? (
            <Card>
              <Empty
                title={texts.empty}
                action={
                  <ButtonLink to="/t/$tenant/matrix" params={{ tenant }}>
                    {texts.toMatrix}
                  </ButtonLink>
                }
              >
                {texts.emptyHint}
              </Empty>
            </Card>
          ) : (
            <>
              <Card title={texts.recent}>
                <RecentRuns runs={rows} onOpen={open} />
              </Card>
              <Card flush>
                <DataTable
                  label={texts.title}
                  columns={columns}
                  rows={rows}
                  rowKey={({ id }) => id}
                  onOpen={open}
                  height={620}
                  onEnd={
                    rows.length === limit && limit < LIMIT_MAX && !runs.isFetching
                      ? () => setLimit(limit + PAGE)
                      : undefined
                  }
                />
              </Card>
            </>
          )
        }
      </Answer>
    </Page>
  )
}

const columns: readonly Column<RunRow>[] = [
  {
    id: 'state',
    title: texts.state,
    width: 120,
    cell: ({ state }) => <Status state={state} label={texts.states[state]} />,
  },
  {
    id: 'what',
    title: texts.what,
    width: 'auto',
    sortBy: ({ title }) => title,
    cell: ({ title, undoneAt }) => (
      <span title={title}>
        {title}
        {undoneAt !== null && <span className="ml-2 text-xs text-warn">{texts.undone}</span>}
      </span>
    ),
  },
  { id: 'cause', title: texts.cause, width: 130, cell: ({ cause }) => cause },
  {
    id: 'tasks',
    title: texts.tasks,
    width: 90,
    align: 'right',
    sortBy: ({ plan }) => plan.tasks,
    cell: ({ plan }) => formatCount(plan.tasks),
  },
  {
    id: 'started',
    title: texts.started,
    width: 150,
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: 'took',
    title: texts.took,
    width: 110,
    align: 'right',
    sortBy: (run) => msOf(run, 0),
    cell: (run) => <Took run={run} />,
  },
]

function Took({ run }: { readonly run: RunRow }) {
  const now = useNow()
  return run.endedAt === null ? texts.goesOn : formatDuration(msOf(run, now))
}
