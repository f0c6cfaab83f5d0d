import type { Bars } from '~/screens/run/bars.ts'
import { datasetName } from '~/screens/run/dataset-name.ts'
import type { Timeline } from '~/screens/run/timeline.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'

const WIDE = 264

/** What the pointer is on. */
export function GanttTip({
  timeline,
  bars,
  now,
  width,
  bar,
  x,
  y,
}: {
  readonly timeline: Timeline
  readonly bars: Bars
  readonly now: number
  readonly width: number
  readonly bar: number
  readonly x: number
  readonly y: number
}) {
  const { attempts, datasets, workers } = timeline
  const start = bars.start[bar] ?? 0
  const end = Math.min(bars.end[bar] ?? 0, Math.max(now, start))
  const state = attempts.state[bar] ?? ''
  const rows = attempts.rows[bar]
  const number = attempts.number[bar] ?? 1
  return (
    <div
      className="pointer-events-none absolute z-20 rounded-md border border-line bg-raised px-3 py-2 text-xs shadow-high"
      style={{ left: Math.max(Math.min(x + 12, width - WIDE), 4), top: y + 16, width: WIDE }}
    >
      <div className="flex items-center gap-1.5 font-medium">
        <StatusMark state={state} />
        <span className="min-w-0 truncate">
          {datasetName(datasets[attempts.dataset[bar] ?? 0] ?? '')} {attempts.partition[bar]}
        </span>
      </div>
      <div className="num mt-1 text-soft">
        {texts.attemptStates[state as keyof typeof texts.attemptStates] ?? state}
        {number > 1 && `, ${texts.attempt(number)}`}
        {' · '}
        {formatDuration(end - start)} {texts.after(formatDuration(start))}
      </div>
      {(bars.together[bar] ?? 1) > 1 && (
        <div className="text-soft">{texts.together(bars.together[bar] ?? 1)}</div>
      )}
      {rows != null && <div className="num text-soft">{texts.rowsOf(formatCount(rows))}</div>}
      <div className="truncate text-faint">{workers[attempts.worker[bar] ?? 0]}</div>
    </div>
  )
}
