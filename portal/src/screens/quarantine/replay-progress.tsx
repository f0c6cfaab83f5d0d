import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status, StatusBar } from '~/ui/status.tsx'

const ENDED = ['done', 'unchanged', 'held', 'failed', 'skipped', 'cancelled'] as const
const AGAIN_MS = 1_000

/** A replay as it goes on: dataset by dataset. */
export function ReplayProgress({ run }: { readonly run: string }) {
  const tenant = useTenant() ?? ''
  const view = useOperation(
    'runs.get',
    { run },
    { everyMs: (data) => (data?.run.state === 'running' ? AGAIN_MS : false) },
  )
  return (
    <Card
      title={texts.replaying}
      actions={
        <ButtonLink to="/t/$tenant/runs/$run" params={{ tenant, run }} size="small">
          {texts.toRun}
        </ButtonLink>
      }
    >
      <Answer of={view}>
        {({ run: { state }, datasets, failures }) => {
          const all = datasets.map((one) => ({ ...one, ...progressOf(one.counts) }))
          const sum = (of: 'ended' | 'total') => all.reduce((total, one) => total + one[of], 0)
          const [ended, total] = [sum('ended'), sum('total')]
          return (
            <div className="flex flex-col gap-3" aria-live="polite">
              <div className="flex items-center gap-3 text-sm">
                <Status state={state} />
                <span className="num text-soft">
                  {texts.steps(formatCount(ended), formatCount(total))}
                </span>
              </div>
              {state === 'running' && (
                <Progress label={texts.replaying} share={total === 0 ? null : ended / total} />
              )}
              {state === 'done' && <p className="text-sm text-good">{texts.replayDone}</p>}
              {(state === 'failed' || state === 'cancelled') && (
                <p className="text-sm text-bad">{texts.replayFailed}</p>
              )}
              {failures.slice(0, 3).map(({ taskId, dataset, partition, error }) => (
                <p key={taskId} className="text-sm [overflow-wrap:anywhere]">
                  <span className="font-medium">{`${dataset} ${partition}`}</span> {error?.message}{' '}
                  <span className="text-soft">{error?.remedy}</span>
                </p>
              ))}
              <ul className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2">
                {all.map(({ dataset, counts }) => (
                  <li key={dataset} className="flex items-center gap-3 text-sm">
                    <span className="w-40 shrink-0 truncate" title={dataset}>
                      {dataset}
                    </span>
                    <StatusBar label={dataset} counts={counts} />
                  </li>
                ))}
              </ul>
            </div>
          )
        }}
      </Answer>
    </Card>
  )
}

function progressOf(counts: Readonly<Record<string, number>>) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const ended = ENDED.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  return { ended, total }
}
