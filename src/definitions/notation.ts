import { definitionError, suggestion, type Place } from '#definitions/definition-error.ts'
import { parseDuration } from '#kernel/duration.ts'
import { columnTypes, type ColumnType } from '#model/column.ts'
import type { Check, Input, Mapping } from '#model/definition.ts'
import type { Severity } from '#model/severity.ts'

/** The short texts that SQL headers and TypeScript declarations share: mappings, orders, checks. */

const namePattern = /^[a-z][a-z0-9_]*$/

export function parseName(text: string, what: string, place: Place): string {
  if (namePattern.test(text) && text.length <= 63) return text
  throw definitionError(
    place,
    `"${text}" cannot name a ${what}`,
    'Names begin with a lower-case letter and go on with lower-case letters, digits and _ (at most 63).',
  )
}

export function parseColumnType(text: string, place: Place): ColumnType {
  if (text in columnTypes || /^decimal\(\d+,\d+\)$/.test(text)) return text as ColumnType
  throw definitionError(
    place,
    `"${text}" is not a type of a column`,
    `Write one of ${Object.keys(columnTypes).join(', ')}, decimal(18,2).`,
  )
}

const plainMappings = ['same', 'roll-up', 'observed', 'previous', 'through', 'all'] as const

/** How an input is read; `whole` after the mapping: across all keys and shards. */
export type NamedMapping = Omit<Input, 'dataset'>

export function parseMapping(text: string, place: Place): NamedMapping {
  const [, written = '', whole] = /^(.*?)(\s+whole)?$/s.exec(text) ?? []
  const mapping = plainMapping(written)
  if (mapping) return { mapping, ...(whole !== undefined && { whole: true }) }
  throw definitionError(
    place,
    `"${text}" is not a mapping`,
    `Write one of ${plainMappings.join(', ')}, or "lookback N" with N periods; "whole" after it reads all keys and shards of those periods.`,
  )
}

function plainMapping(text: string): Mapping | null {
  const plain = plainMappings.find((kind) => kind === text)
  if (plain) return { kind: plain }
  const lookback = /^lookback\s+(\d{1,4})$/.exec(text)
  if (lookback && Number(lookback[1]) > 0) return { kind: 'lookback', periods: Number(lookback[1]) }
  return null
}

export function mappingText({ mapping, whole }: NamedMapping): string {
  const text = mapping.kind === 'lookback' ? `lookback ${mapping.periods}` : mapping.kind
  return whole ? `${text} whole` : text
}

const orderItem =
  /^(?<name>[A-Za-z_]\w*|"(?:[^"]|"")+")(?:\s+(?<direction>asc|desc))?(?:\s+nulls\s+(?<nulls>first|last))?$/i

/** `events desc, email`: columns of the result, normalised so that equal orders are equal texts. */
/** `26h`, `40d`: how old a dataset may get, in milliseconds. */
export function parseFreshness(text: string, place: Place): number {
  const ms = parseDuration(text.trim())
  if (ms !== null && ms >= 1000) return ms
  throw definitionError(
    place,
    `freshness: "${text.trim()}" is no time`,
    'Say how old its newest period may get, counted from its end: freshness: 26h',
  )
}

export function parseOrder(text: string, place: Place): string {
  const items = text.split(',').map((item) => {
    const parts = orderItem.exec(item.trim())?.groups
    if (!parts?.['name']) {
      throw definitionError(
        place,
        `"${item.trim()}" is not a column to order by`,
        'Write columns of the result, each with desc or nulls last where wanted: order: events desc, email',
      )
    }
    const name = parts['name'].startsWith('"') ? parts['name'] : parts['name'].toLowerCase()
    const direction = parts['direction']?.toLowerCase() === 'desc' ? ' desc' : ''
    const nulls = parts['nulls'] ? ` nulls ${parts['nulls'].toLowerCase()}` : ''
    return name + direction + nulls
  })
  return items.join(', ')
}

/** `<name>: [blocking|warning] not null a, b | unique a, b | each <expression> | all <expression>`. */
export function parseCheck(text: string, place: Place): Check {
  const parts =
    /^(?<name>[a-z][a-z0-9_]*)\s*:?\s+(?:(?<severity>blocking|warning)\s+)?(?<kind>not null|unique|each|all)\s+(?<rule>[^]+)$/.exec(
      text.trim(),
    )?.groups
  const { name, kind, rule } = parts ?? {}
  if (!name || !kind || !rule) {
    throw definitionError(
      place,
      `"${text}" is not a check`,
      'Write a name, a severity and a rule, for instance: check: known_users blocking not null email | unique day, email | each events > 0 | all count(*) > 0',
    )
  }
  const severity: Severity = parts?.['severity'] === 'warning' ? 'warning' : 'blocking'
  if (kind === 'each' || kind === 'all') return { name, severity, kind, expression: rule.trim() }
  const columns = rule.split(',').map((column) => column.trim())
  const odd = columns.find((column) => !/^[A-Za-z_]\w*$/.test(column))
  if (odd !== undefined) {
    throw definitionError(
      place,
      `check ${name}: "${odd}" is not the name of a column`,
      `Write columns with commas between them: ${kind} a, b`,
    )
  }
  return { name, severity, kind: kind === 'unique' ? 'unique' : 'not-null', columns }
}

export function refuseUnknownKey(key: string, known: readonly string[], place: Place): never {
  throw definitionError(place, `"${key}" is not a key of a header`, suggestion(key, known))
}
