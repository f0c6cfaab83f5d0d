import { paint, type Look, type Tone } from '#cli/render/look.ts'
import { cut, harmless, padEnd, padStart, widthOf } from '#cli/render/text.ts'

export interface TableColumn {
  readonly title: string
  /** Numbers stand right. */
  readonly align?: 'left' | 'right'
  readonly tone?: Tone
  /** Kept as wide as its content as long as others can give way. */
  readonly fixed?: boolean
}

/** A cell's text, or with a tone of its own. Texts are made harmless here. */
export type Cell = string | { readonly text: string; readonly tone: Tone }

const GAP = 2
const NARROWEST = 4

/** Aligned lines within the look's width: the widest columns give way first, cut with `…`. */
export function renderTable(
  look: Look,
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  indent = 2,
): string[] {
  const texts = rows.map((row) => row.map((cell) => harmless(textOf(cell))))
  const natural = columns.map((column, at) =>
    Math.max(widthOf(column.title), ...texts.map((row) => widthOf(row[at] ?? ''))),
  )
  const widths = fit(natural, columns, look.width - indent - GAP * (columns.length - 1))
  const last = columns.length - 1
  const fitted = (text: string, at: number) => {
    const short = cut(text, widths[at] ?? 0)
    if (columns[at]?.align === 'right') return padStart(short, widths[at] ?? 0)
    return at === last ? short : padEnd(short, widths[at] ?? 0)
  }
  const lineOf = (parts: readonly string[]) =>
    (' '.repeat(indent) + parts.join(' '.repeat(GAP))).trimEnd()
  const hasTitles = columns.some(({ title }) => title !== '')
  const head = columns.map(({ title }, at) => paint(look, 'faint', fitted(title, at)))
  const body = rows.map((row, line) =>
    lineOf(
      columns.map((column, at) => {
        const cell = row[at] ?? ''
        const tone = typeof cell === 'string' ? column.tone : cell.tone
        const text = fitted(texts[line]?.[at] ?? '', at)
        return tone ? paint(look, tone, text) : text
      }),
    ),
  )
  return hasTitles ? [lineOf(head), ...body] : body
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

/** Takes what is too much from the widest column, again and again; fixed columns give last. */
function fit(natural: readonly number[], columns: readonly TableColumn[], room: number): number[] {
  const widths = [...natural]
  let excess = widths.reduce((sum, width) => sum + width, 0) - room
  for (const takeFixed of [false, true]) {
    while (excess > 0) {
      let widest = -1
      for (const [at, width] of widths.entries()) {
        const mayGive = (takeFixed || !columns[at]?.fixed) && width > NARROWEST
        if (mayGive && (widest < 0 || width > (widths[widest] ?? 0))) widest = at
      }
      if (widest < 0) break
      widths[widest] = (widths[widest] ?? 0) - 1
      excess--
    }
  }
  return widths
}
