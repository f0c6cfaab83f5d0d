import type { SecretPlace } from '#secrets/secret-place.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** A secret in a stored object, in place of its text. */
export interface SealedField {
  readonly $secret: string
}

type Fields = Readonly<Record<string, unknown>>

export function isSealedField(value: unknown): value is SealedField {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$secret' in value &&
    typeof value.$secret === 'string'
  )
}

/** The object with the texts of these fields sealed; what is sealed already stays as it is. */
export function sealFields(
  secrets: Secrets,
  fields: Fields,
  names: readonly string[],
  placeOf: (name: string) => SecretPlace,
): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) =>
      names.includes(name) && typeof value === 'string'
        ? [name, { $secret: secrets.seal(value, placeOf(name)) } satisfies SealedField]
        : [name, value],
    ),
  )
}

/** The object with its sealed fields opened. */
export function openFields(
  secrets: Secrets,
  fields: Fields,
  placeOf: (name: string) => SecretPlace,
): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSealedField(value) ? secrets.open(value.$secret, placeOf(name)) : value,
    ]),
  )
}
