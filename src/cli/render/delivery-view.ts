import { renderBar } from '#cli/render/bar.ts'
import { marks, paint, type Look } from '#cli/render/look.ts'
import { renderTable, type TableColumn } from '#cli/render/table.ts'
import { formatBytes, formatCount } from '#kernel/units.ts'
import type { DeliveryData } from '#operations/deliveries/delivery-data.ts'

const BAR_CELLS = 24

/** A delivery that is under way in one line; one that has ended with what to do next. */
export function renderDelivery(look: Look, delivery: DeliveryData): string[] {
  const { id, title, format, state, progress, error } = delivery
  const name = `${title}.${format}`
  const faint = (text: string) => paint(look, 'faint', text)
  switch (state) {
    case 'queued':
      return [`  ${name}  ${faint(`queued · ${id}`)}`]
    case 'running': {
      if (progress === null) return [`  ${name}  ${faint(`reading · ${id}`)}`]
      const { rows, bytes, rowsExpected, step } = progress
      const amount = `${step === 'reading' ? 'reading' : 'handing over'}  ${formatBytes(bytes)}`
      if (rows === 0 || rowsExpected === null) return [`  ${name}  ${amount}  ${faint(id)}`]
      const bar = renderBar(look, rows / Math.max(1, rowsExpected), BAR_CELLS)
      return [`  ${bar} ${amount}  ${name}  ${faint(id)}`]
    }
    case 'ready': {
      const { rows, sizeBytes, expiresAt, link, receipt } = delivery
      const until = expiresAt === null ? '' : ` · until ${expiresAt.slice(0, 16).replace('T', ' ')}`
      return [
        `${paint(look, 'good', marks.done)} ${name}  ${formatCount(rows ?? 0)} rows, ${formatBytes(sizeBytes ?? 0)}`,
        `  ${faint(`receipt ${receipt}${until}`)}`,
        `  fetch it: millrace deliveries file ${id} --to ${name}`,
        ...(link === null ? [] : [`  or by its link: ${link}`]),
      ]
    }
    case 'failed':
      return [
        `${paint(look, 'bad', marks.failed)} ${name}  ${error?.message ?? 'failed'}`,
        ...(error === null ? [] : [`  → ${error.remedy}`]),
      ]
    case 'cancelled':
    case 'expired':
    case 'erased':
      return [`  ${name}  ${state}  ${faint(id)}`]
  }
}

export function renderDeliveries(
  look: Look,
  {
    deliveries,
    next,
  }: { readonly deliveries: readonly DeliveryData[]; readonly next: string | null },
): string[] {
  if (deliveries.length === 0) return ['no deliveries']
  const rows = deliveries.map((one) => [
    one.id,
    one.state,
    `${one.title}.${one.format}`,
    one.rows === null ? '' : formatCount(one.rows),
    one.sizeBytes === null ? '' : formatBytes(one.sizeBytes),
    one.createdAt.slice(0, 16).replace('T', ' '),
    one.expiresAt === null ? '' : one.expiresAt.slice(0, 16).replace('T', ' '),
  ])
  const columns: readonly TableColumn[] = [
    { title: 'delivery', fixed: true },
    { title: 'state' },
    { title: 'file' },
    { title: 'rows', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'asked', tone: 'faint' },
    { title: 'until', tone: 'faint' },
  ]
  const more = next === null ? [] : [`  more: --after ${next}`]
  return [...renderTable(look, columns, rows), ...more]
}
