import { useNavigate } from '@tanstack/react-router'
import { useDeferredValue } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Task = OutputOf<'tasks.list'>['tasks'][number]
type Shown = 'all' | 'ready' | 'running' | 'done' | 'failed' | 'cancelled'

const shownStates: readonly Shown[] = ['all', 'ready', 'running', 'done', 'failed', 'cancelled']
/** Of a name: anything else finds nothing, and need not be asked for. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Background tasks of whatever service, newest first. */
export function TaskList() {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const [state, setState] = useAddressState<Shown>('state', 'all')
  const [name, setName] = useAddressState('name', '')
  const asked = useDeferredValue(name.trim())
  const isName = NAME.test(asked)
  const tasks = useOperationPages('tasks.list', {
    limit: 100,
    ...(state !== 'all' && { states: [state] }),
    ...(isName && { name: asked }),
  })
  const rows =
    asked !== '' && !isName ? [] : (tasks.data?.pages.flatMap((page) => page.tasks) ?? [])
  return (
    <Card flush>
      <div className="flex flex-wrap items-center gap-2 p-3">
        <div className="w-56">
          <TextField
            quiet
            label={texts.filterName}
            placeholder={texts.filterName}
            value={name}
            onChange={setName}
          />
        </div>
        <Segments
          label={texts.state}
          value={state}
          onChange={setState}
          segments={shownStates.map((value) => ({
            value,
            label: value === 'all' ? texts.allStates : texts.states[value],
          }))}
        />
      </div>
      <Answer of={tasks}>
        {() => (
          <DataTable
            label={texts.tabs.list}
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            height={560}
            onOpen={({ id }) =>
              void navigate({ to: '/t/$tenant/tasks/$task', params: { tenant, task: id } })
            }
            onEnd={
              tasks.hasNextPage && !tasks.isFetchingNextPage
                ? () => void tasks.fetchNextPage()
                : undefined
            }
            empty={
              state === 'all' && asked === '' ? (
                <Empty title={texts.listEmpty}>{texts.listEmptyHint}</Empty>
              ) : undefined
            }
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
    width: 150,
    cell: ({ state }) => <Status state={state} label={texts.states[state]} />,
  },
  {
    id: 'name',
    title: texts.name,
    width: 'auto',
    cell: ({ name, error }) => (
      <span title={error?.message ?? name}>
        <span className="font-medium">{name}</span>
        {error && <span className="ml-2 text-bad">{error.message}</span>}
      </span>
    ),
  },
  {
    id: 'progress',
    title: texts.progress,
    width: 130,
    cell: ({ progress, state }) =>
      progress !== null && state === 'running' ? (
        <Progress
          label={progress.message ?? texts.progress}
          share={progress.total ? (progress.done ?? 0) / progress.total : null}
        />
      ) : null,
  },
  {
    id: 'handler',
    title: texts.handler,
    width: 140,
    cell: ({ handler }) => texts.handlers[handler],
  },
  {
    id: 'attempts',
    title: texts.attempts,
    width: 90,
    align: 'right',
    cell: ({ attempts, maxAttempts }) => texts.attemptsOf(attempts, maxAttempts),
  },
  {
    id: 'created',
    title: texts.created,
    width: 140,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    id: 'took',
    title: texts.took,
    width: 100,
    align: 'right',
    cell: (task) => {
      const ms = took(task)
      return ms === null ? '–' : formatDuration(ms)
    },
  },
]
