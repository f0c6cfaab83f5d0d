import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'

const SHOWN = 100

/** What failed and what to do about it; partitions that failed alike are told once. */
export function Failures({ view }: { readonly view: RunView }) {
  const tenant = useTenant() ?? ''
  const own = view.failures.filter(({ state }) => state !== 'skipped')
  const groups = [
    ...Map.groupBy(
      own,
      ({ dataset, state, error }) => `${dataset} ${state} ${error?.code} ${error?.message}`,
    ).values(),
  ]
  if (groups.length === 0) return null
  return (
    <Card title={texts.failuresTitle} note={own.length >= SHOWN ? texts.failuresMore : undefined}>
      <ul className="flex max-h-96 flex-col gap-3 overflow-y-auto">
        {groups.map((group) => {
          const [first] = group
          if (!first) return null
          return (
            <li key={first.taskId} className="flex min-w-0 gap-2.5 text-sm">
              <span className="pt-1">
                <StatusMark state={first.state} title={texts.taskStates[first.state]} />
              </span>
              <div className="min-w-0">
                <p className="font-medium [overflow-wrap:anywhere]">
                  {first.dataset}{' '}
                  {group.slice(0, 5).map(({ taskId, partition }) => (
                    <Link
                      key={taskId}
                      to="/t/$tenant/tasks/$task"
                      params={{ tenant, task: String(taskId) }}
                      className="mr-1.5 text-accent hover:underline"
                    >
                      {partition}
                    </Link>
                  ))}
                  {group.length > 5 && (
                    <span className="font-normal text-faint">
                      {texts.moreLeftOut(group.length - 5)}
                    </span>
                  )}
                </p>
                {first.error && (
                  <>
                    <p className="text-bad [overflow-wrap:anywhere]">{first.error.message}</p>
                    <p className="text-soft [overflow-wrap:anywhere]">{first.error.remedy}</p>
                    <p className="text-xs text-faint">
                      <code className="font-mono">{first.error.code}</code>
                      {first.error.causes.length > 0 && ` · ${first.error.causes.join(' ← ')}`}
                    </p>
                  </>
                )}
                <span className="sr-only">{formatCount(group.length)}</span>
              </div>
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
