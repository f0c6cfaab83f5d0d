import { marks, paint, type Look } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { harmless } from '#cli/render/text.ts'
import { counted, formatInstant } from '#cli/render/units.ts'
import { formatBytes, formatCount } from '#kernel/units.ts'
import type { OutputOf } from '#operations/operation.ts'
import type { compareReceipts } from '#operations/receipts/compare.ts'
import type { showReceipt } from '#operations/receipts/show.ts'
import type { receiptSources } from '#operations/receipts/sources.ts'

type Shown = OutputOf<(typeof showReceipt)['output']>
type Compared = OutputOf<(typeof compareReceipts)['output']>
type Sources = OutputOf<(typeof receiptSources)['output']>

/** What was asked, what was read, and whether it would be the same now. */
export function renderReceipt(look: Look, receipt: Shown): string[] {
  const { expected, published, missing } = receipt.completeness
  const state = receipt.isCurrent
    ? paint(look, 'good', `${marks.done} the same would be answered now`)
    : paint(look, 'notice', `${marks.warning} something newer is published`)
  const readable = receipt.isReadable
    ? []
    : [`  ${paint(look, 'notice', marks.warning)} rows of then are not kept any more`]
  const lacking =
    published < expected
      ? [
          `  ${paint(look, 'notice', marks.warning)} missing then: ${missing.map(harmless).join(', ')}`,
        ]
      : []
  return [
    `${paint(look, 'strong', harmless(receipt.text))}`,
    `  ${paint(look, 'faint', `commit ${receipt.commit} · as of ${formatInstant(receipt.asOf)} · ${published} of ${counted(expected, 'partition')}`)}`,
    `  ${state}`,
    ...readable,
    ...lacking,
    '',
    ...renderTable(
      look,
      [
        { title: 'read from', fixed: true },
        { title: 'partitions' },
        { title: 'rows', align: 'right', fixed: true },
        { title: 'now', fixed: true },
      ],
      receipt.datasets.map((dataset): Cell[] => [
        { text: dataset.dataset, tone: 'strong' },
        dataset.partitions === 1 ? dataset.first : spanOf(dataset),
        formatCount(dataset.rows),
        dataset.replaced === 0
          ? { text: 'as then', tone: 'good' }
          : { text: `${formatCount(dataset.replaced)} replaced`, tone: 'notice' },
      ]),
    ),
    '',
    paint(look, 'faint', `  its objects: millrace receipts sources ${receipt.receipt}`),
  ]
}

function spanOf({ partitions, first, last }: Shown['datasets'][number]): string {
  return `${formatCount(partitions)}: ${first} … ${last}`
}

export function renderReceiptSources(look: Look, { sources, next, isComplete }: Sources): string[] {
  if (sources.length === 0) return ['  It was read from nothing that came from outside.']
  const table = renderTable(
    look,
    [
      { title: 'source', fixed: true },
      { title: 'partition', fixed: true },
      { title: 'object' },
      { title: 'size', align: 'right', fixed: true },
      { title: 'received', align: 'right', fixed: true },
      { title: 'held back', align: 'right', fixed: true },
      { title: 'sha256', fixed: true },
    ],
    sources.map((source): Cell[] => [
      { text: source.dataset, tone: 'strong' },
      source.partition,
      source.location,
      formatBytes(source.sizeBytes),
      formatCount(source.received),
      source.quarantined > 0
        ? { text: formatCount(source.quarantined), tone: 'notice' }
        : { text: '0', tone: 'faint' },
      source.sha256.slice(0, 12),
    ]),
  )
  return [
    ...table,
    ...(next === null ? [] : ['', paint(look, 'faint', `  go on with --after ${next}`)]),
    ...(isComplete ? [] : ['', '  It leads back to more versions than are followed.']),
  ]
}

const tones = { code: 'info', 'rows-erased': 'held', 'rows-fixed': 'good' } as const

/** Why a number changed: causes first, then what they changed. */
export function renderComparison(look: Look, compared: Compared): string[] {
  const { before, after, asked, same, changes, changesAll, causes } = compared
  const lines = [
    paint(look, 'strong', harmless(before)),
    ...(before === after ? [] : [`${marks.next} ${harmless(after)}`]),
    ...(asked.length === 0
      ? []
      : [`  ${paint(look, 'notice', marks.warning)} asked differently: ${asked.join(', ')}`]),
  ]
  if (changesAll === 0) {
    return [...lines, `  ${paint(look, 'good', marks.done)} both were read from the same rows`]
  }
  const why = causes.map((cause): Cell[] => [
    { text: cause.kind, tone: tones[cause.kind as keyof typeof tones] ?? 'accent' },
    cause.dataset,
    cause.partition ?? 'all',
    cause.text,
    rowsText(cause),
  ])
  const what = changes.map((change): Cell[] => [
    change.change,
    change.dataset,
    change.partition,
    rowsText(change),
  ])
  const more = changesAll - changes.length
  return [
    ...lines,
    `  ${paint(look, 'faint', `${counted(changesAll, 'partition differs', 'partitions differ')}, ${formatCount(same)} do not`)}`,
    '',
    paint(look, 'strong', 'Why'),
    ...renderTable(
      look,
      [
        { title: 'cause', fixed: true },
        { title: 'dataset', fixed: true },
        { title: 'partition', fixed: true },
        { title: 'what happened' },
        { title: 'rows', align: 'right', fixed: true },
      ],
      why,
    ),
    '',
    paint(look, 'strong', 'What it changed'),
    ...renderTable(
      look,
      [
        { title: 'change', fixed: true },
        { title: 'dataset', fixed: true },
        { title: 'partition' },
        { title: 'rows', align: 'right', fixed: true },
      ],
      what,
    ),
    ...(more > 0 ? [paint(look, 'faint', `  and ${formatCount(more)} more`)] : []),
    ...(compared.isComplete ? [] : ['', '  They lead back to more versions than are followed.']),
  ]
}

function rowsText(change: { rowsBefore: number | null; rowsAfter: number | null }): string {
  const { rowsBefore, rowsAfter } = change
  if (rowsBefore === null && rowsAfter === null) return ''
  const text = (rows: number | null) => (rows === null ? '–' : formatCount(rows))
  return rowsBefore === rowsAfter
    ? text(rowsAfter)
    : `${text(rowsBefore)} ${marks.next} ${text(rowsAfter)}`
}
