import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { datasetName } from '~/screens/run/dataset-name.ts'
import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Card } from '~/ui/card.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { colourOf, StatusMark } from '~/ui/status.tsx'

/** The chain that the run took as long for, as a waterfall: waiting for a slot, then work. */
export function PathPanel({ view: { run } }: { readonly view: RunView }) {
  const tenant = useTenant() ?? ''
  const critical = useOperation(
    'runs.criticalPath',
    { run: run.id },
    { everyMs: run.state === 'running' ? 5_000 : false },
  )
  return (
    <Answer of={critical}>
      {({ steps }) => {
        if (steps.length === 0) return <Empty title={texts.pathEmpty} />
        const times = steps.flatMap(({ readyAt, endedAt }) => [readyAt, endedAt ?? readyAt])
        const from = Math.min(...times.map((time) => Date.parse(time)))
        const until = Math.max(...times.map((time) => Date.parse(time)), from + 1)
        const share = (ms: number) => `${(ms / (until - from)) * 100}%`
        const work = steps.reduce((sum, { workMs }) => sum + (workMs ?? 0), 0)
        const wait = steps.reduce((sum, { waitMs }) => sum + waitMs, 0)
        return (
          <Card
            title={texts.tabs.path}
            note={texts.pathNote(formatDuration(work), formatDuration(wait))}
          >
            <ol className="flex max-h-120 flex-col gap-1 overflow-y-auto">
              {steps.map((step) => {
                const workMs = step.workMs ?? 0
                const words = texts.pathBar(formatDuration(step.waitMs), formatDuration(workMs))
                return (
                  <li
                    key={step.task}
                    className="grid grid-cols-[minmax(0,12rem)_minmax(0,1fr)_7rem] items-center gap-3 text-sm max-sm:grid-cols-[minmax(0,1fr)_7rem]"
                  >
                    <Link
                      to="/t/$tenant/tasks/$task"
                      params={{ tenant, task: String(step.task) }}
                      className="flex min-w-0 items-center gap-1.5 hover:underline"
                      title={`${step.dataset} ${step.partition}`}
                    >
                      <StatusMark state={step.state} title={texts.taskStates[step.state]} />
                      <span className="truncate">
                        {datasetName(step.dataset)}{' '}
                        <span className="text-faint">{step.partition}</span>
                      </span>
                    </Link>
                    <div
                      role="img"
                      aria-label={words}
                      title={words}
                      className="relative h-4 rounded-sm bg-sunken max-sm:col-span-2 max-sm:row-start-2"
                    >
                      <span
                        className="absolute top-1.5 h-1 rounded-full bg-line-strong"
                        style={{
                          left: share(Date.parse(step.readyAt) - from),
                          width: share(step.waitMs),
                        }}
                      />
                      <span
                        className="absolute inset-y-0 min-w-0.5 rounded-xs"
                        style={{
                          left: share(Date.parse(step.readyAt) - from + step.waitMs),
                          width: share(workMs),
                          background: colourOf(step.state),
                        }}
                      />
                    </div>
                    <span className="num text-right text-xs text-soft">
                      {step.workMs === null ? '–' : formatDuration(step.workMs)}
                    </span>
                  </li>
                )
              })}
            </ol>
          </Card>
        )
      }}
    </Answer>
  )
}
