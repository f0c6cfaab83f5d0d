import { readFile } from 'node:fs/promises'

import { definitionError, type Place } from '#definitions/definition-error.ts'
import { parseEndpointInput, parseLimits, parseParameter } from '#definitions/endpoint-notation.ts'
import type { EndpointDraft, EndpointStatement } from '#definitions/endpoint.ts'
import {
  onlyEntry,
  readColumnEntry,
  requireDescription,
  splitHeader,
  type HeaderEntry,
} from '#definitions/header-entries.ts'
import { parseOrder } from '#definitions/notation.ts'
import type { DefinitionFile } from '#definitions/source.ts'
import { spansOf, statementOf } from '#definitions/sql-text.ts'
import type { EndpointLimits } from '#model/endpoint.ts'

const keys = ['param', 'input', 'order', 'column', 'limit'] as const
const drillKeys = ['input'] as const

export const NO_LIMITS: EndpointLimits = { rows: null, seconds: null, bytes: null }

/** A `.sql` file in `endpoints/`: a header and one SELECT, then, after a line `-- drill`, a second one. */
export async function readSqlEndpoint({
  pack,
  name,
  file,
  path,
}: DefinitionFile): Promise<EndpointDraft> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const drillAt = drillOffset(text, file)
  const head = drillAt === null ? text : text.slice(0, drillAt)
  const { description, entries } = splitHeader(head, file, keys)
  const order = onlyEntry(entries, 'order', file)
  const limit = onlyEntry(entries, 'limit', file)
  const placeOf = ({ line }: HeaderEntry): Place => ({ file, line })
  const parameters = entries
    .filter(({ key }) => key === 'param')
    .map((entry) => ({ ...parseParameter(entry.value, placeOf(entry)), place: placeOf(entry) }))
  refuseTwice(parameters, 'parameter')
  const columns = entries.filter(({ key }) => key === 'column')
  const notes = columns.map((entry) => readColumnEntry(entry, file))
  refuseTwice(
    notes.map((note, index) => ({ ...note, place: { file, line: columns[index]?.line ?? 1 } })),
    'column',
  )
  return {
    pack,
    name,
    file,
    description: requireDescription(description, 'endpoint', file),
    parameters,
    order: order ? parseOrder(order.value, placeOf(order)) : null,
    columns: notes,
    limits: limit ? parseLimits(limit.value, placeOf(limit)) : NO_LIMITS,
    main: statementAt(head, entries, { file, line: 1 }, 'Write one SELECT below the header.'),
    drill: drillAt === null ? null : readDrill(text, drillAt, file),
  }
}

const drillLine = /^--[ \t]*drill[ \t]*$/gm

/** Where the line `-- drill` begins; null where there is none. */
function drillOffset(text: string, file: string): number | null {
  const comments = spansOf(text).filter(({ kind }) => kind === 'comment')
  const lines = [...text.matchAll(drillLine)].filter(({ index }) =>
    comments.some(({ start, end }) => start <= index && index < end),
  )
  const [first, second] = lines
  if (second) {
    throw definitionError(
      { file, line: lineOf(text, second.index) },
      '"-- drill" is there twice',
      'Write one SELECT after the line "-- drill".',
    )
  }
  return first?.index ?? null
}

function readDrill(text: string, drillAt: number, file: string): EndpointStatement {
  const from = text.indexOf('\n', drillAt) + 1
  const tail = from === 0 ? '' : text.slice(from)
  const line = lineOf(text, drillAt) + 1
  const { entries } = splitHeader(tail, file, drillKeys, line)
  return statementAt(tail, entries, { file, line }, 'Write one SELECT below the line "-- drill".')
}

function statementAt(
  text: string,
  entries: readonly HeaderEntry[],
  place: Place,
  wayOut: string,
): EndpointStatement {
  const statement = statementOf(text)
  if (statement === '') throw definitionError(place, 'there is no SQL', wayOut)
  const named = new Map<string, { partitions: string; place: Place }>()
  for (const { key, value, line } of entries) {
    if (key !== 'input') continue
    const at = { file: place.file, line }
    const { dataset, partitions } = parseEndpointInput(value, at)
    if (named.has(dataset)) {
      throw definitionError(at, `input "${dataset}" is said twice`, 'Keep one of the two lines.')
    }
    named.set(dataset, { partitions, place: at })
  }
  return { text: statement, place, named }
}

export function refuseTwice(
  things: readonly { readonly name: string; readonly place: Place }[],
  what: string,
): void {
  const seen = new Set<string>()
  for (const { name, place } of things) {
    if (seen.has(name.toLowerCase())) {
      throw definitionError(place, `${what} "${name}" is there twice`, 'Keep one of the two.')
    }
    seen.add(name.toLowerCase())
  }
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
