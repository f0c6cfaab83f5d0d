import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { counted } from '#cli/render/units.ts'
import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'
import type { RunViewData } from '#operations/runs/run-view-data.ts'

const LINES_MAX = 12
const SHOWN_MAX = 5
const MONTH_LENGTH = '2021-04'.length

/** What a run came to: rows in and out, checks, failures with their remedies, where the results are. */
export function renderSummary(look: Look, view: RunViewData, tookMs: number): string[] {
  return [
    ...section(look, 'Rows in', sourceLines(look, view)),
    ...section(look, 'Results', analysisLines(look, view)),
    ...section(look, 'Checks that did not pass', checkLines(look, view)),
    ...section(look, 'What went wrong', failureLines(look, view)),
    ...section(look, 'Look at them', showLines(look, view)),
    '',
    closing(look, view, tookMs),
  ]
}

function section(look: Look, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', paint(look, 'strong', title), ...lines]
}

/**
 * received = accepted + repaired + quarantined, for each file and added up where they are many.
 * Reference tables that are as they should be need no line.
 */
function sourceLines(look: Look, view: RunViewData): string[] {
  const files = view.sources.filter((file) => file.partition !== 'all' || file.quarantined > 0)
  const rows = files
    .slice(0, LINES_MAX)
    .map((file): Cell[] => [
      { text: file.dataset, tone: 'strong' },
      file.partition,
      formatBytes(file.sizeBytes),
      ...countCells(file),
    ])
  if (rows.length === 0) return []
  if (files.length > 1) {
    const total = {
      received: totalOf(files, 'received'),
      accepted: totalOf(files, 'accepted'),
      repaired: totalOf(files, 'repaired'),
      quarantined: totalOf(files, 'quarantined'),
    }
    const bytes = files.reduce((all, { sizeBytes }) => all + sizeBytes, 0)
    const label = { text: counted(files.length, 'file'), tone: 'strong' } as const
    rows.push([label, 'in all', formatBytes(bytes), ...countCells(total)])
  }
  const columns = [
    { title: 'source', fixed: true },
    { title: 'partition', fixed: true },
    { title: 'size', align: 'right', fixed: true },
    { title: 'received', align: 'right', fixed: true },
    { title: '', fixed: true },
    { title: 'accepted', align: 'right', fixed: true },
    { title: '', fixed: true },
    { title: 'repaired', align: 'right', fixed: true },
    { title: '', fixed: true },
    { title: 'quarantined', align: 'right', fixed: true },
  ] as const
  return [...renderTable(look, columns, rows), ...leftOutLines(files), ...heldLines(look, files)]
}

/** The rest of what was received: rows about subjects of whom nothing is kept. */
function leftOutLines(files: RunViewData['sources']): string[] {
  const withheld = files.reduce((sum, file) => sum + (file.withheld ?? 0), 0)
  const erased = files.reduce((sum, file) => sum + (file.erased ?? 0), 0)
  return [
    ...(withheld > 0 ? [`    + ${formatCount(withheld)} withheld: their collection is off`] : []),
    ...(erased > 0 ? [`    + ${formatCount(erased)} of erased subjects`] : []),
  ]
}

/** Why rows were held back, and the command that shows them. */
function heldLines(look: Look, files: RunViewData['sources']): string[] {
  return [...Map.groupBy(files, ({ dataset }) => dataset)].flatMap(([dataset, its]) => {
    const counts = new Map<string, number>()
    for (const { reason, rows } of its.flatMap(({ reasons }) => reasons)) {
      counts.set(reason, (counts.get(reason) ?? 0) + rows)
    }
    if (counts.size === 0) return []
    const keys = its.filter(({ quarantined }) => quarantined > 0).map(({ partition }) => partition)
    const option = keys.length === 1 ? ` --partition ${keys[0]}` : ''
    const why = [...counts].toSorted((a, b) => b[1] - a[1])
    const text = why.map(([reason, rows]) => `${formatCount(rows)} ${reason}`).join(', ')
    return [
      ...wrap(
        harmless(`held back: ${text}`),
        look.width,
        `  ${paint(look, 'notice', marks.warning)} `,
        '    ',
      ),
      `    ${paint(look, 'accent', `millrace quarantine ${dataset}${option}`)}`,
    ]
  })
}

interface Counts {
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
}

function countCells({ received, accepted, repaired, quarantined }: Counts): Cell[] {
  const held = formatCount(quarantined)
  return [
    formatCount(received),
    '=',
    formatCount(accepted),
    '+',
    formatCount(repaired),
    '+',
    quarantined > 0 ? { text: held, tone: 'notice' } : held,
  ]
}

function totalOf(files: readonly Counts[], name: keyof Counts): number {
  return files.reduce((all, file) => all + file[name], 0)
}

const endMarks: Readonly<Partial<Record<Tone, string>>> = {
  good: marks.done,
  notice: marks.warning,
  held: '▲',
  bad: marks.failed,
}

