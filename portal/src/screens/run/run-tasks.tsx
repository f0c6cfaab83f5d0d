import { useNavigate } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { datasetName } from '~/screens/run/dataset-name.ts'
import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Task = OutputOf<'runs.tasks'>['tasks'][number]
type Shown = 'all' | Task['state']

const LIMIT = 10_000

/** Every task of the run, in the order of the plan. */
export function RunTasks({ view }: { readonly view: RunView }) {
  const { run, datasets } = view
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const [state, setState] = useAddressState<Shown>('state', 'all')
  const tasks = useOperation(
    'runs.tasks',
    { run: run.id, limit: LIMIT, ...(state !== 'all' && { states: [state] }) },
    { keepFormer: true, everyMs: run.state === 'running' ? 4_000 : false },
  )
  const countOf = (one: Task['state']) => datasets.reduce((sum, { counts }) => sum + counts[one], 0)
  const states = Object.keys(texts.taskStates) as Task['state'][]
  const shown = states.filter((one) => countOf(one) > 0 || one === state)

  return (
    <Card
      flush
      title={texts.tabs.tasks}
      actions={
        <Segments
          label={texts.state}
          value={state}
          onChange={setState}
          segments={[
            { value: 'all', label: texts.all },
            ...shown.map((value) => ({
              value,
              label: texts.taskStates[value],
              count: countOf(value),
            })),
          ]}
        />
      }
    >
      <Answer of={tasks}>
        {({ tasks: rows }) => (
          <DataTable
            label={texts.tabs.tasks}
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            onOpen={({ id }) =>
              void navigate({ to: '/t/$tenant/tasks/$task', params: { tenant, task: String(id) } })
            }
            empty={<Empty title={texts.noTasks} />}
          />
        )}
      </Answer>
    </Card>
  )
}

const took = ({ startedAt, endedAt }: Task) =>
  startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt)

const columns: readonly Column<Task>[] = [
  {
    id: 'state',
    title: texts.state,
    width: 140,
    cell: ({ state }) => <Status state={state} label={texts.taskStates[state]} />,
  },
  {
    id: 'dataset',
    title: texts.dataset,
    width: 220,
    sortBy: ({ dataset }) => dataset,
    cell: ({ dataset }) => <span title={dataset}>{datasetName(dataset)}</span>,
  },
  {
    id: 'partition',
    title: texts.partition,
    width: 130,
    sortBy: ({ partition }) => partition,
    cell: ({ partition }) => partition,
  },
  {
    id: 'why',
    title: texts.why,
    width: 'auto',
    cell: ({ reason, error, state }) => (
      <span
        title={error ?? reason}
        className={error === null || state === 'skipped' ? 'text-soft' : 'text-bad'}
      >
        {error ?? reason}
      </span>
    ),
  },
  {
    id: 'attempts',
    title: texts.attempts,
    width: 90,
    align: 'right',
    sortBy: ({ attempts }) => attempts,
    cell: ({ attempts }) => attempts,
  },
  {
    id: 'rows',
    title: texts.rowsShort,
    width: 110,
    align: 'right',
    sortBy: ({ rows }) => rows,
    cell: ({ rows }) => (rows === null ? '–' : formatCount(rows)),
  },
  {
    id: 'began',
    title: texts.start,
    width: 140,
    sortBy: ({ startedAt }) => startedAt,
    cell: ({ startedAt }) => (startedAt === null ? '–' : <Time at={startedAt} />),
  },
  {
    id: 'took',
    title: texts.tookShort,
    width: 100,
    align: 'right',
    sortBy: took,
    cell: (task) => {
      const ms = took(task)
      return ms === null ? '–' : formatDuration(ms)
    },
  },
]
