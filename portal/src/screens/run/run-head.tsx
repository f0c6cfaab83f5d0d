import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Card, Stat } from '~/ui/card.tsx'
import { formatCount, formatDuration, formatShare } from '~/ui/format.ts'
import { StatusBar, StatusMark } from '~/ui/status.tsx'
import { useBeat } from '~/ui/use-beat.ts'

type State = keyof typeof texts.taskStates
/** In the order in which a task goes through them. */
const order: readonly State[] = [
  'done',
  'unchanged',
  'held',
  'failed',
  'skipped',
  'cancelled',
  'running',
  'ready',
  'waiting',
]

/** How far the run is: all tasks as one bar, then each dataset's. */
export function RunHead({
  view,
  askedAt,
}: {
  readonly view: RunView
  /** When it was asked for, by the clock here. */
  readonly askedAt: number
}) {
  const { run, datasets, remainingMs } = view
  const isRunning = run.state === 'running'
  const beat = useBeat(isRunning)
  const all = sumOf(datasets.map(({ counts }) => counts))
  const total = order.reduce((sum, state) => sum + all[state], 0)
  const open = all.waiting + all.ready + all.running
  const rows = datasets.reduce((sum, dataset) => sum + dataset.rows, 0)
  const work = datasets.reduce((sum, dataset) => sum + dataset.wallMs, 0)
  const end = run.endedAt === null ? beat : Date.parse(run.endedAt)
  const took = Math.max(end - Date.parse(run.createdAt), 0)
  const left = remainingMs === null ? null : Math.max(remainingMs - Math.max(beat - askedAt, 0), 0)
  const { estimatedMs } = run.plan

  return (
    <Card>
      <div className="grid grid-cols-2 gap-4 sm:grid-cols-4">
        <Stat
          label={texts.tasksEnded}
          value={total === 0 ? '0' : formatShare((total - open) / total)}
          note={texts.ofAll(formatCount(total - open), formatCount(total))}
        />
        <Stat
          label={isRunning ? texts.goesFor : texts.took}
          value={formatDuration(took)}
          note={estimatedMs !== null && texts.planned(formatDuration(estimatedMs))}
        />
        {isRunning ? (
          <Stat
            label={texts.left}
            value={left === null ? '–' : formatDuration(Math.ceil(left / 1000) * 1000)}
            note={left === null ? texts.leftUnknown : texts.leftNote}
          />
        ) : (
          <Stat label={texts.work} value={formatDuration(work)} note={texts.workNote} />
        )}
        <Stat label={texts.rows} value={formatCount(rows, true)} />
      </div>
      <div className="mt-4">
        <StatusBar counts={inOrder(all)} label={texts.progress} />
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
          {order
            .filter((state) => all[state] > 0)
            .map((state) => (
              <li key={state} className="flex items-center gap-1.5">
                <StatusMark state={state} size={10} />
                <span className="num">{formatCount(all[state])}</span> {texts.taskStates[state]}
              </li>
            ))}
        </ul>
      </div>
      {datasets.length > 1 && (
        <ul
          aria-label={texts.byDataset}
          className="mt-4 grid gap-x-8 gap-y-2 sm:grid-cols-2 xl:grid-cols-3"
        >
          {datasets.map(({ dataset, counts }) => (
            <li
              key={dataset}
              className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-center gap-3"
            >
              <span className="truncate text-xs text-soft" title={dataset}>
                {dataset}
              </span>
              <StatusBar counts={inOrder(counts)} label={dataset} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

type Counts = RunView['datasets'][number]['counts']

function sumOf(parts: readonly Counts[]): Record<State, number> {
  const sum = Object.fromEntries(order.map((state) => [state, 0])) as Record<State, number>
  for (const counts of parts) for (const state of order) sum[state] += counts[state]
  return sum
}

const inOrder = (counts: Readonly<Record<State, number>>) =>
  Object.fromEntries(order.map((state) => [state, counts[state]]))
