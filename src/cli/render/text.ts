import { stripVTControlCharacters } from 'node:util'

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const zero = /\p{Mn}|\p{Me}|[\u200b-\u200d]|\p{Variation_Selector}/u
const printable = /^[\x20-\x7e]*$/

/** Cells that a text takes in a terminal; colour codes take none. */
export function widthOf(text: string): number {
  if (printable.test(text)) return text.length
  let width = 0
  for (const character of stripVTControlCharacters(text)) {
    width += zero.test(character) ? 0 : wide.test(character) ? 2 : 1
  }
  return width
}

/** Cut to so many cells with `…` at the end; for text without colour codes. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width < 1) return ''
  let kept = ''
  let used = 0
  for (const character of text) {
    const cells = widthOf(character)
    if (used + cells > width - 1) break
    kept += character
    used += cells
  }
  return `${kept}…`
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text
}

/**
 * Data in a form that cannot steer the terminal: control characters become pictures (`␛`), and
 * characters that turn the direction of text or break lines are shown by their code.
 */
export function harmless(text: string): string {
  if (printable.test(text)) return text
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu,
    (character) => {
      const code = character.codePointAt(0) ?? 0
      if (code < 0x20) return String.fromCodePoint(0x2400 + code)
      if (code === 0x7f) return '␡'
      return `‹${code.toString(16).padStart(4, '0')}›`
    },
  )
}

/** Words over lines of at most `width` cells; the first line begins with `first`, the others with `rest`. */
export function wrap(text: string, width: number, first = '', rest = first): string[] {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(/\s+/)) {
    if (!empty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}
