/** Types that a parameter of a query may have. */
export const parameterTypes = [
  'text',
  'integer',
  'double',
  'decimal(18,2)',
  'boolean',
  'date',
  'timestamp',
] as const

/**
 * `$name` in SQL, each once, in their order; what stands in texts, quoted names and comments is none. The
 * server decides; this is for drawing a field in time.
 */
export function placeholdersIn(sql: string): string[] {
  const plain = sql.replace(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\$)[\s\S]*?\$\$/g,
    ' ',
  )
  const names = [...plain.matchAll(/\$([a-z_][a-z0-9_]*)/gi)].map(([, name = '']) =>
    name.toLowerCase(),
  )
  return [...new Set(names)]
}

/** What is sent of a value: typed, so that the server knows what was meant. */
export function typedValue(
  type: string,
  value: string,
): { readonly type: string; readonly value: string | null } {
  return { type, value: value === '' ? null : value }
}

/** The text with something put in at a place, and where one goes on writing. */
export function inserted(
  text: string,
  at: { readonly from: number; readonly to: number },
  piece: string,
): { readonly text: string; readonly at: number } {
  const before = text.slice(0, at.from)
  const space = before === '' || /[\s(,.]$/.test(before) ? '' : ' '
  const head = before + space + piece
  return { text: head + text.slice(at.to), at: head.length }
}

/** A name as SQL takes it. */
export function sqlName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
