import { marks, paint, type Look } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { counted } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import type { previewQuarantine } from '#operations/quarantine/preview.ts'
import type { quarantineReasons } from '#operations/quarantine/reasons.ts'
import type { z } from 'zod'

type Reasons = z.output<(typeof quarantineReasons)['output']>
type Preview = z.output<(typeof previewQuarantine)['output']>

/** How many rows are held back, and why: one line for each partition. */
export function renderReasons(look: Look, { partitions, next }: Reasons): string[] {
  if (partitions.length === 0) return [`  ${paint(look, 'good', marks.done)} no row is held back`]
  const rows = partitions.map(({ dataset, partition, quarantined, reasons }): Cell[] => [
    dataset,
    partition,
    formatCount(quarantined),
    reasonsText(reasons),
  ])
  const columns = [
    { title: 'source' },
    { title: 'partition', fixed: true },
    { title: 'rows', align: 'right', fixed: true },
    { title: 'reasons' },
  ] as const
  return [...renderTable(look, columns, rows), ...(next ? [`  … and more: --after '${next}'`] : [])]
}

/** What would be read, and the figures that would come of it. */
export function renderPreview(look: Look, preview: Preview): string[] {
  const { dataset, partitions, notRead, effects, endpoints } = preview
  const read = partitions.map(({ partition, before, after, reasons }): Cell[] => [
    partition,
    fromTo(before?.accepted ?? null, after.accepted),
    fromTo(before?.repaired ?? null, after.repaired),
    fromTo(before?.quarantined ?? null, after.quarantined),
    reasonsText(reasons),
  ])
  const figures = effects.flatMap(({ dataset: name, partitions: count, changed, rows, sums }) => {
    const what = changed === null ? 'too many to compute here' : `${changed.length} of ${count}`
    const first: Cell[] = [name, what, rows ? fromTo(rows.before, rows.after) : '', '']
    const others = sums
      .filter(({ before, after }) => before !== after)
      .map(({ column, before, after }): Cell[] => ['', '', `${before ?? '–'} → ${after ?? '–'}`, column]) // prettier-ignore
    return [first, ...others]
  })
  const right = { align: 'right', fixed: true } as const
  return [
    paint(look, 'strong', `${dataset}, if what waits were replayed`),
    ...renderTable(
      look,
      [
        { title: 'partition', fixed: true },
        { title: 'accepted', ...right },
        { title: 'repaired', ...right },
        { title: 'held back', ...right },
        { title: 'still for' },
      ],
      read,
    ),
    ...(notRead > 0 ? [`  … and ${counted(notRead, 'more partition')}: --most`] : []),
    '',
    ...renderTable(
      look,
      [
        { title: 'dataset' },
        { title: 'partitions that change' },
        { title: 'rows, sums', align: 'right' },
        { title: 'of' },
      ],
      figures,
    ),
    ...(endpoints.length > 0 ? ['', `  read by ${endpoints.join(', ')}`] : []),
    `  ${paint(look, 'accent', marks.next)} millrace quarantine replay ${dataset}`,
  ]
}

function reasonsText(reasons: Preview['partitions'][number]['reasons']): string {
  return reasons.map(({ reason, rows }) => `${formatCount(rows)} ${reason}`).join(', ')
}

function fromTo(before: number | null, after: number): string {
  if (before === after) return formatCount(after)
  return `${before === null ? '–' : formatCount(before)} → ${formatCount(after)}`
}
