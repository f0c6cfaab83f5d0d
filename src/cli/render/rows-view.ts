import type { Look } from '#cli/render/look.ts'
import { paint } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'

const CELL_CHARACTERS = 200

/** Rows in NDJSON as a table; numbers keep every digit that stands in the text. */
export function renderRows(look: Look, ndjson: string): string[] {
  const rows = ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map(parseRow)
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (rows.length === 0) return [paint(look, 'faint', '  no rows')]
  const columns = names.map((name) => {
    const values = rows
      .map((row) => row[name])
      .filter((value) => value !== null && value !== undefined)
    const numeric = values.length > 0 && values.every((value) => value instanceof ExactNumber)
    return { title: name, align: numeric ? 'right' : 'left' } as const
  })
  const cells = rows.map((row) => names.map((name): Cell => cellOf(row[name])))
  return renderTable(look, columns, cells)
}

/** A number as it is written, beyond the digits that a double holds. */
class ExactNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): number {
    return Number(this.text)
  }
}

function parseRow(line: string): Record<string, unknown> {
  return JSON.parse(line, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' ? new ExactNumber(context?.source ?? String(value)) : value,
  ) as Record<string, unknown>
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return { text: '∅', tone: 'faint' }
  if (typeof value === 'string') return value.slice(0, CELL_CHARACTERS)
  if (value instanceof ExactNumber) return value.text
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.join(', ').slice(0, CELL_CHARACTERS)
  }
  return JSON.stringify(value).slice(0, CELL_CHARACTERS)
}
