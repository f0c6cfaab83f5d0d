import { memo, useDeferredValue } from 'react'
import { Link } from '@tanstack/react-router'

import { useTenant, useZone } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { datasetName } from '~/screens/run/dataset-name.ts'
import type { Span } from '~/screens/run/scale.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { clockOf } from '~/ui/clock.ts'
import { Select, TextField } from '~/ui/field.tsx'
import { formatDuration, formatTime } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

type Line = OutputOf<'runs.logs'>['lines'][number]
type Level = Line['level']

const PAGE = 200
const RUNNING_EVERY_MS = 3_000
const levels: readonly Level[] = ['debug', 'info', 'warn', 'error']
const marks: Partial<Record<Level, string>> = { warn: 'warning', error: 'failed' }

/** Lines of all tasks, by time; of a span where one is brushed. */
export const LogPanel = memo(function LogPanel({
  run,
  beganMs,
  isRunning,
  brush,
}: {
  readonly run: string
  readonly beganMs: number
  readonly isRunning: boolean
  readonly brush: Span | null
}) {
  const [level, setLevel] = useAddressState<Level>('level', 'debug')
  const [text, setText] = useAddressState('find', '')
  const find = useDeferredValue(text.trim())
  const logs = useOperationPages(
    'runs.logs',
    {
      run,
      level,
      limit: PAGE,
      ...(find !== '' && { text: find.slice(0, 200) }),
      ...(brush && {
        from: new Date(beganMs + brush.from).toISOString(),
        until: new Date(beganMs + brush.until).toISOString(),
      }),
    },
    { everyMs: isRunning ? RUNNING_EVERY_MS : false },
  )
  const lines = logs.data?.pages.flatMap((page) => page.lines) ?? []
  const sweptAt = logs.data?.pages[0]?.sweptAt ?? null

  return (
    <Card
      title={texts.log}
      note={
        brush === null
          ? texts.logOfAll
          : texts.logOfSpan(formatDuration(brush.from), formatDuration(brush.until))
      }
      flush
    >
      {/* As high as the picture beside it, however long the log is. */}
      <div className="flex flex-col xl:h-0 xl:min-h-full">
        <div className="flex gap-2 px-4 pb-3">
          <div className="grow">
            <TextField
              quiet
              label={texts.find}
              placeholder={texts.find}
              value={text}
              onChange={setText}
            />
          </div>
          <Select
            quiet
            label={texts.level}
            value={level}
            onChange={(value) => setLevel(value as Level)}
            choices={levels.map((value) => ({ value, label: texts.levels[value] }))}
          />
        </div>
        <Answer of={logs}>
          {() =>
            lines.length === 0 ? (
              sweptAt === null ? (
                <Empty title={texts.noLines}>{texts.noLinesHint}</Empty>
              ) : (
                <Empty title={texts.logsSwept} />
              )
            ) : (
              <div
                // What scrolls can be reached without a pointer.
                tabIndex={0}
                role="log"
                aria-label={texts.log}
                aria-live="off"
                className="max-h-100 grow overflow-y-auto border-t border-line xl:max-h-none xl:min-h-0"
              >
                <ol>
                  {lines.map((line, at) => (
                    <LogLine key={at} line={line} />
                  ))}
                </ol>
                {logs.hasNextPage && (
                  <div className="p-3 text-center">
                    <Button
                      size="small"
                      busy={logs.isFetchingNextPage}
                      onClick={() => void logs.fetchNextPage()}
                    >
                      {texts.loadMore}
                    </Button>
                  </div>
                )}
              </div>
            )
          }
        </Answer>
      </div>
    </Card>
  )
})

function LogLine({ line }: { readonly line: Line }) {
  const tenant = useTenant() ?? ''
  const zone = useZone()
  const mark = marks[line.level]
  return (
    <li className="border-b border-line/60 px-4 py-1.5 text-xs">
      <div className="flex items-center gap-2 text-faint">
        <time dateTime={line.at} title={formatTime(line.at, zone, true)} className="num shrink-0">
          {clockOf(line.at, zone)}
        </time>
        {mark !== undefined && <StatusMark state={mark} title={line.level} size={10} />}
        <Link
          to="/t/$tenant/tasks/$task"
          params={{ tenant, task: String(line.task) }}
          className="min-w-0 truncate hover:text-ink hover:underline"
        >
          {datasetName(line.dataset)} {line.partition}
        </Link>
      </div>
      <p className="font-mono whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
        {line.message}
      </p>
    </li>
  )
}
