/**
 * Names of the columns at the beginning of a file: the first record of CSV, the keys of the first
 * object of JSON. Null: the text ends before they do, or is none of that. It is a look, no reading:
 * what is published goes through the engine, which judges every record.
 */
export function firstFields(text: string, format: 'csv' | 'ndjson' | 'json'): string[] | null {
  const begun = text.replace(/^\ufeff/, '')
  return format === 'csv' ? firstRecord(begun) : firstKeys(begun)
}

function firstRecord(text: string): string[] | null {
  const fields: string[] = []
  let field = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string
    if (isQuoted) {
      if (letter !== '"') field += letter
      else if (text[at + 1] === '"') field += text[++at]
      else isQuoted = false
    } else if (letter === '"' && field === '') isQuoted = true
    else if (letter === ',') {
      fields.push(field.trim())
      field = ''
    } else if (letter === '\n' || letter === '\r') {
      return [...fields, field.trim()]
    } else field += letter
  }
  return null
}

function firstKeys(text: string): string[] | null {
  const start = text.indexOf('{')
  if (start < 0) return null
  let depth = 0
  let isText = false
  for (let at = start; at < text.length; at++) {
    const letter = text[at]
    if (isText) {
      if (letter === '\\') at++
      else if (letter === '"') isText = false
    } else if (letter === '"') isText = true
    else if (letter === '{') depth++
    else if (letter === '}' && --depth === 0) return keysOf(text.slice(start, at + 1))
  }
  return null
}

function keysOf(text: string): string[] | null {
  try {
    return Object.keys(JSON.parse(text) as object)
  } catch {
    return null
  }
}
