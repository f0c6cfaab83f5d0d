import { definitionError, type Place } from '#definitions/definition-error.ts'
import {
  parseCheck,
  parseColumnType,
  parseFreshness,
  parseMapping,
  parseOrder,
  refuseUnknownKey,
  type NamedMapping,
} from '#definitions/notation.ts'
import type { ColumnNote } from '#model/column.ts'
import { parsePartitioning } from '#definitions/partition-notation.ts'
import type { Check, Partitioning } from '#model/definition.ts'

/** What the leading comment of a `.sql` analysis says. */
export interface SqlHeader {
  readonly description: string
  readonly partitioning: Partitioning
  /** Mappings that the author names, by dataset. */
  readonly mappings: ReadonlyMap<string, NamedMapping & { readonly place: Place }>
  readonly checks: readonly (Check & { readonly line: number })[]
  readonly order?: string
  readonly freshnessMs?: number
  readonly volatile: boolean
  readonly columns: readonly ColumnNote[]
}

const keys = ['partition', 'input', 'check', 'order', 'freshness', 'volatile', 'column'] as const
type Key = (typeof keys)[number]

interface Entry {
  readonly key: Key
  value: string
  readonly line: number
}

/**
 * The header is the run of `--` lines at the top of the file: first the description, then
 * `key: value` lines; a line that is indented by two spaces or more goes on with the one above.
 */
export function readSqlHeader(text: string, file: string): SqlHeader {
  const { description, entries } = splitHeader(text, file)
  const only = (key: Key) => {
    const [first, second] = entries.filter((entry) => entry.key === key)
    if (second) {
      throw definitionError(
        { file, line: second.line },
        `"${key}" is said twice, in line ${first?.line} too`,
        'Keep one of the two lines.',
      )
    }
    return first
  }
  const partition = only('partition')
  if (!partition) {
    throw definitionError(
      { file, line: 1 },
      'the header does not say how the dataset is cut',
      'Add a line such as "-- partition: month" to the comment at the top (none: not cut).',
    )
  }
  const order = only('order')
  const freshness = only('freshness')
  const volatile = only('volatile')
  if (volatile && volatile.value !== '' && volatile.value !== 'true') {
    throw definitionError(
      { file, line: volatile.line },
      `volatile: "${volatile.value}" is not a value of this key`,
      'Write "-- volatile: true", or leave the line out.',
    )
  }
  return {
    description: requireDescription(description, file),
    partitioning: parsePartitioning(partition.value, { file, line: partition.line }),
    mappings: readMappings(entries, file),
    checks: readChecks(entries, file),
    ...(order && { order: parseOrder(order.value, { file, line: order.line }) }),
    ...(freshness && {
      freshnessMs: parseFreshness(freshness.value, { file, line: freshness.line }),
    }),
    volatile: volatile !== undefined,
    columns: entries.filter(({ key }) => key === 'column').map((entry) => readColumn(entry, file)),
  }
}

function splitHeader(text: string, file: string): { description: string; entries: Entry[] } {
  const description: string[] = []
  const entries: Entry[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const comment = /^\s*--(.*?)\s*$/.exec(line)?.[1]
    if (comment === undefined) {
      if (line.trim() === '' && entries.length === 0 && description.length === 0) continue
      break
    }
    const place = { file, line: index + 1 }
    const [, word, value = ''] = /^\s?([a-z][a-z-]*):(?:\s+(.*))?$/.exec(comment) ?? []
    const key = keys.find((candidate) => candidate === word)
    const bare = /^\s?volatile$/.test(comment)
    const last = entries.at(-1)
    if (bare) entries.push({ key: 'volatile', value: '', line: place.line })
    else if (key) entries.push({ key, value: value.trim(), line: place.line })
    else if (last && /^\s{2,}\S/.test(comment)) last.value += ` ${comment.trim()}`
    else if (word !== undefined) refuseUnknownKey(word, keys, place)
    else if (last && comment.trim() !== '') {
      throw definitionError(
        place,
        `"${comment.trim()}" follows the first key without one of its own`,
        'Put the description above the keys, or indent the line by two spaces to go on with the one above.',
      )
    } else if (!last) description.push(comment.trim())
  }
  return { description: description.join(' ').replace(/\s+/g, ' ').trim(), entries }
}

function requireDescription(description: string, file: string): string {
  if (description !== '') return description
  throw definitionError(
    { file, line: 1 },
    'the analysis has no description',
    'Begin the file with a comment that says what its rows are.',
  )
}

function readMappings(entries: readonly Entry[], file: string): SqlHeader['mappings'] {
  const mappings = new Map<string, NamedMapping & { place: Place }>()
  for (const { key, value, line } of entries) {
    if (key !== 'input') continue
    const place = { file, line }
    const [, dataset, mapping] = /^(\w+)\s+(.+)$/.exec(value) ?? []
    if (!dataset || !mapping) {
      throw definitionError(
        place,
        `input: "${value}" names no dataset with its mapping`,
        'Write the dataset and how it is read: input: events observed',
      )
    }
    if (mappings.has(dataset.toLowerCase())) {
      throw definitionError(place, `input "${dataset}" is said twice`, 'Keep one of the two lines.')
    }
    mappings.set(dataset.toLowerCase(), { ...parseMapping(mapping, place), place })
  }
  return mappings
}

function readChecks(entries: readonly Entry[], file: string): SqlHeader['checks'] {
  const names = new Set<string>()
  return entries
    .filter(({ key }) => key === 'check')
    .map(({ value, line }) => {
      const check = parseCheck(value, { file, line })
      if (names.has(check.name)) {
        throw definitionError(
          { file, line },
          `check "${check.name}" is there twice`,
          'Give each check its own name.',
        )
      }
      names.add(check.name)
      return { ...check, line }
    })
}

function readColumn({ value, line }: Entry, file: string): ColumnNote {
  const parts =
    /^(?<name>\w+)(?:\s+(?<type>[a-z]\S*))?\s+(?:—|–|-)\s+(?<description>.*?)(?:\s*\[unit\s+(?<unit>[^\]]+)\]|\s*\[subject(?:\s+(?<subject>[a-z][a-z0-9_]{0,40}))?\])?$/.exec(
      value,
    )?.groups
  if (!parts?.['name'] || !parts['description']) {
    throw definitionError(
      { file, line },
      `column: "${value}" does not describe a column`,
      'Write its name, its type if it has to be known, a dash and what it means: column: size integer — length of the answer [unit bytes]',
    )
  }
  return {
    name: parts['name'].toLowerCase(),
    description: parts['description'],
    ...(parts['type'] && { type: parseColumnType(parts['type'], { file, line }) }),
    ...(parts['unit'] && { unit: parts['unit'].trim() }),
    ...(/\[subject[^\]]*\]$/.test(value) && { subject: parts['subject'] ?? true }),
  }
}
