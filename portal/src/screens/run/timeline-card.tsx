import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import type { Timeline } from '~/screens/run/timeline.ts'
import { Gantt } from '~/screens/run/gantt.tsx'
import type { LaneOrder } from '~/screens/run/lanes.ts'
import { LogPanel } from '~/screens/run/log-panel.tsx'
import { parseSpan, spanText, type Span } from '~/screens/run/scale.ts'
import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

const TASKS_MAX = 20_000
/** A picture of many attempts is asked for less often while they run. */
const MANY = 3_000

/** The gantt and the log beside it: a span of the one filters the other. */
export function TimelineCard({ view }: { readonly view: RunView }) {
  const { run } = view
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const isRunning = run.state === 'running'
  const [order, setOrder] = useAddressState<LaneOrder>('by', 'worker')
  const [pathMode, setPathMode] = useAddressState<'off' | 'on'>('path', 'off')
  const [spanned, setSpanned] = useAddressState('span', '')
  const [chosen, setChosen] = useAddressState('task', '')
  const [zoomed, setZoomed] = useState<Span | null>(null)
  const brush = useMemo(() => parseSpan(spanned), [spanned])
  const task = /^\d{1,15}$/.test(chosen) ? Number(chosen) : null
  const beganMs = Date.parse(run.createdAt)

  const timeline = useOperation(
    'runs.timeline',
    { run: run.id, limit: TASKS_MAX },
    {
      everyMs: (data) =>
        !isRunning ? false : (data?.attempts.task.length ?? 0) > MANY ? 10_000 : 2_000,
    },
  )
  const critical = useOperation(
    'runs.criticalPath',
    { run: run.id },
    { enabled: pathMode === 'on', everyMs: isRunning ? 5_000 : false },
  )
  const path = useMemo(
    () =>
      pathMode === 'on' && critical.data
        ? new Set(critical.data.steps.map((step) => step.task))
        : null,
    [pathMode, critical.data],
  )
  const open = (id: number) =>
    void navigate({ to: '/t/$tenant/tasks/$task', params: { tenant, task: String(id) } })

  return (
    <div className="grid min-w-0 gap-4 xl:min-h-72 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <Card
        title={texts.timeline}
        note={texts.timelineNote}
        actions={
          <div className="flex flex-wrap items-center gap-2">
            {brush && (
              <>
                <Button size="small" onClick={() => setZoomed(brush)}>
                  {texts.zoomIn}
                </Button>
                <Button size="small" look="quiet" onClick={() => setSpanned('')}>
                  {texts.clearSpan}
                </Button>
              </>
            )}
            {zoomed && (
              <Button size="small" onClick={() => setZoomed(null)}>
                {texts.whole}
              </Button>
            )}
            <Button
              size="small"
              look={pathMode === 'on' ? 'primary' : 'plain'}
              aria-pressed={pathMode === 'on'}
              onClick={() => setPathMode(pathMode === 'on' ? 'off' : 'on')}
            >
              {texts.pathShow}
            </Button>
            <Segments
              label={texts.by}
              value={order}
              onChange={setOrder}
              segments={[
                { value: 'worker', label: texts.byWorker },
                { value: 'dataset', label: texts.byDatasetLane },
              ]}
            />
          </div>
        }
      >
        <Answer of={timeline}>
          {(data) =>
            data.attempts.task.length === 0 ? (
              data.sweptAt === null ? (
                <Empty title={texts.noAttempts}>{texts.noAttemptsHint}</Empty>
              ) : (
                <Empty title={texts.swept}>{texts.sweptHint}</Empty>
              )
            ) : (
              <>
                <Gantt
                  {...{ timeline: data, beganMs, isRunning, order, path, brush, task }}
                  askedAt={timeline.dataUpdatedAt}
                  view={zoomed}
                  onView={setZoomed}
                  onBrush={(span) => setSpanned(span === null ? '' : spanText(span))}
                  onTask={(id) => setChosen(id === null ? '' : String(id))}
                  onOpen={open}
                />
                {task !== null && <Chosen timeline={data} task={task} tenant={tenant} />}
                {data.next !== null && (
                  <p className="mt-2 text-xs text-faint">{texts.partOf(formatCount(TASKS_MAX))}</p>
                )}
              </>
            )
          }
        </Answer>
      </Card>
      <LogPanel {...{ run: run.id, beganMs, isRunning, brush }} />
    </div>
  )
}

/** The task whose bar was chosen, with the way to it. */
function Chosen({
  timeline,
  task,
  tenant,
}: {
  readonly timeline: Timeline
  readonly task: number
  readonly tenant: string
}) {
  const { attempts, datasets } = timeline
  const at = attempts.task.indexOf(task)
  if (at < 0) return null
  const tries = attempts.task.filter((id) => id === task).length
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line pt-2 text-sm">
      <span className="min-w-0 truncate font-medium">
        {texts.chosen(datasets[attempts.dataset[at] ?? 0] ?? '', attempts.partition[at] ?? '')}
      </span>
      <span className="text-faint">{texts.tries(tries)}</span>
      <ButtonLink size="small" to="/t/$tenant/tasks/$task" params={{ tenant, task: String(task) }}>
        {texts.openTask}
      </ButtonLink>
    </div>
  )
}
