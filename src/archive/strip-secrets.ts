import { sealedBy } from '#secrets/secrets.ts'

/** A row without its secrets, and where they were: `options.secretAccessKey`. */
export interface Stripped {
  readonly line: string
  readonly fields: readonly string[]
}

/**
 * Sealed text opens in no other deployment, and open secrets do not travel: both are taken out of the
 * row, wherever they lie. A row without any comes back as it was.
 */
export function stripSecrets(line: string, secretFields: readonly string[] = []): Stripped {
  const mayHold =
    line.includes('enc:v1:') || secretFields.some((name) => line.includes(`"${name}"`))
  if (!mayHold) return { line, fields: [] }
  const fields: string[] = []
  const stripped = strip(JSON.parse(line), [])
  return { line: JSON.stringify(stripped ?? {}), fields }

  function strip(value: unknown, path: readonly string[]): unknown {
    const name = path.at(-1) ?? ''
    const isSecret =
      (typeof value === 'string' && sealedBy(value) !== null) || secretFields.includes(name)
    if (isSecret) {
      fields.push(path.join('.'))
      return undefined
    }
    if (Array.isArray(value)) return value.map((inner, at) => strip(inner, [...path, String(at)]))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]) => [key, strip(inner, [...path, key])] as const)
        .filter(([, inner]) => inner !== undefined),
    )
  }
}
