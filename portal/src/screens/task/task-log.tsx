import { useZone } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { taskTexts as texts } from '~/texts/task.ts'
import { Card } from '~/ui/card.tsx'
import { clockOf } from '~/ui/clock.ts'
import { formatTime } from '~/ui/format.ts'
import { Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

type Line = OutputOf<'tasks.logs'>['lines'][number]

const marks: Partial<Record<Line['level'], string>> = { warn: 'warning', error: 'failed' }

/** What the task wrote, attempt after attempt. */
export function TaskLog({ lines }: { readonly lines: readonly Line[] }) {
  const zone = useZone()
  return (
    <Card title={texts.log} flush>
      {lines.length === 0 ? (
        <Empty title={texts.logNone}>{texts.logNoneHint}</Empty>
      ) : (
        <div
          // What scrolls can be reached without a pointer.
          tabIndex={0}
          role="log"
          aria-label={texts.log}
          aria-live="off"
          className="max-h-120 overflow-auto border-t border-line py-2"
        >
          {lines.map((line, at) => {
            const mark = marks[line.level]
            const isNew = at > 0 && lines[at - 1]?.attempt !== line.attempt
            return (
              <div key={at} className={isNew ? 'mt-2 border-t border-line pt-2' : ''}>
                <p className="flex gap-3 px-4 py-0.5 text-xs">
                  <time
                    dateTime={line.at}
                    title={formatTime(line.at, zone, true)}
                    className="num shrink-0 text-faint"
                  >
                    {clockOf(line.at, zone)}
                  </time>
                  <span className="num w-6 shrink-0 text-right text-faint">{line.attempt}</span>
                  <span className="w-3 shrink-0 pt-0.5">
                    {mark !== undefined && <StatusMark state={mark} title={line.level} size={10} />}
                  </span>
                  <span className="min-w-0 font-mono whitespace-pre-wrap [overflow-wrap:anywhere]">
                    {line.message}
                  </span>
                </p>
              </div>
            )
          })}
        </div>
      )}
    </Card>
  )
}
