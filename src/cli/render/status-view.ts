import type { z } from 'zod'

import { paint, type Look, type Tone } from '#cli/render/look.ts'
import {
  gravity,
  renderLegend,
  renderStrip,
  stateMarks,
  type StateName,
} from '#cli/render/partition-state.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { harmless, padEnd, widthOf, wrap } from '#cli/render/text.ts'
import { counted, formatAge, formatInstant } from '#cli/render/units.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import type { RunData } from '#operations/runs/run-data.ts'
import type { showStatus } from '#operations/status/show.ts'

export type StatusAnswer = z.output<(typeof showStatus)['output']>
type Dataset = StatusAnswer['datasets'][number]

const CAUSES_MAX = 5
const STRIP_MAX = 62

/** A strip of marks for each dataset, the legend, what needs attention, and the newest runs. */
export function renderStatus(look: Look, status: StatusAnswer, now: Date): string[] {
  const { datasets, runs } = status
  const nameWidth = Math.max(...datasets.map(({ dataset }) => widthOf(dataset)), 7)
  const spanWidth = Math.max(...datasets.map((dataset) => spanOf(dataset).length), 4)
  const room = look.width - nameWidth - spanWidth - 8 - SUMMARY_CELLS
  const longest = Math.max(...datasets.map(({ partitions }) => partitions.length), 1)
  const cells = Math.max(8, Math.min(room, STRIP_MAX, longest))
  return [
    ...datasets.map((dataset) => datasetLine(look, dataset, { nameWidth, spanWidth, cells })),
    '',
    `  ${renderLegend(look)}`,
    ...attention(look, datasets),
    ...ages(look, datasets),
    ...acceptedCode(look, datasets),
    ...(runs.length > 0 ? ['', paint(look, 'strong', 'Newest runs')] : []),
    ...renderRuns(look, runs, now),
  ]
}

const SUMMARY_CELLS = 28

interface Widths {
  readonly nameWidth: number
  readonly spanWidth: number
  readonly cells: number
}

function datasetLine(
  look: Look,
  dataset: Dataset,
  { nameWidth, spanWidth, cells }: Widths,
): string {
  const states = dataset.partitions.map(({ state }) => state)
  const strip = renderStrip(look, states, cells)
  const gap = ' '.repeat(cells - Math.ceil(states.length / strip.perMark))
  const name = paint(look, 'strong', padEnd(dataset.dataset, nameWidth))
  const span = paint(look, 'faint', padEnd(spanOf(dataset), spanWidth))
  const summary =
    states.length === 0 ? paint(look, 'faint', 'nothing yet') : summaryOf(look, states)
  const scale = strip.perMark > 1 ? paint(look, 'faint', ` · ${strip.perMark} a mark`) : ''
  return `  ${name}  ${span}  ${strip.text}${gap}  ${summary}${scale}`
}

function spanOf({ partitions }: Dataset): string {
  const [first, last] = [partitions[0]?.partition, partitions.at(-1)?.partition]
  if (first === undefined || last === undefined || first === 'all') return ''
  return first === last ? first : `${first}..${last}`
}

function summaryOf(look: Look, states: readonly StateName[]): string {
  const counts = new Map<StateName, number>()
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1)
  return gravity
    .filter((state) => counts.has(state))
    .map((state) =>
      paint(look, stateMarks[state].tone, `${formatCount(counts.get(state) ?? 0)} ${state}`),
    )
    .join(' ')
}

/** Partitions that failed or are held first, then stale ones, each with its first cause. */
function attention(look: Look, datasets: readonly Dataset[]): string[] {
  const wanting = datasets.flatMap(({ dataset, partitions }) =>
    partitions
      .filter(
        ({ state, causes }) => ['failed', 'held', 'stale'].includes(state) && causes.length > 0,
      )
      .map((partition) => ({ dataset, ...partition })),
  )
  if (wanting.length === 0) return []
  const sorted = wanting.toSorted((a, b) => gravity.indexOf(a.state) - gravity.indexOf(b.state))
  const lines = sorted.slice(0, CAUSES_MAX).flatMap(({ dataset, partition, state, causes }) => {
    const { mark, tone } = stateMarks[state]
    const text = harmless(`${dataset} ${partition}: ${causes[0]}`)
    return wrap(text, look.width - 4).map(
      (line, at) => `  ${at === 0 ? paint(look, tone, mark) : ' '} ${line}`,
    )
  })
  const more = wanting.length - CAUSES_MAX
  return [
    '',
    paint(look, 'strong', 'Wants attention'),
    ...lines,
    ...(more > 0 ? [`  … and ${counted(more, 'more partition')}`] : []),
  ]
}

