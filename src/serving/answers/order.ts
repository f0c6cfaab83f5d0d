import { spansOf } from '#definitions/sql-text.ts'
import { identifier } from '#engine/sql-text.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { columnOf } from '#serving/answers/columns.ts'
import { isScalar } from '#serving/answers/condition-sql.ts'
import type { SortBy } from '#serving/question.ts'

export interface OrderTerm {
  readonly column: string
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/**
 * The order of an answer's rows, which is total: rows that its terms do not tell apart are ordered by
 * all their columns, and then they are equal. `natural` rows come as they lie in immutable files, or
 * as the author's own statement orders them.
 */
export type Order =
  | { readonly kind: 'natural' }
  | { readonly kind: 'terms'; readonly terms: readonly OrderTerm[] }
  /** An author's expressions, which no cursor can hold values of. */
  | { readonly kind: 'expressions'; readonly text: string }

/** `ORDER BY …`; empty for rows that come in their order by themselves. */
export function orderSql(order: Order, columns: readonly ResultColumn[]): string {
  if (order.kind === 'natural') return ''
  const named = order.kind === 'terms' ? order.terms.map(({ column }) => column) : []
  const rest = columns.filter(({ name }) => !named.includes(name))
  const terms = [
    ...(order.kind === 'terms' ? order.terms.map(termSql) : [order.text]),
    ...rest.map(({ name }) => `${identifier(name)} NULLS LAST`),
  ]
  return `ORDER BY ${terms.join(', ')}`
}

function termSql({ column, descending, nullsFirst }: OrderTerm): string {
  return `${identifier(column)} ${descending ? 'DESC' : 'ASC'} NULLS ${nullsFirst ? 'FIRST' : 'LAST'}`
}

/** What whoever asks wants; throws `column-unknown`. */
export function sortOrder(
  subject: string,
  columns: readonly ResultColumn[],
  sort: readonly SortBy[],
): Order {
  const terms = new Map<string, OrderTerm>()
  for (const { column, descending } of sort) {
    const { name } = columnOf(subject, columns, column)
    if (!terms.has(name)) terms.set(name, { column: name, descending, nullsFirst: false })
  }
  return { kind: 'terms', terms: [...terms.values()] }
}

/**
 * An author's order, `events desc, company`, behind `first`. An order that needs a column which is not
 * there (for whoever asks) would show it: then the rows are in that of what is there.
 */
export function authorOrder(
  text: string,
  columns: readonly ResultColumn[],
  { first, someHidden }: { readonly first: readonly string[]; readonly someHidden: boolean },
): Order {
  const leading = first.map((column) => ({ column, descending: false, nullsFirst: false }))
  const terms = splitTerms(text).map((term) => parseTerm(term, columns))
  if (terms.every((term) => term !== null)) {
    return { kind: 'terms', terms: [...leading, ...terms] }
  }
  if (someHidden) return { kind: 'terms', terms: leading }
  return { kind: 'expressions', text: [...first.map(identifier), text].join(', ') }
}

/**
 * The order of a statement whose author gives none beside it: that of its own outermost ORDER BY, else
 * that of its columns, for the engine gives rows of a GROUP BY in a new order each time.
 */
export function statementOrder(sql: string, columns: readonly ResultColumn[]): Order {
  const text = outermostOrder(sql)
  if (text === null) return { kind: 'terms', terms: [] }
  const terms = splitTerms(text).map((term) => parseTerm(term, columns))
  return terms.every((term) => term !== null) ? { kind: 'terms', terms } : { kind: 'natural' }
}

/** True where a cursor can hold the values of the last row that was given. */
export function isKeyed(order: Order, columns: readonly ResultColumn[]): boolean {
  if (order.kind !== 'terms') return false
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  return order.terms.every(({ column }) => isScalar(types.get(column) ?? ''))
}

const TERM =
  /^\s*(?:"(?<quoted>(?:[^"]|"")+)"|(?<plain>[A-Za-z_]\w*)|(?<place>\d+))\s*(?<way>asc|desc)?\s*(?:nulls\s+(?<nulls>first|last))?\s*$/i

function parseTerm(text: string, columns: readonly ResultColumn[]): OrderTerm | null {
  const { quoted, plain, place, way, nulls } = TERM.exec(text)?.groups ?? {}
  const name = quoted?.replaceAll('""', '"') ?? plain
  const column =
    place === undefined
      ? columns.find((candidate) => candidate.name.toLowerCase() === name?.toLowerCase())
      : columns[Number(place) - 1]
  if (!column) return null
  return {
    column: column.name,
    descending: way?.toLowerCase() === 'desc',
    nullsFirst: nulls?.toLowerCase() === 'first',
  }
}

function splitTerms(text: string): string[] {
  const terms = ['']
  for (const { code, depth, isCode } of charactersOf(text)) {
    if (isCode && depth === 0 && code === ',') terms.push('')
    else terms[terms.length - 1] += code
  }
  return terms
}

/** Behind the last ORDER BY that stands in no parentheses, up to LIMIT or OFFSET. */
function outermostOrder(sql: string): string | null {
  let outer = ''
  for (const { code, depth, isCode } of charactersOf(sql)) {
    outer += depth === 0 || !isCode ? code : code === '\n' ? code : '\0'
  }
  const bare = maskText(outer)
  const begin = [...bare.matchAll(/\border\s+by\b/gi)].at(-1)
  if (!begin) return null
  const from = begin.index + begin[0].length
  const end = /\b(limit|offset|union|intersect|except)\b/i.exec(bare.slice(from))?.index
  if (end !== undefined && /^(union|intersect|except)/i.test(bare.slice(from + end))) return null
  return outer.slice(from, end === undefined ? undefined : from + end).replace(/[;\s]+$/, '')
}

/** Of the same length, without what stands in quotes. */
function maskText(sql: string): string {
  return spansOf(sql)
    .map(({ kind, start, end }) => {
      const part = sql.slice(start, end)
      return kind === 'code' ? part : ' '.repeat(part.length)
    })
    .join('')
}

function* charactersOf(
  sql: string,
): Generator<{ readonly code: string; readonly depth: number; readonly isCode: boolean }> {
  let depth = 0
  for (const { kind, start, end } of spansOf(sql)) {
    if (kind === 'comment') {
      yield { code: ' ', depth, isCode: true }
      continue
    }
    for (const code of sql.slice(start, end)) {
      if (kind === 'code' && (code === ')' || code === ']')) depth--
      yield {
        code,
        depth: kind === 'code' && (code === '(' || code === '[') ? depth + 1 : depth,
        isCode: kind === 'code',
      }
      if (kind === 'code' && (code === '(' || code === '[')) depth++
    }
  }
}
