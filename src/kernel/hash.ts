import { hash } from 'node:crypto'

/** SHA-256 of a text (UTF-8) or of bytes, in lower-case hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data)
}

/** JSON with the keys of every object in code-unit order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  // Put in order first: a replacer would cost many times as much.
  return JSON.stringify(inOrder(value))
}

function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(inOrder)
  if ('toJSON' in value && typeof value.toJSON === 'function') return inOrder(value.toJSON())
  const names = Object.keys(value).toSorted()
  return Object.fromEntries(
    names.map((name) => [name, inOrder((value as Record<string, unknown>)[name])]),
  )
}
