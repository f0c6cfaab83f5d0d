/** A type of the engine, taken apart: `STRUCT(a INTEGER, b VARCHAR[])`. */
export type EngineType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list'; readonly item: EngineType }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] }

export interface StructField {
  readonly name: string
  readonly type: EngineType
}

/** Reads the text that DESCRIBE gives. A fixed-size array is read as a list. */
export function parseEngineType(text: string): EngineType {
  const list = /\[\d*\]$/.exec(text)
  if (list) return { kind: 'list', item: parseEngineType(text.slice(0, list.index)) }
  if (text.startsWith('STRUCT(') && text.endsWith(')')) {
    return { kind: 'struct', fields: splitFields(text.slice('STRUCT('.length, -1)).map(parseField) }
  }
  return { kind: 'scalar', name: text }
}

function parseField(text: string): StructField {
  const quoted = /^"((?:[^"]|"")*)"\s+/.exec(text)
  if (quoted) {
    const name = (quoted[1] ?? '').replaceAll('""', '"')
    return { name, type: parseEngineType(text.slice(quoted[0].length)) }
  }
  const gap = text.indexOf(' ')
  return { name: text.slice(0, gap), type: parseEngineType(text.slice(gap + 1)) }
}

/** Splits at the commas that stand outside of parentheses and quotes. */
function splitFields(text: string): string[] {
  const fields: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '"') quoted = !quoted
    else if (quoted) continue
    else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === ',' && depth === 0) {
      fields.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  fields.push(text.slice(start).trim())
  return fields
}
