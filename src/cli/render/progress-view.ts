import { renderBar } from '#cli/render/bar.ts'
import { paint, type Look, type Tone } from '#cli/render/look.ts'
import { cut, harmless, padEnd, padStart } from '#cli/render/text.ts'
import { counted } from '#cli/render/units.ts'
import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'
import type { RunViewData } from '#operations/runs/run-view-data.ts'

type Dataset = RunViewData['datasets'][number]

const BAR_CELLS = 24

export interface ProgressState {
  readonly elapsedMs: number
  /** Lines that the block may take. */
  readonly height: number
  readonly cancelling: boolean
}

/** A block of one line a dataset and a foot line, to be drawn again and again. */
export function renderProgress(look: Look, view: RunViewData, state: ProgressState): string[] {
  const shown = choose(view, Math.max(3, state.height - 2))
  const widths = {
    name: Math.max(...view.datasets.map(({ dataset }) => dataset.length), 8),
    bar: look.width < 90 ? 12 : BAR_CELLS,
    counts: Math.max(...view.datasets.map((dataset) => countsOf(dataset).length)),
    rows: Math.max(...view.datasets.map((dataset) => rowsOf(dataset).length), 9),
  }
  const lines = shown.map((dataset) => datasetLine(look, view, dataset, widths))
  const hidden = view.datasets.length - shown.length
  if (hidden > 0) lines.push(paint(look, 'faint', `  … ${hidden} more`))
  return [...lines, footLine(look, view, state)]
}

interface Widths {
  readonly name: number
  readonly bar: number
  readonly counts: number
  readonly rows: number
}

function datasetLine(look: Look, view: RunViewData, dataset: Dataset, widths: Widths): string {
  const total = sum(dataset)
  const ended = endedOf(dataset)
  const active = view.active.filter((work) => work.dataset === dataset.dataset)
  const share = total === 0 ? 0 : (ended + Math.min(total - ended, partOf(active))) / total
  const bar = renderBar(look, share, widths.bar, toneOf(dataset, ended === total))
  const room = look.width - widths.name - widths.bar - widths.counts - widths.rows - 9
  const activity = cut(harmless(activityOf(active, dataset)), Math.max(0, room))
  return [
    `  ${padEnd(dataset.dataset, widths.name)}`,
    `${bar} ${padStart(countsOf(dataset), widths.counts)}`,
    padStart(rowsOf(dataset), widths.rows),
    paint(look, 'faint', activity),
  ]
    .join('  ')
    .trimEnd()
}

function countsOf(dataset: Dataset): string {
  return `${formatCount(endedOf(dataset))}/${formatCount(sum(dataset))}`
}

function rowsOf({ rows }: Dataset): string {
  return rows > 0 ? counted(rows, 'row') : ''
}

/** Tasks behind the bytes of what is being read now. */
function partOf(active: RunViewData['active']): number {
  return active.reduce((part, { bytes, totalBytes, step, partitions }) => {
    if (bytes === null || totalBytes === null || totalBytes === 0) return part
    const share = Math.min(1, bytes / totalBytes)
    return part + partitions.length * (step === 'fetch' ? share / 2 : 0.5 + share / 2) * 0.98
  }, 0)
}

const steps = {
  fetch: 'fetching',
  scan: 'scanning',
  convert: 'typing rows',
  query: 'computing',
  check: 'checking',
  write: 'writing',
  publish: 'publishing',
} as const

function activityOf(active: RunViewData['active'], { counts }: Dataset): string {
  const [work] = active
  if (work) {
    const where = work.partitions.length === 1 ? ` ${work.partitions[0]}` : ''
    const bytes =
      work.bytes === null
        ? ''
        : work.totalBytes === null
          ? `, ${formatBytes(work.bytes)}`
          : `, ${formatBytes(work.bytes)} of ${formatBytes(work.totalBytes)}`
    return `${steps[work.step]}${where}${bytes}`
  }
  const endings = [
    ...(counts.failed > 0 ? [`${formatCount(counts.failed)} failed`] : []),
    ...(counts.held > 0 ? [`${formatCount(counts.held)} held`] : []),
    ...(counts.skipped > 0 ? [`${formatCount(counts.skipped)} skipped`] : []),
    ...(counts.cancelled > 0 ? [`${formatCount(counts.cancelled)} cancelled`] : []),
    ...(counts.unchanged > 0 ? [`${formatCount(counts.unchanged)} unchanged`] : []),
  ]
  return endings.join(', ')
}

function toneOf({ counts }: Dataset, complete: boolean): Tone {
  if (counts.failed > 0) return 'bad'
  if (counts.held > 0) return 'held'
  return complete ? 'good' : 'accent'
}

function footLine(look: Look, view: RunViewData, state: ProgressState): string {
  const total = view.datasets.reduce((all, dataset) => all + sum(dataset), 0)
  const ended = view.datasets.reduce((all, dataset) => all + endedOf(dataset), 0)
  const left =
    view.remainingMs === null || ended === total
      ? []
      : [`about ${formatDuration(view.remainingMs)} left`]
  const text = [
    `${formatCount(ended)} of ${formatCount(total)} tasks`,
    formatDuration(state.elapsedMs),
    ...(state.cancelling
      ? ['cancelling: waiting until everything is consistent (Ctrl-C again leaves at once)']
      : left),
  ].join(' · ')
  return `  ${paint(look, state.cancelling ? 'notice' : 'strong', text)}`
}

/** All of them when they fit; else those at work, then those that wait, then the newest ended ones. */
function choose(view: RunViewData, room: number): Dataset[] {
  if (view.datasets.length <= room) return view.datasets
  const active = new Set(view.active.map(({ dataset }) => dataset))
  const rank = (dataset: Dataset) =>
    active.has(dataset.dataset) || dataset.counts.running > 0
      ? 0
      : endedOf(dataset) < sum(dataset)
        ? 1
        : 2
  const kept = new Set(view.datasets.toSorted((a, b) => rank(a) - rank(b)).slice(0, room))
  return view.datasets.filter((dataset) => kept.has(dataset))
}

function sum({ counts }: Dataset): number {
  return Object.values(counts).reduce((all, count) => all + count, 0)
}

export function endedOf({ counts }: Dataset): number {
  const { done, unchanged, held, failed, skipped, cancelled } = counts
  return done + unchanged + held + failed + skipped + cancelled
}

/** For output that cannot be redrawn: a line for each dataset that has just come to its end. */
export function renderMilestones(
  look: Look,
  before: RunViewData | null,
  now: RunViewData,
): string[] {
  return now.datasets.flatMap((dataset) => {
    const former = before?.datasets.find((one) => one.dataset === dataset.dataset)
    const isEnded = endedOf(dataset) === sum(dataset)
    const wasEnded =
      former !== undefined && sum(former) === sum(dataset) && endedOf(former) === sum(former)
    if (!isEnded || wasEnded) return []
    const tone = toneOf(dataset, true)
    const mark = tone === 'good' ? '✓' : tone === 'held' ? '▲' : '✗'
    const extra = activityOf([], dataset)
    const text = [
      counted(sum(dataset), 'task'),
      ...(dataset.rows > 0 ? [counted(dataset.rows, 'row')] : []),
      ...(extra === '' ? [] : [extra]),
    ].join(' · ')
    return [`  ${paint(look, tone, mark)} ${padEnd(dataset.dataset, 24)} ${text}`]
  })
}