function analysisLines(look: Look, view: RunViewData): string[] {
  const rows = view.datasets
    .filter(({ kind }) => kind === 'analysis')
    .map(({ dataset, counts, rows: count, wallMs }): Cell[] => {
      const others = [
        ...(counts.unchanged > 0 ? [`${formatCount(counts.unchanged)} unchanged`] : []),
        ...(counts.held > 0 ? [`${formatCount(counts.held)} held`] : []),
        ...(counts.failed > 0 ? [`${formatCount(counts.failed)} failed`] : []),
        ...(counts.skipped > 0 ? [`${formatCount(counts.skipped)} skipped`] : []),
        ...(counts.cancelled > 0 ? [`${formatCount(counts.cancelled)} cancelled`] : []),
      ]
      const ended = counts.done + counts.unchanged > 0
      const tone: Tone =
        counts.failed > 0 ? 'bad' : counts.held > 0 ? 'held' : ended ? 'good' : 'notice'
      return [
        { text: endMarks[tone] ?? '', tone },
        { text: dataset, tone: 'strong' },
        formatCount(counts.done),
        formatCount(count),
        formatDuration(wallMs),
        others.join(', '),
      ]
    })
  if (rows.length === 0) return []
  const columns = [
    { title: '', fixed: true },
    { title: 'analysis', fixed: true },
    { title: 'partitions', align: 'right', fixed: true },
    { title: 'rows', align: 'right', fixed: true },
    { title: 'time', align: 'right', fixed: true },
    { title: '', tone: 'faint' },
  ] as const
  return renderTable(look, columns, rows)
}

/** One entry for each check, with the partitions that it did not pass in. */
function checkLines(look: Look, view: RunViewData): string[] {
  const groups = [...Map.groupBy(view.checks, ({ dataset, name }) => `${dataset} ${name}`).values()]
  const lines = groups.slice(0, LINES_MAX).flatMap((group) => {
    const [check] = group
    if (!check) return []
    const blocking = check.severity === 'blocking'
    const mark = paint(look, blocking ? 'held' : 'notice', blocking ? '▲' : marks.warning)
    const text = `${check.dataset} ${spanOf(group)} · ${check.name}: ${check.message}`
    return wrap(harmless(text), look.width, `  ${mark} `, '    ')
  })
  const more = groups.length - LINES_MAX
  return more > 0 ? [...lines, `  … and ${counted(more, 'more check')}`] : lines
}

function spanOf(slices: readonly { readonly partition: string }[]): string {
  const keys = slices.map(({ partition }) => partition).toSorted()
  const [first = '', last = ''] = [keys[0], keys.at(-1)]
  return first === last ? first : `${first}..${last} (${keys.length} partitions)`
}

function failureLines(look: Look, view: RunViewData): string[] {
  const caused = view.failures.filter(({ state }) => state !== 'skipped')
  const skipped = view.failures.length - caused.length
  const lines = caused.slice(0, LINES_MAX).flatMap((failure) => {
    const { dataset, partition, taskId, error, state } = failure
    const text = error?.message ?? 'a blocking check did not pass: the former version stays'
    const head = harmless(`${dataset} ${partition} ${state}: ${text}`)
    const remedy = error?.remedy ?? 'Look at the checks above.'
    return [
      ...wrap(head, look.width - 4).map(
        (line, at) => `  ${at === 0 ? paint(look, 'bad', marks.failed) : ' '} ${line}`,
      ),
      ...wrap(harmless(`${remedy} (millrace logs ${taskId})`), look.width - 6).map(
        (line, at) => `    ${at === 0 ? paint(look, 'accent', marks.next) : ' '} ${line}`,
      ),
    ]
  })
  if (caused.length > LINES_MAX) lines.push(`  … and ${counted(caused.length - LINES_MAX, 'more')}`)
  if (skipped > 0) {
    lines.push(
      `  ${counted(skipped, 'task')} skipped, because ${skipped === 1 ? 'its' : 'their'} input did not come`,
    )
  }
  return lines
}

/** Up to five commands for the results that a person most likely came for: the last ones of the plan. */
function showLines(look: Look, view: RunViewData): string[] {
  const { datasets, later } = view.run.plan
  const built = view.datasets.filter(({ kind, counts }) => kind === 'analysis' && counts.done > 0)
  const months = view.sources.map(({ partition }) => partition).filter((key) => key !== 'all')
  const month = months.toSorted().at(-1)
  return built.slice(-SHOWN_MAX).map(({ dataset }) => {
    const planned = datasets.find((one) => one.dataset === dataset)
    const grain = later.find((one) => one.dataset === dataset)?.grain
    const key = planned?.last ?? (grain === 'month' ? month : undefined)
    const option =
      key === undefined || key === 'all'
        ? ''
        : key.length === MONTH_LENGTH
          ? ` --month ${key}`
          : ` --partition ${key}`
    return `  ${paint(look, 'accent', `millrace show ${dataset}${option}`)}`
  })
}

function closing(look: Look, view: RunViewData, tookMs: number): string {
  const { id, state } = view.run
  const held = view.failures.some((failure) => failure.state === 'held')
  const words = {
    running: ['…', 'notice', 'still running'],
    done: held ? ['▲', 'held', 'done, with partitions held back'] : [marks.done, 'good', 'done'],
    failed: [marks.failed, 'bad', 'ended with failures; what succeeded is published'],
    cancelled: [marks.warning, 'notice', 'cancelled; run it again to resume'],
  } as const satisfies Record<string, readonly [string, Tone, string]>
  const [mark, tone, text] = words[state]
  return `${paint(look, tone, `${mark} ${text}`)} in ${formatDuration(tookMs)} · ${id}`
}
