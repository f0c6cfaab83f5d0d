import { useNavigate } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Group = OutputOf<'queue.waiting'>['groups'][number]

/** What waits in groups, and in one sentence each what for. */
export function WaitingCard() {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const waiting = useOperation('queue.waiting', { limit: 30 }, { everyMs: 10_000 })
  return (
    <Card
      flush
      title={texts.waitingTitle}
      note={waiting.data?.more ? texts.waitingMore : texts.waitingNote}
    >
      <Answer of={waiting}>
        {({ groups }) => (
          <DataTable
            label={texts.waitingTitle}
            columns={columns}
            rows={groups}
            rowKey={({ first }) => first}
            onOpen={({ first }) =>
              void navigate({
                to: '/t/$tenant/tasks/$task',
                params: { tenant, task: String(first) },
              })
            }
            empty={<Empty title={texts.waitingNone}>{texts.waitingNoneHint}</Empty>}
          />
        )}
      </Answer>
    </Card>
  )
}

const columns: readonly Column<Group>[] = [
  {
    id: 'name',
    title: texts.name,
    width: 240,
    sortBy: ({ name }) => name,
    cell: ({ name, state, handler }) => (
      <span className="inline-flex max-w-full items-center gap-2" title={texts.handlers[handler]}>
        <StatusMark state={state === 'ready' ? 'ready' : 'waiting'} />
        <span className="truncate">{name}</span>
      </span>
    ),
  },
  {
    id: 'tasks',
    title: texts.count,
    width: 90,
    align: 'right',
    sortBy: ({ tasks }) => tasks,
    cell: ({ tasks }) => formatCount(tasks),
  },
  {
    id: 'since',
    title: texts.since,
    width: 140,
    sortBy: ({ oldestAt }) => oldestAt,
    cell: ({ oldestAt }) => <Time at={oldestAt} />,
  },
  {
    id: 'why',
    title: texts.why,
    width: 'auto',
    cell: ({ sentence }) => <span title={sentence ?? ''}>{sentence}</span>,
  },
]
