import { renderBar } from '#cli/render/bar.ts'
import { marks, paint, type Look } from '#cli/render/look.ts'
import { formatBytes } from '#kernel/units.ts'

const BAR_CELLS = 24

/** One line: how much of a file has been written or read. `ofBytes`: null where nobody knows. */
export function renderTransfer(
  look: Look,
  path: string,
  bytes: number,
  ofBytes: number | null,
): string[] {
  if (ofBytes === null) return [`  ${path}  ${paint(look, 'faint', formatBytes(bytes))}`]
  if (bytes >= ofBytes) {
    return [
      `${paint(look, 'good', marks.done)} ${path}  ${paint(look, 'faint', formatBytes(bytes))}`,
    ]
  }
  const bar = renderBar(look, bytes / ofBytes, BAR_CELLS)
  const amount = `${formatBytes(bytes)} of ${formatBytes(ofBytes)}`
  return [`  ${bar} ${amount}  ${paint(look, 'faint', path)}`]
}
