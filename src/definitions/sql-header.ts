import { definitionError, type Place } from '#definitions/definition-error.ts'
import {
  onlyEntry,
  readColumnEntry,
  requireDescription,
  splitHeader,
  type HeaderEntry,
} from '#definitions/header-entries.ts'
import {
  parseCheck,
  parseFreshness,
  parseMapping,
  parseOrder,
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
type Entry = HeaderEntry<(typeof keys)[number]>

/**
 * The header is the run of `--` lines at the top of the file: first the description, then
 * `key: value` lines; a line that is indented by two spaces or more goes on with the one above.
 */
export function readSqlHeader(text: string, file: string): SqlHeader {
  const { description, entries } = splitHeader(text, file, keys)
  const only = (key: (typeof keys)[number]) => onlyEntry(entries, key, file)
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
    description: requireDescription(description, 'analysis', file),
    partitioning: parsePartitioning(partition.value, { file, line: partition.line }),
    mappings: readMappings(entries, file),
    checks: readChecks(entries, file),
    ...(order && { order: parseOrder(order.value, { file, line: order.line }) }),
    ...(freshness && {
      freshnessMs: parseFreshness(freshness.value, { file, line: freshness.line }),
    }),
    volatile: volatile !== undefined,
    columns: entries
      .filter(({ key }) => key === 'column')
      .map((entry) => readColumnEntry(entry, file)),
  }
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
