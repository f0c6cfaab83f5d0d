import { grains, isKeyOf } from '#model/partition-key.ts'
import type { EndpointParameter } from '#model/endpoint.ts'

/** The default of a period that stands for the newest one that is published. */
export const LATEST = 'latest'

/** Why a text cannot be the value of a parameter, as the end of a sentence; null: it can. */
export function parameterProblem(
  { type, choices, min, max }: Pick<EndpointParameter, 'type' | 'choices' | 'min' | 'max'>,
  text: string,
): string | null {
  if (type === 'period' && text === LATEST) return null
  const problem = typeProblem(type, text)
  if (problem !== null) return problem
  if (choices !== null && !choices.includes(text)) return `it is none of ${choices.join(', ')}`
  if (min !== null && compareValues(type, text, min) < 0) return `it is below ${min}`
  if (max !== null && compareValues(type, text, max) > 0) return `it is above ${max}`
  return null
}

/** Types whose values have an order that `min` and `max` can speak of. */
export function isOrdered(type: EndpointParameter['type']): boolean {
  return !['text', 'boolean', 'text[]'].includes(type)
}

/** Negative, zero or positive; of two values that their type can read. */
export function compareValues(type: EndpointParameter['type'], a: string, b: string): number {
  if (type === 'integer') return compare(BigInt(a), BigInt(b))
  if (type === 'double') return Number(a) - Number(b)
  if (type.startsWith('decimal')) return compare(unscaled(a), unscaled(b))
  return compare(a.replace('T', ' '), b.replace('T', ' '))
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const DECIMALS = 38

/** A decimal as an integer, so that no digit is lost. */
function unscaled(text: string): bigint {
  const [whole = '0', digits = ''] = text.split('.')
  return BigInt(whole + digits.padEnd(DECIMALS, '0'))
}

const INTEGER_MAX = 2n ** 63n

function typeProblem(type: EndpointParameter['type'], text: string): string | null {
  switch (type) {
    case 'text':
      return text.includes('\0') ? 'it holds a NUL' : null
    case 'integer': {
      const isWhole = /^-?\d{1,19}$/.test(text)
      if (!isWhole) return 'it is no whole number'
      const value = BigInt(text)
      return value < -INTEGER_MAX || value >= INTEGER_MAX ? 'it is beyond 64 bits' : null
    }
    case 'double':
      return /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
        ? null
        : 'it is no number'
    case 'boolean':
      return text === 'true' || text === 'false' ? null : 'it is neither true nor false'
    case 'date':
      return isDate(text) ? null : 'it is no date such as 2021-04-17'
    case 'timestamp': {
      const [date = '', time, ...more] = text.split(/[T ]/)
      const isTime =
        time === undefined || /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/.test(time)
      return isDate(date) && isTime && more.length === 0
        ? null
        : 'it is no time such as 2021-04-17T05:00:00'
    }
    case 'period':
      return grains.some((grain) => grain !== 'none' && isKeyOf(text, grain))
        ? null
        : 'it is no period such as 2021, 2021-04 or 2021-04-17'
    case 'text[]':
      return 'lists are no values of parameters'
    default:
      return decimalProblem(type, text)
  }
}

function isDate(text: string): boolean {
  return isKeyOf(text, 'day')
}

function decimalProblem(type: string, text: string): string | null {
  const [, width, scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? []
  const [, whole, digits = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined) return 'it is no number'
  if (digits.length > Number(scale)) return `it has more than ${scale} digits behind the point`
  const room = Number(width) - Number(scale)
  return whole.replace(/^0+/, '').length > room ? `it has more than ${room} digits` : null
}

const placeholder = /\$([a-z_][a-z0-9_]*)/g

/** Names of the parameters in a selector (`$from..$to`), each once. */
export function parametersIn(selector: string): string[] {
  return [...new Set([...selector.matchAll(placeholder)].map(([, name = '']) => name))]
}

/** The selector with its parameters' values; one that `valueOf` does not know stays as it is. */
export function fillSelector(
  selector: string,
  valueOf: (name: string) => string | null | undefined,
): string {
  return selector.replace(placeholder, (whole, name: string) => valueOf(name) ?? whole)
}
