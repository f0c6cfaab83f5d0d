import { drawnKinds, type DrawnKind } from '~/charts/choose-chart.ts'
import { operators, whereOf, type Condition } from '~/rows/conditions.ts'

export interface Subject {
  readonly kind: 'endpoint' | 'dataset'
  readonly name: string
}

/** What is asked of rows: everything that the address keeps of it. */
export interface Question {
  readonly subject: Subject
  /** Of a dataset; null: all. */
  readonly partition: string | null
  /** Of an endpoint. */
  readonly parameters: Readonly<Record<string, string>>
  readonly where: readonly Condition[]
  /** Null: all columns. */
  readonly select: readonly string[] | null
  readonly sort: { readonly column: string; readonly descending: boolean } | null
  readonly asOf: string | null
}

/** What of a chart somebody has chosen; the rest follows from the columns. */
export interface ChartWish {
  readonly kind: DrawnKind | null
  readonly x: string | null
  readonly y: string | null
  /** `-`: not split, even where it would be by itself. */
  readonly series: string | null
}

/** `before`: the state before the last change; else what `as_of` takes. */
export type Compare = string | null

type Address = Readonly<Record<string, string>>

const PARAMETER = 'p.'

/** Null: nothing is chosen yet. What cannot be read of an address is left out. */
export function questionOf(address: Address): Question | null {
  const subject = subjectOf(address)
  if (subject === null) return null
  const parameters = Object.fromEntries(
    Object.entries(address).flatMap(([name, value]) =>
      name.startsWith(PARAMETER) ? [[name.slice(PARAMETER.length), value]] : [],
    ),
  )
  const sort = address['sort']
  const select = listOf(address['columns'])
  return {
    subject,
    partition: subject.kind === 'dataset' ? (address['partition'] ?? null) : null,
    parameters: subject.kind === 'endpoint' ? parameters : {},
    where: conditionsOf(address['where']),
    select: select.length > 0 ? select : null,
    sort: sort ? { column: sort.replace(/^-/, ''), descending: sort.startsWith('-') } : null,
    asOf: address['as_of'] ?? null,
  }
}

function subjectOf({ endpoint, dataset }: Address): Subject | null {
  if (endpoint) return { kind: 'endpoint', name: endpoint }
  return dataset ? { kind: 'dataset', name: dataset } : null
}

export function chartOf({ chart, x, y, series }: Address): ChartWish {
  return {
    kind: drawnKinds.find((kind) => kind === chart) ?? null,
    x: x ?? null,
    y: y ?? null,
    series: series ?? null,
  }
}

/** The part of the address that changes with a question's conditions. */
export function whereText(where: readonly Condition[]): string | undefined {
  return where.length === 0
    ? undefined
    : JSON.stringify(where.map(({ column, op, value }) => [column, op, value]))
}

export function columnsText(select: readonly string[] | null): string | undefined {
  return select === null ? undefined : JSON.stringify(select)
}

export function sortText(sort: Question['sort']): string | undefined {
  return sort === null ? undefined : `${sort.descending ? '-' : ''}${sort.column}`
}

export const parameterKey = (name: string): string => `${PARAMETER}${name}`

/** What is sent: conditions as `where.` takes them. */
export function inputOf(question: Question) {
  const { subject, partition, parameters, where, select, sort, asOf } = question
  const sorted = sortText(sort)
  return {
    ...(subject.kind === 'endpoint' ? { endpoint: subject.name } : { dataset: subject.name }),
    ...(partition !== null && { partition }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
    ...(where.length > 0 && { where: whereOf(where) }),
    ...(select !== null && { select: [...select] }),
    ...(sorted !== undefined && { sort: [sorted] }),
    ...(asOf !== null && { asOf }),
  }
}

export type RowsInput = ReturnType<typeof inputOf>

function listOf(text: string | undefined): string[] {
  const given = jsonOf(text)
  return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : []
}

function conditionsOf(text: string | undefined): Condition[] {
  const given = jsonOf(text)
  if (!Array.isArray(given)) return []
  return given.flatMap((one: unknown) => {
    if (!Array.isArray(one)) return []
    const [column, named, value] = one as unknown[]
    const op = operators.find((known) => known === named)
    const isRead = typeof column === 'string' && typeof value === 'string' && op !== undefined
    return isRead ? [{ column, op, value }] : []
  })
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text)
  } catch {
    return null
  }
}
