import { cellForms } from '#engine/convert/timestamp-text.ts'
import type { CellForm } from '#engine/convert/timestamp-text.ts'

const APOSTROPHE = 39
const BACKSLASH = 92

/**
 * A Python list of strings as `repr` writes it. *plain*, which SQL takes apart: empty; single-quoted
 * items, one comma and one space between them; or, with a double quote somewhere, any list; all
 * without escapes. Every other readable list has to be rewritten (see `parsePythonList`).
 */
export function pythonListForm(bytes: Uint8Array, start: number, end: number): CellForm {
  if (bytes[start] === 91 && bytes[end - 1] === 93) {
    if (end - start === 2) return cellForms.plain
    const last = end - 1
    let i = start + 1
    while (bytes[i] === APOSTROPHE) {
      let byte = bytes[++i]
      while (byte !== APOSTROPHE && byte !== BACKSLASH && i < last) byte = bytes[++i]
      if (byte !== APOSTROPHE || i >= last) break
      if (++i === last) return cellForms.plain
      if (bytes[i] !== 44 || bytes[i + 1] !== 32) break
      i += 2
    }
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
  if (!parsePythonList(text)) return cellForms.unreadable
  return text.includes('"') && !text.includes('\\') ? cellForms.plain : cellForms.rewrite
}

/** A list of strings in the form that `pythonListSql` reads besides the plain ones. */
export function rewritePythonList(text: string): string {
  return `j${JSON.stringify(parsePythonList(text) ?? [])}`
}

/** The items of a plain or rewritten list, from an SQL expression that is its text. */
export function pythonListSql(text: string): string {
  const items = `regexp_extract_all(${text}, '''[^'']*''|"[^"]*"')`
  return `CASE WHEN starts_with(${text}, 'j') THEN ${text}[2:]::JSON::VARCHAR[] WHEN contains(${text}, '"') THEN list_transform(${items}, lambda item: item[2:-2]) WHEN ${text} = '[]' THEN []::VARCHAR[] ELSE string_split(${text}[3:-3], ''', ''') END`
}

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  t: '\t',
  r: '\r',
}

const escapeDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/**
 * Items of a Python literal that is a list of strings, or null where it is none. Items are single-
 * or double-quoted, with the escapes `\\ \' \" \n \t \r \xhh \uhhhh \Uhhhhhhhh`; spaces around
 * items and one comma after the last are allowed. `None`, numbers, nested lists, prefixes (`b''`),
 * unknown escapes, NUL and lone surrogates are not strings that a text column can hold: null.
 */
export function parsePythonList(text: string): string[] | null {
  const items: string[] = []
  let i = skipSpaces(text, 0)
  if (text[i] !== '[') return null
  i = skipSpaces(text, i + 1)
  while (text[i] !== ']') {
    const quote = text[i]
    if (quote !== "'" && quote !== '"') return null
    let item = ''
    for (i++; text[i] !== quote;) {
      const char = text[i]
      if (char === undefined) return null
      if (char !== '\\') {
        item += char
        i++
        continue
      }
      const kind = text[i + 1] ?? ''
      const digits = escapeDigits[kind]
      const plain = escapes[kind]
      if (plain !== undefined) {
        item += plain
        i += 2
      } else if (digits !== undefined) {
        const code = codePoint(text.slice(i + 2, i + 2 + digits), digits)
        if (code === null) return null
        item += code
        i += 2 + digits
      } else return null
    }
    if (item.includes('\0')) return null
    items.push(item)
    i = skipSpaces(text, i + 1)
    if (text[i] === ',') i = skipSpaces(text, i + 1)
    else if (text[i] !== ']') return null
  }
  return skipSpaces(text, i + 1) === text.length ? items : null
}

function codePoint(hex: string, digits: number): string | null {
  if (hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex)) return null
  const code = Number.parseInt(hex, 16)
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code > 0x10ffff || isSurrogate ? null : String.fromCodePoint(code)
}

function skipSpaces(text: string, from: number): number {
  let i = from
  while (text[i] === ' ' || text[i] === '\t' || text[i] === '\n' || text[i] === '\r') i++
  return i
}
