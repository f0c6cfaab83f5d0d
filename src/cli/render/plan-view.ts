import type { z } from 'zod'

import { paint, type Look } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { counted } from '#cli/render/units.ts'
import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { stateMarks } from '#cli/render/partition-state.ts'
import type { PlannedTaskData } from '#operations/plans/plan-data.ts'
import type { showPlan } from '#operations/plans/show.ts'

export type PlanAnswer = z.output<(typeof showPlan)['output']>

/** One line a dataset: how many partitions, which, in what state and why; then what it may cost. */
export function renderPlan(look: Look, plan: PlanAnswer): string[] {
  if (plan.summary.tasks === 0)
    return [`  ${paint(look, 'good', '✓')} everything is fresh: nothing to do`]
  const groups = groupByDataset(plan.tasks)
  const rows = groups.map(([dataset, tasks]): Cell[] => {
    const first = tasks[0] as PlannedTaskData
    const { mark, tone } = stateMarks[first.state]
    return [
      { text: mark, tone },
      { text: dataset, tone: 'strong' },
      formatCount(tasks.length),
      rangeOf(tasks),
      certaintyOf(tasks),
      reasonOf(tasks),
    ]
  })
  const columns = [
    { title: '', fixed: true },
    { title: 'dataset', fixed: true },
    { title: 'n', align: 'right', fixed: true },
    { title: 'partitions', fixed: true },
    { title: '', fixed: true, tone: 'faint' },
    { title: 'why' },
  ] as const
  return [
    ...renderTable(look, columns, rows),
    ...laterLines(look, plan),
    ...(plan.tasksLeftOut > 0 ? [`  … and ${counted(plan.tasksLeftOut, 'more task')}`] : []),
    `  ${totals(plan)}`,
  ]
}

/** Every task with all of its causes. */
export function renderPlanTasks(look: Look, plan: PlanAnswer): string[] {
  const rows = builds(plan.tasks).map((task): Cell[] => [
    { text: stateMarks[task.state].mark, tone: stateMarks[task.state].tone },
    { text: task.dataset, tone: 'strong' },
    task.partition,
    task.certainty === 'certain' ? '' : 'perhaps',
    task.causes.map(({ text }) => text).join('; '),
  ])
  const columns = [
    { title: '', fixed: true },
    { title: 'dataset', fixed: true },
    { title: 'partition', fixed: true },
    { title: '', fixed: true, tone: 'faint' },
    { title: 'why' },
  ] as const
  return [...renderTable(look, columns, rows), ...laterLines(look, plan), `  ${totals(plan)}`]
}

function builds(tasks: readonly PlannedTaskData[]): PlannedTaskData[] {
  return tasks.filter(({ kind }) => kind === 'build')
}

function groupByDataset(tasks: readonly PlannedTaskData[]): [string, PlannedTaskData[]][] {
  return [...Map.groupBy(builds(tasks), ({ dataset }) => dataset)]
}

function rangeOf(tasks: readonly PlannedTaskData[]): string {
  const keys = tasks.map(({ partition }) => partition).toSorted()
  const [first = '', last = ''] = [keys[0], keys.at(-1)]
  return first === last ? first : `${first}..${last}`
}

function certaintyOf(tasks: readonly PlannedTaskData[]): string {
  const conditional = tasks.filter(({ certainty }) => certainty === 'conditional').length
  if (conditional === 0) return ''
  return conditional === tasks.length ? 'perhaps' : `${formatCount(conditional)} perhaps`
}

/** The commonest first cause, and how many others there are. */
function reasonOf(tasks: readonly PlannedTaskData[]): string {
  const counts = new Map<string, number>()
  for (const { causes } of tasks) {
    const text = causes[0]?.text ?? ''
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const [commonest] = [...counts].toSorted((a, b) => b[1] - a[1])
  const others = counts.size - 1
  return others > 0
    ? `${commonest?.[0]} (and ${counted(others, 'other reason')})`
    : (commonest?.[0] ?? '')
}

/** What a first wave cannot know yet, by grain. */
function laterLines(look: Look, plan: PlanAnswer): string[] {
  const listed = new Set(plan.tasks.map(({ dataset }) => dataset))
  const later = plan.summary.later.filter(({ dataset }) => !listed.has(dataset))
  if (later.length === 0) return []
  const groups = [...Map.groupBy(later, ({ grain }) => grain)].map(([grain, datasets]) => {
    const names = datasets.map(({ dataset }) => dataset).join(', ')
    return grain === 'none' ? names : `by ${grain}: ${names}`
  })
  const sources = groupByDataset(plan.tasks).map(([dataset]) => dataset)
  const read = later.find(({ reads }) => sources.includes(reads.split(' ')[0] ?? ''))?.reads ?? ''
  const head = `then, from what ${read.split(' ')[0] || 'they'} turns out to hold`
  const lines = groups.flatMap((group) => wrap(harmless(group), look.width, '     ', '       '))
  return [`  + ${head}`, ...lines].map((line) => paint(look, 'faint', line))
}

function totals(plan: PlanAnswer): string {
  const { tasks, estimatedMs, estimatedBytes } = plan.summary
  const perhaps = plan.tasks.filter(({ certainty }) => certainty === 'conditional').length
  return [
    counted(tasks, 'task'),
    ...(perhaps > 0
      ? [`${formatCount(perhaps)} of them only if their inputs turn out changed`]
      : []),
    ...(estimatedMs === null ? [] : [`about ${formatDuration(estimatedMs)}`]),
    ...(estimatedBytes === null || estimatedBytes === 0
      ? []
      : [`${formatBytes(estimatedBytes)} to read`]),
  ].join(' · ')
}
