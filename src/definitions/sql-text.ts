/** Parts of a SQL text by what their characters mean; offsets are UTF-16, `end` is exclusive. */
export interface SqlSpan {
  readonly kind: 'code' | 'string' | 'quoted-name' | 'comment'
  readonly start: number
  readonly end: number
}

// A run of code ends where a string, a quoted name or a comment begins.
const opening = /--|\/\*|'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g

/** Splits a text the way DuckDB's lexer does: nested comments, E'…' escapes, $tag$ quotes. */
export function spansOf(text: string): SqlSpan[] {
  const spans: SqlSpan[] = []
  let at = 0
  while (at < text.length) {
    opening.lastIndex = at
    const match = opening.exec(text)
    const start = match?.index ?? text.length
    if (start > at) spans.push({ kind: 'code', start: at, end: start })
    if (!match) break
    const end = endOfSpan(text, start, match[0])
    const kind =
      match[0] === '"' ? 'quoted-name' : /^(--|\/\*)/.test(match[0]) ? 'comment' : 'string'
    spans.push({ kind, start, end })
    at = end
  }
  return spans
}

function endOfSpan(text: string, start: number, opener: string): number {
  if (opener === '--') return indexOrEnd(text, '\n', start)
  if (opener === '/*') return endOfBlockComment(text, start)
  if (opener === '"') return endOfQuoted(text, start, '"', false)
  if (opener === "'")
    return endOfQuoted(
      text,
      start,
      "'",
      /[^\w]e$|^e$/i.test(text.slice(Math.max(0, start - 2), start)),
    )
  const close = text.indexOf(opener, start + opener.length)
  return close < 0 ? text.length : close + opener.length
}

function endOfQuoted(text: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1
      at++
    }
  }
  return text.length
}

function endOfBlockComment(text: string, start: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(text); mark; mark = marks.exec(text)) {
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.index + 2
  }
  return text.length
}

function indexOrEnd(text: string, needle: string, from: number): number {
  const at = text.indexOf(needle, from)
  return at < 0 ? text.length : at
}

/**
 * The statement as it is parsed and run: unquoted words in lower case (DuckDB keeps their case in
 * the names of result columns, and `AS N` must not differ from `as n`), quoted names and strings as
 * they are, a closing semicolon and what follows it cut off. Every character keeps its offset, so
 * that positions and lines in messages are the file's own.
 */
export function statementOf(text: string): string {
  let statement = ''
  let end = 0
  for (const span of spansOf(text)) {
    const part = text.slice(span.start, span.end)
    statement +=
      span.kind === 'code' ? part.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : part
    const said = span.kind === 'code' ? part.replace(/[;\s]+$/, '') : part
    if (span.kind !== 'comment' && said !== '') end = span.start + said.length
  }
  return statement.slice(0, end)
}

/** Line (from 1) of an offset in UTF-8 bytes, in which DuckDB's trees count. */
export function lineAtByte(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().split('\n').length
}

/** Line (from 1) of an offset in code points, in which the errors of DuckDB's parser count. */
export function lineAtCharacter(text: string, characters: number): number {
  return Array.from(text).slice(0, characters).join('').split('\n').length
}
