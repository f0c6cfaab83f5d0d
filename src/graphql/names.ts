/** `saved-queries.list` → `savedQueriesList`; the same words as REST and the command line have. */
export function fieldName(operation: string): string {
  const [resource = '', verb = ''] = operation.split('.')
  if (verb === 'list') return camel(resource)
  if (verb === 'show' || verb === 'get') return camel(singular(resource))
  return camel(`${resource}-${verb}`)
}

export function camel(text: string): string {
  return text.replace(/[-_.]+(\w)/g, (_whole, letter: string) => letter.toUpperCase())
}

export function pascal(text: string): string {
  const name = camel(text)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

/** Of the plurals that are here: `queries` → `query`, `receipts` → `receipt`, `status` stays. */
export function singular(text: string): string {
  if (/(ss|us|is)$/.test(text)) return text
  if (text.endsWith('ies')) return `${text.slice(0, -3)}y`
  return text.endsWith('s') ? text.slice(0, -1) : text
}

/** `not-null` → `NOT_NULL`; null for a value that GraphQL has no name for. */
export function enumName(value: string): string | null {
  const name = value.replace(/[-. ]/g, '_').toUpperCase()
  const isName = /^[A-Z_][A-Z0-9_]*$/.test(name) && !name.startsWith('__')
  return isName && !['TRUE', 'FALSE', 'NULL'].includes(name) ? name : null
}
