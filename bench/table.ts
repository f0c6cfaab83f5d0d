import type { Figure } from './figure.ts'

const headings = ['work', 'Millrace', 'peer', 'ratio', 'hold', ''] as const

/** Prints figures with their columns aligned. */
export function printTable(figures: readonly Figure[]): void {
  const rows = [headings, ...figures.map(cellsOf)]
  const widths = headings.map((_heading, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  console.log(`\n${lines.join('\n')}\n`)
}

function cellsOf({ work, millrace, peer, ratio, hold, held }: Figure): readonly string[] {
  return [work, millrace, peer, ratio, hold, held === null ? '-' : held ? '✓' : '✗']
}
