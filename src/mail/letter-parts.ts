import type { Letter, LetterImage, LetterTable } from '#mail/letter.ts'
import { escapeHtml, oneLine } from '#mail/mail-text.ts'

// Styles stand at the elements, for many programs for mail drop all others.

const CELL_MAX = 60
const GREY = 'color:#5b6472;font-size:13px'

export function figureHtml({ value, label }: NonNullable<Letter['figure']>): string {
  return [
    '<div style="margin:24px 0">',
    `<div style="font-size:40px;font-weight:700;line-height:1.15">${escapeHtml(oneLine(value))}</div>`,
    `<div style="${GREY}">${escapeHtml(oneLine(label))}</div></div>`,
  ].join('')
}

/** Scales down where there is less room than the picture is wide. */
export function imageHtml({ alt, width, height }: LetterImage, cid: string): string {
  const text = escapeHtml(oneLine(alt, 300))
  const place = `width="${width}" height="${height}"`
  return `<img src="cid:${cid}" alt="${text}" ${place} style="border:1px solid #e2e5ea;border-radius:6px;box-sizing:border-box;display:block;height:auto;margin:24px 0;max-width:100%">`
}

export function tableHtml({ columns, rows, note }: LetterTable): string {
  const cell = (tag: 'th' | 'td', text: string, at: number) => {
    const side = columns[at]?.isNumber ? 'right' : 'left'
    const look =
      tag === 'th'
        ? `border-bottom:2px solid #c9ced6;${GREY};font-weight:600;padding:6px 8px`
        : 'border-bottom:1px solid #e2e5ea;padding:6px 8px'
    return `<${tag} style="${look};text-align:${side};vertical-align:top">${escapeHtml(oneLine(text, CELL_MAX))}</${tag}>`
  }
  const line = (tag: 'th' | 'td', texts: readonly string[]) =>
    `<tr>${texts.map((text, at) => cell(tag, text, at)).join('')}</tr>`
  const names = columns.map(({ name }) => name)
  return [
    '<div style="margin:24px 0 16px;overflow-x:auto">',
    '<table style="border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums;width:100%">',
    `<thead>${line('th', names)}</thead>`,
    `<tbody>${rows.map((row) => line('td', row)).join('')}</tbody></table>`,
    ...(note === ''
      ? []
      : [`<p style="${GREY};margin:6px 8px 0">${escapeHtml(oneLine(note))}</p>`]),
    '</div>',
  ].join('\n')
}

/** Columns under each other, for readers of plain text. */
export function tableText({ columns, rows, note }: LetterTable): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) =>
    row.map((text) => oneLine(text, CELL_MAX)),
  )
  const widths = columns.map((_, at) => Math.max(...lines.map((row) => row[at]?.length ?? 0)))
  const drawn = lines.map((row) =>
    row
      .map((text, at) => {
        const width = widths[at] ?? 0
        return columns[at]?.isNumber ? text.padStart(width) : text.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
  return [...drawn, ...(note === '' ? [] : [note])].join('\n')
}