/** Rules about age: the breached ones by name, the others counted. */
function ages(look: Look, datasets: readonly Dataset[]): string[] {
  const ruled = datasets.flatMap(({ dataset, freshness }) =>
    freshness === null ? [] : [{ dataset, ...freshness }],
  )
  if (ruled.length === 0) return []
  const breached = ruled.filter(({ state }) => state === 'breached')
  const kept = ruled.length - breached.length
  return [
    '',
    paint(look, 'strong', 'Age'),
    ...breached.map(({ dataset, maxAgeMs, breachAt }) => {
      const since = breachAt === null ? '' : ` since ${formatInstant(breachAt)}`
      const text = `${dataset} is older than ${formatDuration(maxAgeMs)}${since}`
      return `  ${paint(look, 'bad', stateMarks.failed.mark)} ${harmless(text)}`
    }),
    ...(kept > 0
      ? [`  ${paint(look, 'good', '✓')} ${counted(kept, 'dataset')} within what the rules say`]
      : []),
  ]
}

/** Changes of code that keep partitions fresh because somebody said so. */
function acceptedCode(look: Look, datasets: readonly Dataset[]): string[] {
  const inUse = datasets.flatMap(({ dataset, accepted }) =>
    accepted.filter(({ partitions }) => partitions > 0).map((one) => ({ dataset, ...one })),
  )
  if (inUse.length === 0) return []
  const lines = inUse.slice(0, CAUSES_MAX).flatMap(({ dataset, partitions, by, at, why }) => {
    const who = `accepted by ${by}, ${formatInstant(at)}: ${why}`
    const text = harmless(`${dataset}: former code of ${counted(partitions, 'partition')}, ${who}`)
    return wrap(text, look.width - 4).map(
      (line, index) => `  ${index === 0 ? paint(look, 'info', '=') : ' '} ${line}`,
    )
  })
  const more = inUse.length - CAUSES_MAX
  return [
    '',
    paint(look, 'strong', 'Accepted code'),
    ...lines,
    ...(more > 0 ? [`  … and ${counted(more, 'more change')}`] : []),
  ]
}

const runTones: Readonly<Record<RunData['state'], { readonly mark: string; readonly tone: Tone }>> =
  {
    running: { mark: '…', tone: 'info' },
    done: { mark: '✓', tone: 'good' },
    failed: { mark: '✗', tone: 'bad' },
    cancelled: { mark: '!', tone: 'notice' },
  }

export function renderRuns(look: Look, runs: readonly RunData[], now: Date): string[] {
  if (runs.length === 0) return [paint(look, 'faint', '  no run yet')]
  const rows = runs.map((run): Cell[] => {
    const { mark, tone } = runTones[run.state]
    const took =
      run.endedAt === null
        ? ''
        : formatDuration(Date.parse(run.endedAt) - Date.parse(run.createdAt))
    return [
      { text: mark, tone },
      run.id,
      { text: run.undoneAt === null ? run.state : `${run.state}, undone`, tone },
      formatAge(run.createdAt, now),
      took,
      formatCount(run.plan.tasks),
      run.title,
    ]
  })
  const columns = [
    { title: '', fixed: true },
    { title: 'run', fixed: true },
    { title: 'state', fixed: true },
    { title: 'started', fixed: true },
    { title: 'took', align: 'right', fixed: true },
    { title: 'planned', align: 'right', fixed: true },
    { title: 'asked for' },
  ] as const
  return renderTable(look, columns, rows)
}
