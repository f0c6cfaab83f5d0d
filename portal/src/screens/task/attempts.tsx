import type { OutputOf } from '~/api/client.ts'
import { taskTexts as texts } from '~/texts/task.ts'
import { Card } from '~/ui/card.tsx'
import { formatBytes, formatDuration } from '~/ui/format.ts'
import { Empty } from '~/ui/states.tsx'
import { colourOf, StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { useBeat } from '~/ui/use-beat.ts'

export type Attempt = OutputOf<'tasks.logs'>['attempts'][number]

const looks: Readonly<Record<string, string>> = { lost: 'error', released: 'skipped' }

/** Tries of one task on one span of time, with what each cost and why it ended as it did. */
export function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  const now = useBeat(attempts.some(({ endedAt }) => endedAt === null))
  const endOf = ({ endedAt }: Attempt) => (endedAt === null ? now : Date.parse(endedAt))
  const from = Math.min(...attempts.map(({ startedAt }) => Date.parse(startedAt)))
  const until = Math.max(...attempts.map(endOf), from + 1)
  const share = (ms: number) => `${Math.min((ms / (until - from)) * 100, 100)}%`
  return (
    <Card title={texts.attempts} note={attempts.length > 1 ? texts.attemptsNote : undefined}>
      {attempts.length === 0 ? (
        <Empty title={texts.attemptsNone} />
      ) : (
        <ol className="flex flex-col gap-4">
          {attempts.map((attempt) => {
            const look = looks[attempt.state] ?? attempt.state
            const state = texts.attemptStates[attempt.state] ?? attempt.state
            const begin = Date.parse(attempt.startedAt)
            const took = formatDuration(endOf(attempt) - begin)
            return (
              <li key={attempt.number} className="min-w-0 text-sm">
                <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
                  <StatusMark state={look} />
                  <span className="font-medium">{texts.attempt(attempt.number)}</span>
                  <span className="text-soft">{state}</span>
                  <span className="num text-soft">{took}</span>
                  <span className="ml-auto text-xs text-faint">
                    <Time at={attempt.startedAt} />
                  </span>
                </div>
                <div
                  role="img"
                  aria-label={texts.attemptBar(attempt.number, state, took)}
                  className="relative mt-1 h-2 rounded-full bg-sunken"
                >
                  <span
                    className="absolute inset-y-0 min-w-1 rounded-full"
                    style={{
                      left: share(begin - from),
                      width: share(endOf(attempt) - begin),
                      background: colourOf(look),
                    }}
                  />
                </div>
                <p className="num mt-1 flex flex-wrap gap-x-3 text-xs text-faint">
                  <span className="min-w-0 [overflow-wrap:anywhere]">{attempt.worker}</span>
                  {attempt.cpuMs !== null && (
                    <span>
                      {texts.cpu} {formatDuration(attempt.cpuMs)}
                    </span>
                  )}
                  {attempt.peakMemoryBytes !== null && (
                    <span>
                      {texts.memory} {formatBytes(attempt.peakMemoryBytes)}
                    </span>
                  )}
                </p>
                {attempt.error && (
                  <div className="mt-1 rounded-md bg-bad-soft px-3 py-2 text-xs">
                    <p className="text-bad [overflow-wrap:anywhere]">{attempt.error.message}</p>
                    <p className="text-ink [overflow-wrap:anywhere]">{attempt.error.remedy}</p>
                    <code className="font-mono text-soft">{attempt.error.code}</code>
                  </div>
                )}
              </li>
            )
          })}
        </ol>
      )}
    </Card>
  )
}
