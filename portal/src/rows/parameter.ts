/** A parameter of an endpoint or a saved query, as the server tells it. */
export interface Parameter {
  readonly name: string
  /** A type of column, or `period`. */
  readonly type: string
  readonly description: string
  /** Null: it must be given. */
  readonly default: string | null
  readonly choices: readonly string[] | null
  readonly min: string | null
  readonly max: string | null
}

/** What is wrong with a value, as the key of a text; null: nothing that can be told here. */
export type ParameterProblem =
  | 'needed'
  | 'whole'
  | 'number'
  | 'date'
  | 'time'
  | 'period'
  | 'choice'
  | 'least'
  | 'most'

const shapes: Readonly<Record<string, readonly [RegExp, ParameterProblem]>> = {
  integer: [/^[+-]?\d{1,40}$/, 'whole'],
  bigint: [/^[+-]?\d{1,40}$/, 'whole'],
  double: [/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i, 'number'],
  decimal: [/^[+-]?(\d+(\.\d*)?|\.\d+)$/, 'number'],
  date: [/^\d{4}-\d\d-\d\d$/, 'date'],
  timestamp: [/^\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$/, 'time'],
  period: [/^(latest|\d{4}(-(\d\d|W\d\d|Q\d)(-\d\d([T-]\d\d)?)?)?)$/, 'period'],
}

export function kindOf(type: string): string {
  return type.startsWith('decimal') ? 'decimal' : type
}

export const isNumber = (type: string): boolean =>
  ['integer', 'bigint', 'double', 'decimal'].includes(kindOf(type))

/** The server judges again: this is for telling early. An empty value is the default. */
export function problemOf(parameter: Parameter, value: string): ParameterProblem | null {
  if (value === '') return parameter.default === null ? 'needed' : null
  const { choices, min, max, type } = parameter
  if (choices !== null && !choices.includes(value)) return 'choice'
  const [shape, problem] = shapes[kindOf(type)] ?? []
  if (shape && problem && !shape.test(value)) return problem
  if (value === 'latest') return null
  if (min !== null && isBefore(type, value, min)) return 'least'
  if (max !== null && isBefore(type, max, value)) return 'most'
  return null
}

function isBefore(type: string, a: string, b: string): boolean {
  return isNumber(type) ? Number(a) < Number(b) : a < b
}

/** What is sent: values that differ from nothing; the defaults are the server's. */
export function givenOf(
  parameters: readonly Parameter[],
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    parameters.flatMap(({ name }) => {
      const value = values[name] ?? ''
      return value === '' ? [] : [[name, value]]
    }),
  )
}

export function isWhole(
  parameters: readonly Parameter[],
  values: Readonly<Record<string, string>>,
): boolean {
  return parameters.every((one) => problemOf(one, values[one.name] ?? '') === null)
}
