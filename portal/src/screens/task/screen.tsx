import { Link, useParams } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { Attempts } from '~/screens/task/attempts.tsx'
import { BackgroundFacts, BuildFacts } from '~/screens/task/facts.tsx'
import { Payload } from '~/screens/task/payload.tsx'
import { TaskActions } from '~/screens/task/task-actions.tsx'
import { TaskLog } from '~/screens/task/task-log.tsx'
import { taskTexts as texts } from '~/texts/task.ts'
import { Card } from '~/ui/card.tsx'
import { Page } from '~/ui/page.tsx'
import { Answer, SkeletonRows } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'

const OPEN_EVERY_MS = 2_000
const open = new Set(['waiting', 'ready', 'running'])

/** One task with its attempts, its log, and what it was given and brought. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const { task: asked = '' } = useParams({ strict: false })
  const isNumber = /^\d{1,15}$/.test(asked)
  const task = isNumber ? Number(asked) : asked
  const everyMs = (state: string | undefined) =>
    state !== undefined && open.has(state) ? OPEN_EVERY_MS : false

  const logs = useOperation(
    'tasks.logs',
    { task, limit: 2_000 },
    { everyMs: (data) => everyMs(data?.task.state) },
  )
  const found = logs.data?.task
  const isBackground = found?.kind === 'background'
  const shown = useOperation(
    'tasks.show',
    { task: asked },
    { enabled: isBackground, everyMs: (data) => everyMs(data?.state) },
  )
  const why = useOperation('tasks.why', { task }, { everyMs: everyMs(found?.state) })

  return (
    <Page
      title={found ? titleOf(found) : asked}
      above={
        <span className="flex gap-2">
          <Link
            to="/t/$tenant/tasks"
            params={{ tenant }}
            className="hover:text-ink hover:underline"
          >
            {texts.tasks}
          </Link>
          {found && found.runId !== '' && (
            <Link
              to="/t/$tenant/runs/$run"
              params={{ tenant, run: found.runId }}
              search={{ task: String(found.id) }}
              className="hover:text-ink hover:underline"
            >
              {texts.inRun} {found.runId}
            </Link>
          )}
        </span>
      }
      note={
        found && (
          <span className="flex flex-wrap items-center gap-2">
            <Status state={found.state} label={texts.states[found.state] ?? found.state} />
            <span className="[overflow-wrap:anywhere]">{why.data?.sentence}</span>
          </span>
        )
      }
      actions={found && <TaskActions task={found} background={shown.data ?? null} />}
      copy={{ call: { operation: 'tasks.logs', input: { task } } }}
    >
      <Answer
        of={logs}
        waiting={
          <Card>
            <SkeletonRows />
          </Card>
        }
      >
        {({ task: about, attempts, lines }) => (
          <>
            {about.error !== null && attempts.every(({ error }) => error === null) && (
              <Card title={texts.error}>
                <p className="text-sm text-bad [overflow-wrap:anywhere]">{about.error}</p>
              </Card>
            )}
            <div className="grid min-w-0 items-start gap-4 lg:grid-cols-2">
              <Attempts attempts={attempts} />
              {isBackground ? (
                <BackgroundFacts task={shown.data ?? null} />
              ) : (
                <BuildFacts task={about} />
              )}
            </div>
            {shown.data && <Payload task={shown.data} />}
            <TaskLog lines={lines} />
          </>
        )}
      </Answer>
    </Page>
  )
}

const titleOf = ({ dataset, partition }: { dataset: string; partition: string }) =>
  partition === '' ? dataset : `${dataset} ${partition}`
