import fc from 'fast-check'

import type { JsonSchema } from '#operations/openapi/json-schema.ts'

/** Ids of things that are there, by what a field names. */
export type Known = ReadonlyMap<string, string>

/** Values that a schema takes, as far as it tells; existing things where a field names some. */
export function fitting(schema: JsonSchema, known: Known, name = ''): fc.Arbitrary<unknown> {
  // Nobody waits for a fuzzer.
  if (name === 'waitMs') return fc.integer({ min: 0, max: 20 })
  const there = known.get(schema['x-names'] ?? '')
  if (there !== undefined) {
    const value = schema.type === 'integer' ? Number(there) : there
    return fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, typed(schema, known))
  }
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const options = schema.anyOf ?? schema.oneOf
  if (options) return fc.oneof(...options.map((option) => fitting(option, known)))
  return typed(schema, known)
}

function typed(schema: JsonSchema, known: Known): fc.Arbitrary<unknown> {
  const { type, items, properties, required = [] } = schema
  if (typeof type === 'object') {
    return fc.oneof(...type.map((one) => typed({ ...schema, type: one }, known)))
  }
  switch (type) {
    case 'string':
      return text(schema)
    case 'integer':
      return whole(schema)
    case 'number':
      return fc.oneof(
        whole(schema),
        fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true }),
      )
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const minLength = schema.minItems ?? 0
      const maxLength = Math.max(minLength, Math.min(schema.maxItems ?? 3, 3))
      return fc.array(fitting(items ?? {}, known), { minLength, maxLength })
    }
    case 'object': {
      if (properties) {
        const fields = Object.entries(properties).map(
          ([name, inner]) => [name, fitting(inner, known, name)] as const,
        )
        return fc.record(Object.fromEntries(fields), {
          requiredKeys: required.filter((name) => name in properties),
        })
      }
      const { additionalProperties } = schema
      const inner = typeof additionalProperties === 'object' ? additionalProperties : {}
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), fitting(inner, known), {
        maxKeys: 3,
      })
    }
    case undefined:
    default:
      return fc.jsonValue()
  }
}

function whole({ minimum = -1000, maximum = 1e9 }: JsonSchema): fc.Arbitrary<number> {
  const [min, max] = [Math.ceil(minimum), Math.floor(Math.max(minimum, maximum))]
  return fc.oneof(fc.constant(min), fc.constant(max), fc.integer({ min, max }))
}

const words = ['2021-04', 'last', 'probe', 'a,b', '0', 'null']

function text({
  format,
  pattern,
  minLength = 0,
  maxLength = 60,
}: JsonSchema): fc.Arbitrary<string> {
  if (format === 'date-time') {
    const span = { min: new Date('1990-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }
    return fc.date(span).map((date) => date.toISOString())
  }
  if (format === 'email') return fc.emailAddress()
  if (format === 'uri') return fc.webUrl()
  const length = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) }
  if (pattern !== undefined) {
    try {
      return fc.stringMatching(new RegExp(pattern, 'u'), { maxLength: length.maxLength })
    } catch {
      // A form that fast-check cannot make: any text will do, and is refused.
    }
  }
  const fits = words.filter((word) => word.length >= minLength && word.length <= maxLength)
  const any = fc.string({ ...length, unit: 'grapheme' })
  return fits.length === 0 ? any : fc.oneof(any, fc.constantFrom(...fits))
}

/** What somebody sends who does not know better, or does. */
const hostile: readonly unknown[] = [
  null,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '../../../etc/passwd',
  "'; DROP TABLE run; --",
  '%00%ff%',
  'x'.repeat(20_000),
  '😀'.repeat(200),
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  true,
  [],
  {},
  [[[[]]]],
  { $ne: null },
  '9'.repeat(400),
  'NaN',
  '1e999',
]

/** An input with one thing wrong, or one thing odd. */
export function unfitting(
  fields: readonly string[],
  base: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> {
  const value = fc.oneof(fc.constantFrom(...hostile), fc.jsonValue())
  const place = fc.constantFrom(...fields, 'unknownField', '__proto__', 'tenant')
  return fc
    .tuple(base, place, fc.option(value, { nil: undefined, freq: 5 }))
    .map(([input, name, odd]) => {
      const { [name]: _, ...rest } = input
      return odd === undefined ? rest : { ...rest, [name]: odd }
    })
}
