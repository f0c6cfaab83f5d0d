import { reasonsOf, type Plan, type PlanMode } from '~/plan/question.ts'
import { planTexts as texts } from '~/texts/plan.ts'
import { Stat } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

type PlannedTask = Plan['tasks'][number]
type PlannedDataset = Plan['summary']['datasets'][number]

/** A plan: how much, of what, and why each part. */
export function PlanSummary({
  plan: { summary, tasks, tasksLeftOut },
  mode,
  former,
}: {
  readonly plan: Plan
  readonly mode: PlanMode
  /** The plan that it replaces. */
  readonly former: Plan | null
}) {
  if (summary.tasks === 0) {
    return (
      <Empty title={texts.nothing}>{mode === 'run' ? texts.nothingRun : texts.nothingElse}</Empty>
    )
  }
  const { estimatedMs, estimatedBytes, later } = summary
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-3 gap-4">
        <Stat
          label={texts.parts}
          value={formatCount(summary.tasks)}
          note={former ? texts.before(former.summary.tasks, summary.tasks) : undefined}
        />
        <Stat
          label={texts.work}
          value={estimatedMs === null ? '–' : formatDuration(estimatedMs)}
          note={estimatedMs === null ? texts.unknown : texts.workNote}
        />
        <Stat
          label={texts.read}
          value={estimatedBytes === null ? '–' : formatBytes(estimatedBytes)}
        />
      </div>
      <section className="grid gap-4 sm:grid-cols-2">
        <Datasets datasets={summary.datasets} former={former?.summary.datasets ?? null} />
        <Reasons tasks={tasks} />
      </section>
      {later.map(({ dataset, reads }) => (
        <p key={dataset} className="text-xs text-faint">
          {texts.later(dataset, reads)}
        </p>
      ))}
      <DataTable
        label={texts.why}
        columns={columns}
        rows={tasks.filter(({ kind }) => kind === 'build')}
        rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
        height={240}
        rowHeight={30}
      />
      {tasksLeftOut > 0 && <p className="text-xs text-faint">{texts.leftOut(tasksLeftOut)}</p>}
    </div>
  )
}

function Datasets({
  datasets,
  former,
}: {
  readonly datasets: readonly PlannedDataset[]
  readonly former: readonly PlannedDataset[] | null
}) {
  const most = Math.max(1, ...datasets.map(sizeOf))
  return (
    <div className="min-w-0">
      <h3 className="mb-1 text-xs font-medium text-soft">{texts.byDataset}</h3>
      <ul className="flex flex-col gap-1.5">
        {datasets.map((entry) => {
          const { dataset, certain, conditional, first, last } = entry
          const before = former?.find((other) => other.dataset === dataset)
          const isOther = former !== null && sizeOf(entry) !== (before ? sizeOf(before) : 0)
          return (
            <li key={dataset} className="text-xs">
              <div className="flex gap-2">
                <span className="min-w-0 truncate font-medium" title={dataset}>
                  {dataset}
                </span>
                <span className="num ml-auto whitespace-nowrap text-faint">
                  {texts.span(first, last)}
                </span>
                <span className={`num w-12 text-right ${isOther ? 'font-semibold text-warn' : ''}`}>
                  {formatCount(certain + conditional)}
                </span>
              </div>
              <div
                className="mt-0.5 flex h-1.5 gap-px"
                title={`${certain} ${texts.certain}, ${conditional} ${texts.perhaps}`}
              >
                <span
                  className="rounded-sm bg-accent"
                  style={{ width: `${(certain / most) * 100}%` }}
                />
                <span
                  className="hatched rounded-sm bg-accent-soft text-accent"
                  style={{ width: `${(conditional / most) * 100}%` }}
                />
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

const sizeOf = ({ certain, conditional }: PlannedDataset) => certain + conditional

function Reasons({ tasks }: { readonly tasks: readonly PlannedTask[] }) {
  const reasons = reasonsOf(tasks.filter(({ kind }) => kind === 'build'))
  return (
    <div className="min-w-0">
      <h3 className="mb-1 text-xs font-medium text-soft">{texts.reasons}</h3>
      <ul className="flex flex-col gap-1.5 text-xs">
        {reasons.map(({ kind, text, tasks: count }) => (
          <li key={kind} className="flex gap-2">
            <span className="min-w-0 [overflow-wrap:anywhere]">{text}</span>
            <span className="num ml-auto">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const columns: readonly Column<PlannedTask>[] = [
  {
    id: 'partition',
    title: texts.partition,
    width: 280,
    cell: ({ dataset, partition, state, certainty }) => (
      <span className="inline-flex max-w-full items-center gap-1.5 text-xs">
        <StatusMark state={state} title={state} />
        <span className="truncate" title={`${dataset} ${partition}`}>
          {dataset} <span className="num">{partition}</span>
        </span>
        {certainty === 'conditional' && (
          <span className="text-faint" title={texts.perhapsNote}>
            {texts.perhaps}
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'why',
    title: texts.why,
    width: 'auto',
    cell: ({ causes }) => {
      const words = causes.map(({ text }) => text).join('; ')
      return (
        <span className="inline-flex max-w-full items-center text-xs" title={words}>
          <span className="truncate">{words}</span>
        </span>
      )
    },
  },
]
